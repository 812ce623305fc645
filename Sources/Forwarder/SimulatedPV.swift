import Glibc
import Schemas

/// A process variable that is made up: a function of its own clock ticks and a seed, so that every run can be repeated.
public struct SimulatedPV: Sendable, Equatable {
    /// What it looks like.
    public enum Kind: Sendable, Equatable {
        /// A temperature (double) that goes from `low` to `high` and back at `rate` per second, with noise of this size.
        case ramp(low: Double, high: Double, ratePerSecond: Double, noise: Double)
        /// A motor's readback (double) that visits positions in turn, stays for a while and moves at `speed` per second.
        case motor(positions: [Double], speedPerSecond: Double, dwellSeconds: Double)
        /// A setpoint (32-bit integer) that takes one value after the other.
        case setpoint(values: [Int32], dwellSeconds: Double)
        /// A value (double) that swings around `mean` and raises HIGH (minor) and HIHI (major) alarms above its limits.
        case alarming(
            mean: Double, amplitude: Double, periodSeconds: Double, noise: Double, high: Double, highHigh: Double)
    }

    /// The process variable's name.
    public let name: String
    /// Time between two updates in ms, at least 1.
    public let intervalMilliseconds: Int
    /// What it looks like.
    public let kind: Kind

    /// A made-up process variable.
    public init(_ name: String, everyMilliseconds intervalMilliseconds: Int, _ kind: Kind) {
        precondition(intervalMilliseconds >= 1, "a process variable updates every millisecond at most")
        self.name = name
        self.intervalMilliseconds = intervalMilliseconds
        self.kind = kind
    }

    /// A few sample-environment variables of an instrument, as IBEX names them.
    public static func standardSet(instrument: String) -> [SimulatedPV] {
        let prefix = "TE:\(instrument):CS:SB:"
        return [
            SimulatedPV(
                prefix + "Temp1", everyMilliseconds: 1000,
                .ramp(low: 4.2, high: 300, ratePerSecond: 0.5, noise: 0.02)),
            SimulatedPV(
                prefix + "Temp2", everyMilliseconds: 500,
                .ramp(low: 280, high: 320, ratePerSecond: 0.2, noise: 0.05)),
            SimulatedPV(
                prefix + "Theta", everyMilliseconds: 200,
                .motor(positions: [0, 0.25, 0.5, 1, 2], speedPerSecond: 0.5, dwellSeconds: 5)),
            SimulatedPV(
                prefix + "SamplePosition", everyMilliseconds: 1000, .setpoint(values: [1, 2, 3, 4], dwellSeconds: 5)),
            SimulatedPV(
                prefix + "Pressure", everyMilliseconds: 250,
                .alarming(mean: 1.0, amplitude: 0.4, periodSeconds: 12, noise: 0.01, high: 1.2, highHigh: 1.35)),
        ]
    }

    /// Value and alarm at a tick.
    ///
    /// - Parameter noise: a number of mean 0 and deviation 1.
    func value(tick: Int64, noise: Double) -> (F144.OwnedValue, PVAlarm) {
        let seconds = Double(tick) * Double(intervalMilliseconds) / 1000
        switch kind {
        case .ramp(let low, let high, let rate, let size):
            let way = abs(high - low)
            let turn = way > 0 ? (seconds * rate).truncatingRemainder(dividingBy: 2 * way) : 0
            return (.double(low + (turn <= way ? turn : 2 * way - turn) + size * noise), .none)
        case .motor(let positions, let speed, let dwell):
            return (.double(Self.position(positions, speed, dwell, seconds)), .none)
        case .setpoint(let values, let dwell):
            guard !values.isEmpty else { return (.int32(0), .none) }
            return (.int32(values[Int(seconds / max(dwell, 0.001)) % values.count]), .none)
        case .alarming(let mean, let amplitude, let period, let size, let high, let highHigh):
            let value = mean + amplitude * sin(2 * Double.pi * seconds / max(period, 0.001)) + size * noise
            if value >= highHigh { return (.double(value), PVAlarm(.major, "HIHI")) }
            return (.double(value), value >= high ? PVAlarm(.minor, "HIGH") : .none)
        }
    }

    /// Where a motor stands that goes through its positions for ever.
    private static func position(
        _ positions: [Double], _ speed: Double, _ dwell: Double, _ seconds: Double
    ) -> Double {
        guard let first = positions.first, speed > 0 else { return positions.first ?? 0 }
        let moves = zip(positions, positions.dropFirst() + [first]).map { (from: $0, to: $1) }
        let round = moves.reduce(0) { $0 + dwell + abs($1.to - $1.from) / speed }
        guard round > 0 else { return first }
        var left = seconds.truncatingRemainder(dividingBy: round)
        for move in moves {
            if left < dwell { return move.from }
            left -= dwell
            let duration = abs(move.to - move.from) / speed
            if left < duration { return move.from + (move.to - move.from) * left / duration }
            left -= duration
        }
        return first
    }
}
