/// A powder: its reflections, and how it scatters otherwise.
public struct PowderSample: Sendable, Equatable {
    /// A family of lattice planes.
    public struct Reflection: Sendable, Equatable {
        /// The distance of the planes, in ångström.
        public var spacing: Double
        /// Multiplicity times the square of the structure factor, in arbitrary units.
        public var strength: Double

        /// A reflection of this spacing and strength.
        public init(spacing: Double, strength: Double) {
            self.spacing = spacing
            self.strength = strength
        }
    }

    /// The reflections, at most `reflectionCountMaximum`.
    public var reflections: [Reflection]
    /// Standard deviation of a peak's time of flight as a share of it.
    public var relativeResolution = 0.004
    /// The time constant of a peak's slow side, from the moderator's decay, in nanoseconds.
    public var decayNanoseconds = 12_000.0
    /// The share of events scattered incoherently: the same into all directions, with the beam's own spectrum.
    public var incoherentShare = 0.16
    /// The share of fast neutrons and air scatter, strongest near the beam and early in the frame (1/t).
    public var airShare = 0.08
    /// The share that comes at any time, everywhere.
    public var ambientShare = 0.05

    /// Most reflections that a sample may have.
    public static let reflectionCountMaximum = 64

    /// Silicon (a = 5.431 Å) in its first seven reflections.
    public static let silicon = PowderSample(reflections: [
        Reflection(spacing: 3.1356, strength: 256), Reflection(spacing: 1.9201, strength: 768),
        Reflection(spacing: 1.6375, strength: 768), Reflection(spacing: 1.3578, strength: 384),
        Reflection(spacing: 1.2459, strength: 768), Reflection(spacing: 1.1086, strength: 1536),
        Reflection(spacing: 1.0452, strength: 1024),
    ])

    /// A sample with these reflections and the usual background.
    public init(reflections: [Reflection]) { self.reflections = reflections }

    /// The share of events in Bragg peaks.
    public var braggShare: Double { 1 - incoherentShare - airShare - ambientShare }

    func validate() throws(EventSourceError) {
        guard (1...Self.reflectionCountMaximum).contains(reflections.count),
            reflections.allSatisfy({ $0.spacing > 0 && $0.strength >= 0 && $0.strength.isFinite })
        else {
            throw .invalidConfiguration(
                "a sample has 1 to \(Self.reflectionCountMaximum) reflections with a spacing above 0 Å and a strength "
                    + "of 0 or more")
        }
        let shares = [incoherentShare, airShare, ambientShare, braggShare]
        guard shares.allSatisfy({ (0...1).contains($0) }) else {
            throw .invalidConfiguration("the sample's background shares must lie within 0...1, together at most 1")
        }
        guard (0...0.1).contains(relativeResolution) && (0...1e6).contains(decayNanoseconds) else {
            throw .invalidConfiguration("a peak's width must lie within 0...0.1 of its time, its decay within 0...1 ms")
        }
    }
}
