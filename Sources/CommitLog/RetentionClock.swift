import System

/// The wall time that retention believes: a jump of the system's clock counts only once it has lasted.
///
/// Between jumps it follows the wall clock. After a jump it goes on by the monotonic clock, until the new time has held for
/// `beliefNanoseconds`. `DoubtFile` carries the doubt over a restart.
struct RetentionClock: Sendable {
    /// Differences below this are not jumps.
    static let toleranceMilliseconds: Int64 = 60_000
    /// A jump that lasts this long is believed.
    static let beliefNanoseconds: UInt64 = 3_600_000_000_000
    /// A difference that was there at the start is believed after this long: mostly the machine was off.
    static let startBeliefNanoseconds: UInt64 = 600_000_000_000

    private var milliseconds: Int64
    private var wallMilliseconds: Int64
    private var monotonic: UInt64
    private var jumpedAt: UInt64?
    private var belief = Self.beliefNanoseconds

    /// A clock that believes the wall clock as it is now.
    init(_ clock: any Clock) {
        milliseconds = clock.wallMilliseconds
        wallMilliseconds = milliseconds
        monotonic = clock.monotonicNanoseconds
    }

    /// A clock that goes on from `lastArrival`, ms since the epoch, when it was right the last time; 0 for never.
    init(_ clock: any Clock, after lastArrival: Int64) {
        self.init(clock)
        guard lastArrival > 0 else { return }
        milliseconds = lastArrival
        belief = Self.startBeliefNanoseconds
    }

    /// A clock that goes on from what it said before the process ended, while it did not believe the wall clock.
    init(_ clock: any Clock, goingOnFrom doubt: Doubt) {
        self.init(clock)
        milliseconds = doubt.believedMilliseconds + max(0, clock.wallMilliseconds - doubt.wallMilliseconds)
        belief = UInt64(min(max(0, doubt.remainingMilliseconds), 3_600_000)) * 1_000_000
    }

    /// A jump that is not believed yet, ms.
    struct Doubt: Sendable, Equatable {
        /// What the clock said, since the epoch.
        let believedMilliseconds: Int64
        /// What the wall clock said at that moment, since the epoch.
        let wallMilliseconds: Int64
        /// How long the new time must hold until it is believed.
        let remainingMilliseconds: Int64
    }

    /// The jump that is not believed, as of the last `now`; nil when there is none.
    var doubt: Doubt? {
        guard let jumpedAt else { return nil }
        let waited = min(monotonic - jumpedAt, belief)
        return Doubt(
            believedMilliseconds: milliseconds, wallMilliseconds: wallMilliseconds,
            remainingMilliseconds: Int64((belief - waited) / 1_000_000))
    }

    /// Milliseconds since the epoch.
    mutating func now(_ clock: any Clock) -> Int64 {
        let wall = clock.wallMilliseconds
        wallMilliseconds = wall
        let ticks = clock.monotonicNanoseconds
        milliseconds += Int64((ticks - monotonic) / 1_000_000)
        monotonic = ticks
        guard abs(wall - milliseconds) > Self.toleranceMilliseconds else {
            milliseconds = wall
            jumpedAt = nil
            belief = Self.beliefNanoseconds
            return milliseconds
        }
        let since = jumpedAt ?? ticks
        jumpedAt = since
        if ticks - since >= belief {
            milliseconds = wall
            jumpedAt = nil
            belief = Self.beliefNanoseconds
        }
        return milliseconds
    }
}
