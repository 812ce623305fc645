import Synchronization
import System

/// One thread that sends records of embedded producers once they have waited long enough for company.
///
/// It sleeps while no producer holds records, and for the shortest linger while one does.
final class Lingerer: Sendable {
    private struct Member {
        weak var producer: EmbeddedProducer?
    }

    private struct State {
        var members: [Member] = []
        var isBusy = false
        var isStopping = false
    }

    private let state: Condition<State>
    private let thread: Thread

    /// Starts the thread.
    init() {
        let state = Condition(State())
        self.state = state
        thread = Thread("linger") { Self.run(state) }
    }

    /// Watches a producer for as long as it lives.
    func add(_ producer: EmbeddedProducer) {
        state.withLock { state in
            state.members.removeAll { $0.producer == nil }
            state.members.append(Member(producer: producer))
        }
    }

    /// Tells that a producer took its first record; cheap while the thread is awake anyway.
    func wake() {
        let isBusy = state.withLock { $0.isBusy }
        if !isBusy { state.update { $0.isBusy = true } }
    }

    /// Ends the thread. Must be called exactly once.
    func stop() {
        state.update { $0.isStopping = true }
        thread.join()
    }

    private static func run(_ state: Condition<State>) {
        while true {
            let isStopping = state.wait(milliseconds: nil) { state -> Bool? in
                state.isStopping ? true : state.isBusy ? false : nil
            }
            if isStopping ?? true { return }
            let producers = state.withLock { state in
                // Cleared before looking: a record that comes meanwhile sets it again.
                state.isBusy = false
                return state.members.compactMap(\.producer)
            }
            var soonest: Int?
            for producer in producers {
                guard let milliseconds = producer.sendLingered() else { continue }
                soonest = min(soonest ?? milliseconds, milliseconds)
            }
            guard let soonest else { continue }
            let stopped = state.wait(milliseconds: max(1, soonest)) { $0.isStopping ? true : nil }
            if stopped != nil { return }
            state.withLock { $0.isBusy = true }
        }
    }
}
