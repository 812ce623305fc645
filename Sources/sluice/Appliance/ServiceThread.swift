import Observability
import System

/// A service on a thread of its own, started again after a failure.
final class ServiceThread: Sendable {
    /// How long a failed service rests before it is started again, in ms.
    private static let restMilliseconds = 1000

    private let stop = StopSignal()
    private let thread: Thread

    /// Runs `body` until `end()`; `body` returns when its signal is given.
    ///
    /// - Parameter name: shown in logs and by `ps -L`.
    init(_ name: String, _ body: @escaping @Sendable (StopSignal) throws -> Void) {
        let stop = self.stop
        thread = Thread(name) {
            let log = Log(name)
            while !stop.isRequested {
                do {
                    try body(stop)
                    return
                } catch {
                    if stop.isRequested { return }
                    log.error("\(error); starting again")
                    _ = stop.wait(milliseconds: Self.restMilliseconds)
                }
            }
        }
    }

    /// Asks the service to end and waits until it has. Must be called once.
    func end() {
        stop.request()
        thread.join()
    }
}
