import System

/// One thread for work that waits for the disk, such as creating a topic, so that event loops never do.
///
/// Jobs run one after the other in the order given. At most `jobsMax` wait; then `submit` refuses.
final class Worker: Sendable {
    /// Jobs that may wait.
    static let jobsMax = 10_000

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopping = false
    }

    private let state: Condition<State>
    private let thread: Thread

    /// Starts the thread.
    init(_ name: String) {
        let state = Condition(State())
        self.state = state
        thread = Thread(name) { Self.run(state) }
    }

    /// Queues a job; false when too many wait or the worker is stopping, and the job is then not run.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        state.update { state in
            guard !state.isStopping, state.jobs.count < Self.jobsMax else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Waits until what was queued before has run.
    func drain() {
        let isDone = Condition(false)
        guard submit({ isDone.update { $0 = true } }) else { return }
        _ = isDone.wait(milliseconds: nil) { $0 ? true : nil }
    }

    /// Runs what is queued, then ends the thread. Must be called exactly once.
    func stop() {
        state.update { $0.isStopping = true }
        thread.join()
    }

    private static func run(_ state: Condition<State>) {
        while true {
            let jobs = state.wait(milliseconds: nil) { state -> [@Sendable () -> Void]? in
                guard !state.jobs.isEmpty || state.isStopping else { return nil }
                defer { state.jobs = [] }
                return state.jobs
            }
            guard let jobs, !jobs.isEmpty else { return }
            for job in jobs { job() }
        }
    }
}
