/// A time as EPICS counts it: from 1990-01-01 00:00 UTC.
public struct EPICSTimestamp: Sendable, Equatable {
    /// Seconds from the Unix epoch to that of EPICS.
    static let epochSeconds: Int64 = 631_152_000

    static let definition = StructureDefinition(
        "epicsTimeStamp", [("secPastEpoch", .int32), ("nsec", .int32)],
        nanoseconds: { numbers in (numbers[0] + epochSeconds) * 1_000_000_000 + numbers[1] })

    /// Seconds since 1990-01-01 00:00 UTC.
    public var secondsPastEpoch: Int32
    /// Nanoseconds on top.
    public var nanoseconds: Int32

    /// A time; nanoseconds below 10^9.
    public init(secondsPastEpoch: Int32, nanoseconds: Int32) {
        self.secondsPastEpoch = secondsPastEpoch
        self.nanoseconds = nanoseconds
    }

    /// The struct's bytes.
    var bytes: [UInt8] {
        [secondsPastEpoch, nanoseconds].withUnsafeBytes { Array($0) }
    }
}
