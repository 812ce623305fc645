import Glibc

/// A flat detector panel across the beam behind the sample: pixels, distances, and what does not count.
///
/// Pixel ids run from `firstPixel` along the rows: `firstPixel + y * width + x`. Lengths are in metres.
public struct PanelGeometry: Sendable, Equatable {
    /// Pixels in a row.
    public var width = 256
    /// Rows.
    public var height = 256
    /// The id of the pixel at x = 0, y = 0.
    public var firstPixel: Int32 = 1
    /// The side of a square pixel.
    public var pixelSizeMetres = 0.004
    /// From the moderator to the sample (L1).
    public var moderatorToSampleMetres = 16.0
    /// From the sample to the middle of the panel (L2).
    public var sampleToPanelMetres = 1.0
    /// Pixels nearer to the beam than this see only the beam stop.
    public var beamStopRadiusMetres = 0.06
    /// Columns (x) whose tube gives no counts.
    public var deadTubes: Set<Int> = [37, 38, 180]

    /// The panel of the demonstration instrument.
    public init() {}

    /// How many pixels there are, dead ones included.
    public var pixelCount: Int { width * height }

    /// Most pixels that a panel may have.
    public static let pixelCountMaximum = 1 << 22

    /// Whether a pixel gives counts.
    public func isLive(x: Int, y: Int) -> Bool {
        !deadTubes.contains(x) && distanceFromBeam(x: x, y: y) >= beamStopRadiusMetres
    }

    /// The distance of a pixel's middle from the beam axis, in metres.
    public func distanceFromBeam(x: Int, y: Int) -> Double {
        let right = (Double(x) + 0.5 - Double(width) / 2) * pixelSizeMetres
        let up = (Double(y) + 0.5 - Double(height) / 2) * pixelSizeMetres
        return (right * right + up * up).squareRoot()
    }

    /// The scattering angle 2θ of a pixel, in radians.
    public func twoTheta(x: Int, y: Int) -> Double { atan2(distanceFromBeam(x: x, y: y), sampleToPanelMetres) }

    /// The flight path from the moderator to a pixel, in metres.
    public func flightPath(x: Int, y: Int) -> Double {
        let radius = distanceFromBeam(x: x, y: y)
        return moderatorToSampleMetres
            + (radius * radius + sampleToPanelMetres * sampleToPanelMetres).squareRoot()
    }

    func validate() throws(EventSourceError) {
        func require(_ condition: Bool, _ text: String) throws(EventSourceError) {
            if !condition { throw .invalidConfiguration(text) }
        }
        try require(width > 0 && height > 0, "the panel's width and height must be at least 1 pixel")
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        try require(
            !overflow && count <= Self.pixelCountMaximum,
            "the panel has more than \(Self.pixelCountMaximum) pixels: make width or height smaller")
        try require(firstPixel >= 0, "the first pixel id must not be negative")
        try require(pixelSizeMetres > 0 && pixelSizeMetres.isFinite, "the pixel size must be more than 0 m")
        try require(
            moderatorToSampleMetres > 0 && sampleToPanelMetres > 0 && moderatorToSampleMetres < 1000
                && sampleToPanelMetres < 1000, "distances must lie between 0 and 1000 m")
        let anyLive = (0..<height).contains { y in (0..<width).contains { x in isLive(x: x, y: y) } }
        try require(anyLive, "beam stop and dead tubes leave no pixel of the panel that counts")
    }
}
