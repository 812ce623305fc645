/// How fast records come that came at their own times once.
public enum PlaybackSpeed: Equatable, Sendable {
    /// So many times the recorded speed.
    case times(Double)
    /// As fast as it goes.
    case unlimited
}

/// When records are due, by their times: a value that knows no clock.
struct Pacing {
    private let speed: PlaybackSpeed
    /// The record and the moment that everything is counted from.
    private var anchor: (recordMilliseconds: Int64, nanoseconds: UInt64)?
    /// The latest record's distance from the anchor, so that times that go back do not wait again.
    private var furthestMilliseconds: Int64 = 0

    init(_ speed: PlaybackSpeed) { self.speed = speed }

    /// How long to wait, from the monotonic moment `now`, before a record of this time (ms; -1 none) is due.
    mutating func waitNanoseconds(_ recordMilliseconds: Int64, now: UInt64) -> UInt64 {
        guard case .times(let factor) = speed, recordMilliseconds >= 0 else { return 0 }
        guard let anchor else {
            anchor = (recordMilliseconds, now)
            return 0
        }
        furthestMilliseconds = max(furthestMilliseconds, recordMilliseconds - anchor.recordMilliseconds)
        let due = Double(furthestMilliseconds) * 1_000_000 / factor
        let passed = Double(now &- anchor.nanoseconds)
        return due > passed ? UInt64(min(due - passed, 1e18)) : 0
    }
}
