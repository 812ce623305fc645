import Testing

@testable import EventSource

@Suite struct PulseScheduleTests {
    @Test func pulsesKeepTheirDistanceFromTheFirst() {
        var schedule = PulseSchedule(firstNanoseconds: 1000, intervalNanoseconds: 100)
        #expect(schedule.action(at: 400) == .wait(nanoseconds: 600))
        #expect(schedule.action(at: 1000) == .send(index: 0, lagNanoseconds: 0))
        #expect(schedule.action(at: 1001) == .wait(nanoseconds: 99))
        #expect(schedule.action(at: 1130) == .send(index: 1, lagNanoseconds: 30))
        // The delay of one pulse does not move the next.
        #expect(schedule.action(at: 1131) == .wait(nanoseconds: 69))
    }

    @Test func latePulsesComeAtOnce() {
        var schedule = PulseSchedule(firstNanoseconds: 0, intervalNanoseconds: 100)
        #expect(schedule.action(at: 250) == .send(index: 0, lagNanoseconds: 250))
        #expect(schedule.action(at: 250) == .send(index: 1, lagNanoseconds: 150))
        #expect(schedule.action(at: 250) == .send(index: 2, lagNanoseconds: 50))
        #expect(schedule.action(at: 250) == .wait(nanoseconds: 50))
    }

    @Test func aBacklogHasAnEnd() {
        let second: UInt64 = 1_000_000_000
        var schedule = PulseSchedule(firstNanoseconds: 0, intervalNanoseconds: second)
        #expect(schedule.action(at: 30 * second) == .skip(count: 21))
        #expect(schedule.action(at: 30 * second) == .send(index: 21, lagNanoseconds: 9 * second))
    }
}

@Suite struct BeamModelTests {
    private func pulses(_ configuration: SimulationConfiguration, _ count: UInt64) -> [BeamModel.Pulse] {
        var beam = BeamModel(configuration)
        return (0..<count).map { index in
            var random = RandomSource(seed: configuration.seed, stream: index)
            return beam.pulse(index, &random)
        }
    }

    @Test func protonChargeFluctuatesAroundItsMean() {
        var configuration = SimulationConfiguration()
        configuration.tripProbability = 0
        let charges = pulses(configuration, 2000).map { Double($0.protonCharge) }
        let mean = charges.reduce(0, +) / 2000
        #expect(abs(mean / 0.0011 - 1) < 0.05)
        #expect(Set(charges).count > 1000)
        #expect(charges.allSatisfy { abs($0 / 0.0011 - 1) < 0.2 })
    }

    @Test func tripsTakeTheBeamAwayForAWhile() {
        var configuration = SimulationConfiguration()
        configuration.tripProbability = 0.01
        configuration.tripSeconds = 2
        let pulses = pulses(configuration, 5000)
        var lengths: [Int] = []
        var length = 0
        for pulse in pulses {
            #expect((pulse.protonCharge == 0) == (pulse.intensity == 0))
            if pulse.protonCharge == 0 {
                length += 1
            } else if length > 0 {
                lengths.append(length)
                length = 0
            }
        }
        #expect(lengths.count > 10)
        #expect(Set(lengths).count > 5)
        let mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
        #expect((10...35).contains(mean))
    }

    @Test func vetoesComeAsOftenAsConfigured() {
        var configuration = SimulationConfiguration()
        configuration.vetoProbability = 0.1
        let vetoed = pulses(configuration, 5000).filter { $0.vetoes != 0 }
        #expect((400...600).contains(vetoed.count))
        #expect(Set(vetoed.map(\.vetoes)) == [1 << 3, 1 << 4, 1 << 20])
    }

    @Test func periodsCycle() {
        var configuration = SimulationConfiguration()
        configuration.periodCount = 3
        configuration.pulsesPerPeriod = 2
        #expect(pulses(configuration, 8).map(\.period) == [0, 0, 1, 1, 2, 2, 0, 0])
    }
}
