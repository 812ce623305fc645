import Synchronization
import System

/// A clock that stands still until it is told to go on.
final class ManualClock: Clock {
    private let elapsed = Atomic<UInt64>(0)
    private let start: Int64

    /// A clock whose wall time begins at `startMilliseconds`.
    init(startMilliseconds: Int64) { start = startMilliseconds * 1_000_000 }

    func advance(milliseconds: UInt64) { elapsed.wrappingAdd(milliseconds * 1_000_000, ordering: .relaxed) }

    var monotonicNanoseconds: UInt64 { 1_000_000_000 + elapsed.load(ordering: .relaxed) }
    var wallNanoseconds: Int64 { start + Int64(elapsed.load(ordering: .relaxed)) }
}
