/// Answers requests; called on the shard's thread.
public protocol RequestHandling: AnyObject {
    /// Takes one request.
    ///
    /// - Parameters:
    ///   - frame: one whole request without its size, borrowed and mutable until the method returns.
    ///   - peer: the client.
    ///   - reply: where the answer goes, now or later, on the same thread.
    func handle(_ frame: UnsafeMutableRawBufferPointer, from peer: PeerContext, reply: ReplySlot)

    /// Tells that a connection is gone, so that what waits on its behalf can end.
    func connectionClosed(_ peer: PeerContext)

    /// Tells that the server stops: what waits for something that may not come is to be answered now.
    func stopping()
}

extension RequestHandling {
    public func connectionClosed(_ peer: PeerContext) {}
    public func stopping() {}
}
