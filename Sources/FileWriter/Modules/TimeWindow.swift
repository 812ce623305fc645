/// Which times belong to a run: whole milliseconds from the start to the stop, both included.
///
/// Starts and stops are given in milliseconds and data in nanoseconds: a pulse within the stop's millisecond belongs to
/// the run.
struct TimeWindow {
    /// The first time, in ns since the epoch.
    let startNanoseconds: Int64
    /// The last time, in ns since the epoch; `Int64.max` while the stop is not known.
    var stopNanoseconds = Int64.max

    init(startMilliseconds: Int64, stopMilliseconds: Int64? = nil) {
        let (value, overflow) = startMilliseconds.multipliedReportingOverflow(by: 1_000_000)
        startNanoseconds = overflow ? .max : value
        if let stopMilliseconds { setStop(milliseconds: stopMilliseconds) }
    }

    mutating func setStop(milliseconds: Int64) {
        let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        stopNanoseconds = overflow || value > Int64.max - 999_999 ? .max : value + 999_999
    }

    /// Whether a time belongs to the run.
    @inline(__always)
    func contains(_ nanoseconds: Int64) -> Bool {
        nanoseconds >= startNanoseconds && nanoseconds <= stopNanoseconds
    }
}
