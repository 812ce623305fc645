import Schemas
import Testing

@testable import Forwarder

@Suite struct SimulatedPVTests {
    private func values(_ variable: SimulatedPV, seconds: Double, seed: UInt64 = 1) -> [(Double, PVAlarm, Int64)] {
        let source = SimulatedPVSource([variable], seed: seed)
        var updates: [PVUpdate] = []
        _ = source.collect(nowNanoseconds: 1_000_000_000, into: &updates)
        _ = source.collect(nowNanoseconds: 1_000_000_000 + Int64(seconds * 1e9), into: &updates)
        return updates.compactMap { update in
            guard case .value(let value, let alarm) = update.event else { return nil }
            switch value {
            case .double(let number): return (number, alarm, update.timestampNanoseconds)
            case .int32(let number): return (Double(number), alarm, update.timestampNanoseconds)
            default: return nil
            }
        }
    }

    @Test func rampsUpAndDown() {
        let ramp = SimulatedPV(
            "T", everyMilliseconds: 1000, .ramp(low: 10, high: 13, ratePerSecond: 1, noise: 0))
        #expect(values(ramp, seconds: 8).map(\.0) == [10, 11, 12, 13, 12, 11, 10, 11, 12])
    }

    @Test func movesBetweenPositions() {
        let motor = SimulatedPV(
            "M", everyMilliseconds: 500, .motor(positions: [0, 2], speedPerSecond: 2, dwellSeconds: 1))
        #expect(values(motor, seconds: 4).map(\.0) == [0, 0, 0, 1, 2, 2, 2, 1, 0])
    }

    @Test func stepsThroughSetpoints() {
        let setpoint = SimulatedPV("S", everyMilliseconds: 500, .setpoint(values: [5, 6], dwellSeconds: 1))
        #expect(values(setpoint, seconds: 2.5).map(\.0) == [5, 5, 6, 6, 5, 5])
    }

    @Test func crossesItsAlarmLimits() {
        let pressure = SimulatedPV(
            "P", everyMilliseconds: 1000,
            .alarming(mean: 0, amplitude: 1, periodSeconds: 12, noise: 0, high: 0.49, highHigh: 0.86))
        let words = values(pressure, seconds: 7).map(\.1.message)
        #expect(words == ["NO_ALARM", "HIGH", "HIHI", "HIHI", "HIHI", "HIGH", "NO_ALARM", "NO_ALARM"])
    }

    @Test func isReproducibleAndNoisy() {
        let ramp = SimulatedPV("T", everyMilliseconds: 10, .ramp(low: 0, high: 0, ratePerSecond: 0, noise: 2))
        let first = values(ramp, seconds: 5).map(\.0)
        #expect(first == values(ramp, seconds: 5).map(\.0))
        #expect(first != values(ramp, seconds: 5, seed: 2).map(\.0))
        let mean = first.reduce(0, +) / Double(first.count)
        let deviation = (first.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(first.count)).squareRoot()
        #expect(abs(mean) < 0.5)
        #expect(abs(deviation - 2) < 0.3)
    }

    @Test func connectsFirstAndSaysWhenToAskAgain() {
        let source = SimulatedPVSource([
            SimulatedPV("A", everyMilliseconds: 300, .setpoint(values: [1], dwellSeconds: 1)),
            SimulatedPV("B", everyMilliseconds: 200, .setpoint(values: [1], dwellSeconds: 1)),
        ])
        var updates: [PVUpdate] = []
        #expect(source.collect(nowNanoseconds: 0, into: &updates) == 200_000_000)
        #expect(updates.count == 4)
        #expect(source.collect(nowNanoseconds: 200_000_000, into: &updates) == 300_000_000)
        #expect(updates.count == 5)
        #expect(source.collect(nowNanoseconds: 299_999_999, into: &updates) == 300_000_000)
        #expect(updates.count == 5)
    }

    @Test func leavesOutWhatIsLongPast() {
        let fast = SimulatedPV("A", everyMilliseconds: 1, .setpoint(values: [1], dwellSeconds: 1))
        let times = values(fast, seconds: 3600).map(\.2)
        #expect(times.count == 1 + Int(SimulatedPVSource.backlogMax))
        #expect(times.last == 3_601_000_000_000)
    }
}
