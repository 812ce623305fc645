/// Tells long-running work to end, from any thread, once.
public final class StopSignal: Sendable {
    private let requested = Condition(false)

    /// A signal that has not been given.
    public init() {}

    /// Asks the work to end.
    public func request() { requested.update { $0 = true } }

    /// Whether the end was asked for.
    public var isRequested: Bool { requested.withLock { $0 } }

    /// Waits up to `milliseconds` for the signal; true when it was given.
    public func wait(milliseconds: Int?) -> Bool {
        requested.wait(milliseconds: milliseconds) { $0 ? true : nil } ?? false
    }
}
