/// A request that waits for its answer inside a group, and the connection that it came on.
struct GroupTicket: Hashable, Sendable {
    /// Never used again in this process.
    let number: UInt64
    /// The connection's number: when it ends, nobody waits any more.
    let connection: UInt64
}
