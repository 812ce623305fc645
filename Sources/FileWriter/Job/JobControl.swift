import System

/// What a running job is told from outside, from any thread.
public final class JobControl: Sendable {
    private struct State {
        var stopMilliseconds: Int64?
        var isInterrupted = false
    }

    private let state = Condition(State())

    /// Nothing told yet.
    public init() {}

    /// The run ended, or will end, at this time (ms since the epoch).
    public func setStop(milliseconds: Int64) { state.update { $0.stopMilliseconds = milliseconds } }

    /// The job shall end now and leave its file partial, to be started again later.
    public func interrupt() { state.update { $0.isInterrupted = true } }

    /// The stop that was told; nil before.
    var stopMilliseconds: Int64? { state.withLock { $0.stopMilliseconds } }

    /// Whether the job shall end now.
    var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

    /// Waits up to `milliseconds` for an interruption; true when it came.
    func waitForInterruption(milliseconds: Int) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.isInterrupted ? true : nil } ?? false
    }

    /// Follows one line of the service: `stop MILLISECONDS` or `interrupt`; anything else is ignored.
    public func follow(line: String) {
        let words = line.split(separator: " ")
        if words.count == 2, words[0] == "stop", let time = Int64(words[1]) { setStop(milliseconds: time) }
        if words == ["interrupt"] { interrupt() }
    }
}
