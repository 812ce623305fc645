/// The accelerator's part of a pulse: its proton charge, trips of the beam, vetoes and the period.
struct BeamModel: Sendable {
    /// Bits of the veto word, as the ISIS data acquisition numbers them.
    enum Veto {
        /// The other target station's pulse.
        static let wrongPulse: UInt32 = 1 << 3
        /// The DAE was too slow for the frame.
        static let slow: UInt32 = 1 << 4
        /// A fast chopper is out of phase.
        static let fastChopper: UInt32 = 1 << 20
    }

    /// One pulse as pu00 tells it.
    struct Pulse: Sendable, Equatable {
        /// In µAh; 0 during a trip.
        var protonCharge: Float
        /// The mask of vetoes; 0 for a good pulse.
        var vetoes: UInt32
        /// From 0.
        var period: UInt32
        /// What the beam gives of its full strength, for the number of events.
        var intensity: Double
    }

    private let configuration: SimulationConfiguration
    private var pulsesOfTrip = 0
    private var drift = 0.0

    init(_ configuration: SimulationConfiguration) { self.configuration = configuration }

    /// The next pulse, which is number `index` of the run. Calls follow each other without gaps.
    mutating func pulse(_ index: UInt64, _ random: inout RandomSource) -> Pulse {
        let period = UInt32(
            index / UInt64(configuration.pulsesPerPeriod) % UInt64(configuration.periodCount))
        let trips = random.uniform() < configuration.tripProbability
        let vetoDraw = random.uniform()
        let noise = random.normal()
        let tripLength = random.uniform()
        // Slow wandering of the accelerator, and a little noise from pulse to pulse.
        drift = 0.99 * drift + 0.002 * noise
        let intensity = max(0, 1 + drift + 0.004 * random.normal())
        if pulsesOfTrip == 0 && trips {
            pulsesOfTrip = 1 + Int(2 * tripLength * configuration.tripSeconds * configuration.pulseRate)
        }
        var vetoes: UInt32 = 0
        if vetoDraw < configuration.vetoProbability {
            let kinds = [Veto.fastChopper, Veto.slow, Veto.wrongPulse]
            vetoes = kinds[min(2, Int(vetoDraw / configuration.vetoProbability * 3))]
        }
        guard pulsesOfTrip == 0 else {
            pulsesOfTrip -= 1
            return Pulse(protonCharge: 0, vetoes: vetoes, period: period, intensity: 0)
        }
        let charge = Float(configuration.protonChargePerPulse * intensity)
        return Pulse(protonCharge: charge, vetoes: vetoes, period: period, intensity: intensity)
    }
}
