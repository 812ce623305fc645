/// Equal bins of time of flight: bin `i` takes `low + i * width ..< low + (i + 1) * width`; the last edge is outside.
public struct TimeOfFlightAxis: Sendable, Equatable {
    /// The first edge in ns.
    public let lowNanoseconds: Int32
    /// The last edge in ns, the first time that is outside.
    public let highNanoseconds: Int32
    /// Number of bins.
    public let count: Int
    /// The most bins that an axis may have.
    public static let countMax = 1 << 20

    /// Bins between two edges. At least one bin, at most one a nanosecond, and at most `countMax`.
    public init(lowNanoseconds: Int32 = 0, highNanoseconds: Int32 = 30_000_000, count: Int = 1000) {
        precondition(lowNanoseconds < highNanoseconds, "the axis must have a positive length")
        precondition(count >= 1 && count <= Self.countMax, "the axis must have 1 to \(Self.countMax) bins")
        precondition(
            count < Int(highNanoseconds) - Int(lowNanoseconds), "a bin must be wider than a nanosecond")
        self.lowNanoseconds = lowNanoseconds
        self.highNanoseconds = highNanoseconds
        self.count = count
    }

    /// The whole length in ns.
    public var spanNanoseconds: UInt64 { UInt64(Int64(highNanoseconds) - Int64(lowNanoseconds)) }

    /// The `count` + 1 edges in ns.
    public var edges: [Double] {
        (0...count).map { Double(lowNanoseconds) + Double($0) * Double(spanNanoseconds) / Double(count) }
    }

    /// What a distance from the first edge is multiplied with so that the bin is the upper half of the product:
    /// `ceil(count * 2^64 / span)`. The error stays below `span / 2^64`, less than the `1 / span` between two exact
    /// quotients, so every event falls into its own bin.
    var multiplier: UInt64 {
        let (quotient, remainder) = spanNanoseconds.dividingFullWidth((UInt64(count), 0))
        return remainder == 0 ? quotient : quotient + 1
    }
}
