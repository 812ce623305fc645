import Glibc

/// A state under a lock whose waiters sleep.
///
/// For locks that are held during system calls. `Synchronization.Mutex` is a futex with priority inheritance, whose
/// waiters spin in the kernel for as long as the holder runs: on a machine with two processors they take the one that
/// the holder's own peer needs.
public final class Lock<State>: @unchecked Sendable {
    // Unchecked: `state` is only touched with `mutex` held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

    /// A lock over `state`.
    public init(_ state: sending State) {
        self.state.initialize(to: state)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Reads or changes the state under the lock, which must not be held by this thread already.
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state.pointee)
    }
}
