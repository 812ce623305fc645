/// How a request ends.
public enum ReplyOutcome: ~Copyable {
    /// With a response.
    case send(Reply)
    /// Without one: Produce with acks=0.
    case none
    /// With the end of the connection, for a reason that is logged.
    case close(String)
}

/// The place of one answer in its connection's order. Exactly one of `send`, `none` and `close` is called, once, now or
/// later, on the shard's thread; answers may be given in any order, the connection sends them in the order of the
/// requests.
public final class ReplySlot {
    private var complete: ((consuming ReplyOutcome) -> Void)?

    /// A slot that hands its outcome to `complete`.
    public init(_ complete: @escaping (consuming ReplyOutcome) -> Void) {
        self.complete = complete
    }

    deinit {
        // A request without an answer would hold up its connection for ever.
        complete?(.close("the request was dropped without an answer"))
    }

    /// Answers the request.
    public func send(_ reply: consuming Reply) { finish(.send(reply)) }

    /// Ends the request without an answer.
    public func none() { finish(.none) }

    /// Closes the connection instead of answering; answers to earlier requests that are given already are still sent.
    public func close(_ reason: String) { finish(.close(reason)) }

    private func finish(_ outcome: consuming ReplyOutcome) {
        guard let complete else { preconditionFailure("a request was answered twice") }
        self.complete = nil
        complete(outcome)
    }
}
