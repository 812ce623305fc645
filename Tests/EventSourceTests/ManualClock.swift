import Synchronization
import System

/// A clock that stands still until somebody moves it.
final class ManualClock: Clock {
    private let elapsed = Atomic<UInt64>(0)
    private let wallStart: Int64

    init(wallNanoseconds: Int64 = 1_763_683_200_000_000_000) { wallStart = wallNanoseconds }

    var monotonicNanoseconds: UInt64 { 5_000_000_000 + elapsed.load(ordering: .relaxed) }

    var wallNanoseconds: Int64 { wallStart + Int64(elapsed.load(ordering: .relaxed)) }

    func advance(nanoseconds: UInt64) { elapsed.wrappingAdd(nanoseconds, ordering: .relaxed) }
}
