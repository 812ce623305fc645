import CommitLog
import KafkaWire
import Observability
import Reactor
import System

/// One request on its way through the broker: who asked, and how to answer.
///
/// Used on the thread of its shard. Other threads may hold one and hand it back through `onShard`.
final class RequestContext: @unchecked Sendable {
    // Unchecked: everything but `core`, `header` and `onShard` is touched on the shard's thread alone.

    let core: BrokerCore
    let shard: Shard
    let header: RequestHeader
    private let peer: PeerContext
    private let slot: ReplySlot

    init(_ core: BrokerCore, _ shard: Shard, _ header: RequestHeader, _ peer: PeerContext, _ slot: ReplySlot) {
        self.core = core
        self.shard = shard
        self.header = header
        self.peer = peer
        self.slot = slot
    }

    /// The version of the request.
    var version: Int16 { header.version }
    /// Whether anybody still waits for the answer.
    var isConnected: Bool { !peer.isClosed }
    /// Where this client is told to connect.
    var advertised: (host: String, port: Int32) { (peer.advertisedHost, peer.advertisedPort) }
    /// The client's address, for messages.
    var remoteAddress: String { peer.remoteAddress }
    /// The number of the client's connection.
    var connectionID: UInt64 { peer.connectionID }
    /// The client as a group knows it; the host is written as Kafka's tools show it.
    var groupClient: GroupClient {
        let host = peer.remoteAddress.prefix { $0 != "%" }.split(separator: ":").dropLast().joined(separator: ":")
        return GroupClient(
            id: header.clientID ?? "", host: "/\(host.trimmingBrackets)", connection: peer.connectionID)
    }

    /// Notes that one more fetch of the client's waits for records, or one fewer.
    func noteWaitingFetch(_ change: Int) { peer.waitingFetchCount += change }

    /// Notes the client library that ApiVersions named.
    func noteSoftware(_ name: String, _ version: String) {
        peer.softwareName = name
        peer.softwareVersion = version
    }

    /// Answers with a message that is all in memory.
    func answer(_ message: some WireMessage) {
        slot.send(Reply(message, to: header))
    }

    /// Answers with a message that is all in memory, and counts its error if it has one.
    func answer(_ message: some WireMessage, counting error: ErrorCode) {
        if error != .none { count(error) }
        answer(message)
    }

    /// Answers in another version than was asked for.
    func answer(_ message: some WireMessage, version: Int16) {
        var other = header
        other.version = version
        slot.send(Reply(message, to: other))
    }

    /// Answers with ranges of log files, one for each record set that is not empty.
    func answer(_ message: FetchResponse, inserting slices: [LogSlice]) {
        let ranges = slices.map { [FileRange(file: $0.file, position: $0.position, count: $0.count)] }
        slot.send(Reply(message, to: header, ranges: ranges))
    }

    /// Ends the request without an answer, as `acks=0` wants it.
    func answerNothing() { slot.none() }

    /// Ends the connection instead of answering.
    func close(_ reason: String) {
        Log("broker").warningOncePerMinute(
            cause: "close",
            "closed the connection of \(peer.remoteAddress) (\(peer.clientID ?? "no client id")): \(reason)")
        slot.close(reason)
    }

    /// Counts bytes against the client's quota. What it returns belongs into the answer: for how long the client is to
    /// hold back, ms; its connection is not read for as long (KIP-219).
    func throttle(_ quota: QuotaKey, byteCount: Int) -> Int32 {
        guard !core.quotas.isEmpty else { return 0 }
        let milliseconds = core.throttle.count(
            byteCount, quota, user: peer.userName, clientID: header.clientID ?? "")
        if milliseconds > 0 { peer.mute(Int(milliseconds)) }
        return milliseconds
    }

    /// Counts an error that goes to the client.
    func count(_ code: ErrorCode) { shard.statistics.count(header.apiKey, code) }

    /// Runs `body` on the shard's thread; callable on any thread.
    func onShard(_ body: @escaping @Sendable () -> Void) { shard.post(body) }

    /// Runs `job` on the thread of a worker, the broker's where none is given, then `then` on the shard's with what came out. Meanwhile the connection is not
    /// read: a request behind this one sees what it did, as from Kafka, which takes a connection's requests one by one.
    func onWorker<Value: Sendable>(
        _ worker: Worker? = nil, _ job: @escaping @Sendable () -> Value, then: @escaping @Sendable (Value) -> Void
    ) {
        peer.hold()
        let taken = (worker ?? core.worker).submit { [self] in
            let value = job()
            onShard { [self] in
                then(value)
                peer.release()
            }
        }
        if !taken { close("too many requests wait for a thread") }
    }
}

extension String {
    /// The text without the brackets of an IPv6 address.
    fileprivate var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
