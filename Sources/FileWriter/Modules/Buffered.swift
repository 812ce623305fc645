/// The order of a log's readings around the start of a run.
///
/// The last reading before the start still holds at the start, so it is kept, and comes first in the file. Sources resend
/// their last reading with its old time: such a repetition is left out.
struct Buffered<Reading> {
    private var kept: (time: Int64, reading: Reading)?
    private var lastTime: Int64?
    /// The latest time that was to be written; 0 before the first.
    private(set) var latestTime: Int64 = 0

    /// Whether a reading from before the start is known, or one from the run.
    var isEmpty: Bool { kept == nil && lastTime == nil }

    /// The readings to be written now, in order, at most two.
    ///
    /// - Parameter mayRepeat: whether the reading may be one that was sent before, so that one of the same time as the
    ///   last is left out.
    mutating func accept(
        _ time: Int64, _ reading: Reading, _ window: TimeWindow, mayRepeat: Bool
    ) -> (first: (time: Int64, reading: Reading)?, second: (time: Int64, reading: Reading)?) {
        guard time > 0, time <= window.stopNanoseconds, !mayRepeat || time != lastTime else { return (nil, nil) }
        guard time >= window.startNanoseconds else {
            if lastTime == nil, kept.map({ $0.time <= time }) ?? true { kept = (time, reading) }
            return (nil, nil)
        }
        lastTime = time
        latestTime = max(latestTime, time)
        defer { kept = nil }
        return (kept, (time, reading))
    }

    /// The reading from before the start when none came in the run.
    mutating func takeKept() -> (time: Int64, reading: Reading)? {
        defer { kept = nil }
        return kept
    }
}
