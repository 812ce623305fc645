import Synchronization
import System

/// A clock that stands still until somebody moves it.
public final class ManualClock: Clock {
    private let monotonic = Atomic<UInt64>(1_000_000_000_000)
    private let wall: Atomic<Int64>

    /// A clock whose wall time begins at `wallMilliseconds` since the epoch.
    public init(wallMilliseconds: Int64 = 1_763_683_200_000) { wall = Atomic(wallMilliseconds * 1_000_000) }

    public var monotonicNanoseconds: UInt64 { monotonic.load(ordering: .relaxed) }
    public var wallNanoseconds: Int64 { wall.load(ordering: .relaxed) }

    /// Moves both times forward.
    public func advance(nanoseconds: UInt64) {
        monotonic.wrappingAdd(nanoseconds, ordering: .relaxed)
        wall.wrappingAdd(Int64(nanoseconds), ordering: .relaxed)
    }

    /// Moves both times forward.
    public func advance(milliseconds: Int64) { advance(nanoseconds: UInt64(milliseconds) * 1_000_000) }

    /// Moves the wall time alone, as when somebody sets the machine's clock.
    public func jump(milliseconds: Int64) { wall.wrappingAdd(milliseconds * 1_000_000, ordering: .relaxed) }
}
