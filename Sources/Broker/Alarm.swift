import System

/// One thread that does a chore when it is asked to, and again at the moment that the chore names. It sleeps otherwise.
final class Alarm: Sendable {
    private struct State {
        /// When the chore is to run next, monotonic ms; nil for when it is asked to.
        var next: Int64?
        var isStopping = false
    }

    private let state: Condition<State>
    private let thread: Thread

    /// Starts the thread.
    ///
    /// - Parameter chore: returns when it wants to run again, monotonic ms of `clock`; nil for when it is asked to.
    init(_ name: String, clock: any Clock, _ chore: @escaping @Sendable () -> Int64?) {
        let state = Condition(State())
        self.state = state
        thread = Thread(name) { Self.run(state, clock, chore) }
    }

    /// Has the chore run at this moment at the latest, monotonic ms.
    func ring(by moment: Int64) {
        let isEarlier = state.withLock { moment < $0.next ?? .max }
        guard isEarlier else { return }
        state.update { $0.next = min(moment, $0.next ?? .max) }
    }

    /// Has the chore run at once.
    func ring() { ring(by: .min) }

    /// Ends the thread. Must be called exactly once.
    func stop() {
        state.update { $0.isStopping = true }
        thread.join()
    }

    private static func run(_ state: Condition<State>, _ clock: any Clock, _ chore: () -> Int64?) {
        while true {
            let (isStopping, next) = state.withLock { ($0.isStopping, $0.next) }
            if isStopping { return }
            let now = Moment(clock).monotonicMilliseconds
            if let next, next <= now {
                state.withLock { $0.next = nil }
                guard let again = chore() else { continue }
                state.withLock { $0.next = min(again, $0.next ?? .max) }
                continue
            }
            // A wait of a day at most: the difference of two moments may be any number.
            let left = next.map { Int(min(max(0, $0 &- now), 86_400_000)) + 1 }
            _ = state.wait(milliseconds: left) { $0.isStopping || $0.next != next ? true : nil }
        }
    }
}
