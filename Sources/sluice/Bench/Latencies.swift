import System

/// Durations of many equal operations.
struct Latencies {
    private let sortedNanoseconds: [UInt64]

    /// These durations.
    init(nanoseconds: [UInt64]) {
        precondition(!nanoseconds.isEmpty)
        sortedNanoseconds = nanoseconds.sorted()
    }

    /// Measures `operation` so many times.
    init(count: Int, _ operation: () throws -> Void) rethrows {
        precondition(count > 0)
        let clock = SystemClock()
        var durations: [UInt64] = []
        durations.reserveCapacity(count)
        for _ in 0..<count {
            let start = clock.monotonicNanoseconds
            try operation()
            durations.append(clock.monotonicNanoseconds - start)
        }
        self.init(nanoseconds: durations)
    }

    /// What the given share (0...1) of the operations stays below, µs.
    func microseconds(_ share: Double) -> Double {
        let index = min(sortedNanoseconds.count - 1, Int(Double(sortedNanoseconds.count) * share))
        return Double(sortedNanoseconds[index]) / 1e3
    }
}
