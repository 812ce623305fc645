import Glibc
import Synchronization
import System

/// Ctrl-C and friends, turned into a `StopSignal`.
enum Signals {
    private struct State {
        var stop: StopSignal?
        var interruptCount = 0
    }

    private static let state = Mutex(State())

    /// Must be called once, before any other thread starts. Ignores SIGPIPE, so that a vanished peer is an error of the
    /// call, and takes SIGINT, SIGTERM and SIGHUP on a thread of its own: until `stopOnInterrupt` is called they end the
    /// process with 130.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        var set = endingSignals()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        _ = Thread("signals") {
            var set = endingSignals()
            while true {
                var number: Int32 = 0
                if sigwait(&set, &number) == 0 { received(number) }
            }
        }
    }

    private static func received(_ number: Int32) {
        let stop: StopSignal? = state.withLock { state in
            if number == SIGINT { state.interruptCount += 1 }
            // A second Ctrl-C does not wait for an orderly end.
            return state.interruptCount > 1 ? nil : state.stop
        }
        guard let stop else { _exit(ExitCode.interrupted) }
        stop.request()
    }

    /// A signal that is given when the process is asked to end.
    static func stopOnInterrupt() -> StopSignal {
        state.withLock { state in
            let stop = state.stop ?? StopSignal()
            state.stop = stop
            return stop
        }
    }

    /// Whether Ctrl-C was pressed, as opposed to a signal that ends a service in the normal course.
    static var wasInterrupted: Bool { state.withLock { $0.interruptCount > 0 } }

    private static func endingSignals() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
