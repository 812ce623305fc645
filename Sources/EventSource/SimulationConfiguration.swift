import Streams

/// What a simulated instrument does: how fast, and what happens to its beam.
public struct SimulationConfiguration: Sendable {
    /// The instrument.
    public var instrument: InstrumentDescription
    /// Detector events a second at full beam, 0...`eventsPerSecondMaximum`.
    public var eventsPerSecond = 1e6
    /// Pulses a second, 0.1...1000; ISIS target station 2 gives 10.
    public var pulseRate = 10.0
    /// Measurement periods that the instrument cycles through, at least 1.
    public var periodCount: UInt32 = 1
    /// Pulses in a period before the next one begins.
    public var pulsesPerPeriod = 100
    /// Protons of a full pulse, in µAh.
    public var protonChargePerPulse = 0.0011
    /// The probability that the beam trips at a pulse.
    public var tripProbability = 0.0005
    /// How long a trip lasts on average, in seconds.
    public var tripSeconds = 3.0
    /// The probability that a pulse is vetoed, for instance by a chopper out of phase.
    public var vetoProbability = 0.002
    /// The same seed gives the same events, pulse by pulse.
    public var seed: UInt64 = 1
    /// Most events in one ev44 message; the rest of a pulse goes into further messages.
    public var eventsPerMessageMaximum = 100_000
    /// When a message counts as delivered.
    public var acknowledgement = Acknowledgement.written

    /// More events a second than any instrument gives.
    public static let eventsPerSecondMaximum = 2e7

    /// The usual simulation of an instrument.
    public init(instrument: InstrumentDescription = .demo) { self.instrument = instrument }

    /// The time between two pulses, in nanoseconds.
    public var pulseIntervalNanoseconds: UInt64 { UInt64((1e9 / pulseRate).rounded()) }

    /// Checks every setting; the error names the first that is outside its range.
    public func validate() throws(EventSourceError) {
        func require(_ condition: Bool, _ text: String) throws(EventSourceError) {
            if !condition { throw .invalidConfiguration(text) }
        }
        try instrument.validate()
        try require(
            (0...Self.eventsPerSecondMaximum).contains(eventsPerSecond),
            "events a second: \(eventsPerSecond) is not within 0...\(Self.eventsPerSecondMaximum)")
        try require((0.1...1000).contains(pulseRate), "pulses a second: \(pulseRate) is not within 0.1...1000")
        try require((1...10_000).contains(periodCount), "periods: \(periodCount) is not within 1...10000")
        try require(pulsesPerPeriod >= 1, "pulses in a period: at least 1")
        try require((0...1).contains(protonChargePerPulse), "proton charge of a pulse: within 0...1 µAh")
        try require((0...1).contains(tripProbability), "trip probability: within 0...1")
        try require((0...3600).contains(tripSeconds), "length of a trip: within 0...3600 s")
        try require((0...1).contains(vetoProbability), "veto probability: within 0...1")
        try require(
            (1...10_000_000).contains(eventsPerMessageMaximum), "events in a message: within 1...10000000")
    }
}
