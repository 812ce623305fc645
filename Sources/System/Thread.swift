import CLinux
import Glibc

/// A POSIX thread that runs one body to its end.
public final class Thread: Sendable {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: () -> Void
        init(_ name: String, _ body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread. `body` may own state that is not Sendable: it is handed over for good.
    ///
    /// - Parameter name: shown by `ps -L` and `perf`, cut to 15 bytes.
    public init(_ name: String, _ body: sending @escaping () -> Void) {
        let start = Unmanaged.passRetained(Start(name, body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                cl_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(code == 0, "pthread_create: \(String(cString: strerror(code)))")
        handle = thread
    }

    /// Waits until the body has returned. Must be called exactly once.
    public func join() {
        pthread_join(handle, nil)
    }
}
