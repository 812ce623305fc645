/// The pixels of a detector as a picture: pixel `firstID + x + y * width` is column `x` of row `y`.
public struct DetectorGrid: Sendable, Equatable {
    /// The identifier of the first pixel.
    public let firstID: Int32
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// The most pixels that a map may have.
    public static let countMax = 1 << 24

    /// A grid of at least one pixel and at most `countMax`.
    public init(firstID: Int32 = 1, width: Int = 256, height: Int = 256) {
        precondition(width >= 1 && height >= 1 && width <= Self.countMax / height, "a map has 1 to 2^24 pixels")
        self.firstID = firstID
        self.width = width
        self.height = height
    }

    /// Number of pixels.
    public var count: Int { width * height }
}
