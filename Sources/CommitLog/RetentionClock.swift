import System

/// The wall time that retention believes: a jump of the system's clock counts only once it has lasted.
///
/// Between jumps it follows the wall clock. After a jump it goes on by the monotonic clock, until the new time has held for
/// `beliefNanoseconds`.
struct RetentionClock: Sendable {
    /// Differences below this are not jumps.
    static let toleranceMilliseconds: Int64 = 60_000
    /// A jump that lasts this long is believed.
    static let beliefNanoseconds: UInt64 = 3_600_000_000_000

    private var milliseconds: Int64
    private var monotonic: UInt64
    private var jumpedAt: UInt64?

    init(_ clock: any Clock) {
        milliseconds = clock.wallMilliseconds
        monotonic = clock.monotonicNanoseconds
    }

    /// Milliseconds since the epoch.
    mutating func now(_ clock: any Clock) -> Int64 {
        let wall = clock.wallMilliseconds
        let ticks = clock.monotonicNanoseconds
        milliseconds += Int64((ticks - monotonic) / 1_000_000)
        monotonic = ticks
        guard abs(wall - milliseconds) > Self.toleranceMilliseconds else {
            milliseconds = wall
            jumpedAt = nil
            return milliseconds
        }
        let since = jumpedAt ?? ticks
        jumpedAt = since
        if ticks - since >= Self.beliefNanoseconds {
            milliseconds = wall
            jumpedAt = nil
        }
        return milliseconds
    }
}
