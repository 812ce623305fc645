import Schemas

/// Made-up process variables, each at its own rate from the first time that it is asked.
public final class SimulatedPVSource: PVSource {
    /// Updates of one variable that a late reader still gets; older ones are left out.
    static let backlogMax: Int64 = 1000

    public let channels: [PVChannel]
    private let variables: [SimulatedPV]
    private let seed: UInt64
    private var originNanoseconds: Int64?
    private var nextTicks: [Int64]

    /// The variables, with noise drawn from `seed`.
    public init(_ variables: [SimulatedPV], seed: UInt64 = 1) {
        self.variables = variables
        self.seed = seed
        channels = variables.map { PVChannel($0.name, .simulation) }
        nextTicks = Array(repeating: 0, count: variables.count)
    }

    public func collect(nowNanoseconds: Int64, into updates: inout [PVUpdate]) -> Int64? {
        let origin: Int64
        if let known = originNanoseconds {
            origin = known
        } else {
            origin = nowNanoseconds
            originNanoseconds = nowNanoseconds
            for channel in channels.indices {
                updates.append(
                    PVUpdate(channel: channel, timestampNanoseconds: origin, event: .connection(.connected)))
            }
        }
        var next: Int64?
        for (channel, variable) in variables.enumerated() {
            let interval = Int64(variable.intervalMilliseconds) * 1_000_000
            let last = max(0, nowNanoseconds - origin) / interval
            var tick = max(nextTicks[channel], last - Self.backlogMax + 1)
            while tick <= last {
                let (value, alarm) = variable.value(tick: tick, noise: noise(channel, tick))
                updates.append(
                    PVUpdate(
                        channel: channel, timestampNanoseconds: origin + tick * interval, event: .value(value, alarm)))
                tick += 1
            }
            nextTicks[channel] = tick
            next = min(next ?? Int64.max, origin + tick * interval)
        }
        return next
    }

    public func close() {}

    /// A number of mean 0 and deviation 1 that depends on nothing but seed, channel and tick: the sum of twelve numbers
    /// in 0 ..< 1, less 6, is nearly normal.
    private func noise(_ channel: Int, _ tick: Int64) -> Double {
        var state = seed &+ UInt64(truncatingIfNeeded: channel) &* 0xD1B5_4A32_D192_ED03
        state ^= UInt64(bitPattern: tick) &* 0x9E37_79B9_7F4A_7C15
        var sum = -6.0
        for _ in 0..<12 { sum += Double(Self.mix(&state) >> 11) * 0x1p-53 }
        return sum
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    private static func mix(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
