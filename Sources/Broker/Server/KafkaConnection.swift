import Bytes
import Observability
import Reactor
import System

/// One client: cuts the bytes into requests and sends the answers in the order of the requests.
///
/// A frame is `int32 size` (big-endian, of what follows) and a request. Nothing is allocated for the size that a client claims:
/// memory follows the bytes that arrive.
final class KafkaConnection: ConnectionDelegate {
    /// Bytes of the smallest request: API, version, correlation id.
    static let frameBytesMin = 8
    /// Answers in memory from this size on are sent without a copy.
    static let ownedReplyBytesMin = 32 << 10

    /// A request that waits for its answer.
    private final class Pending {
        let metricsIndex: Int
        let start: UInt64
        var outcome: ReplyOutcome?

        init(metricsIndex: Int, start: UInt64) {
            self.metricsIndex = metricsIndex
            self.start = start
        }
    }

    let peer: PeerContext
    private let handler: any RequestHandling
    private let limits: ServerLimits
    private let metrics: ServerMetrics
    private let onClose: (KafkaConnection, String) -> Void
    private let clock = SystemClock()
    private var connection: TCPConnection?
    private var pending: [Pending] = []
    private var pendingFirst = 0
    private var isSending = false
    private var isClosing = false
    /// Reasons for which nothing is read at the moment.
    private var holds = 0

    init(
        _ peer: PeerContext, _ handler: any RequestHandling, _ limits: ServerLimits, _ metrics: ServerMetrics,
        onClose: @escaping (KafkaConnection, String) -> Void
    ) {
        self.peer = peer
        self.handler = handler
        self.limits = limits
        self.metrics = metrics
        self.onClose = onClose
    }

    private static let log = Log("server")

    /// Starts with the connection, whose delegate this is.
    func attach(_ connection: TCPConnection) {
        self.connection = connection
        peer.mute = { [weak self] milliseconds in self?.mute(milliseconds) }
        peer.hold = { [weak self] in self?.hold() }
        peer.release = { [weak self] in self?.release() }
    }

    /// Reads no more requests for a while: the client is over its quota.
    private func mute(_ milliseconds: Int) {
        guard let connection, !connection.isClosed else { return }
        hold()
        connection.loop.schedule(afterMilliseconds: milliseconds) { [weak self] in self?.release() }
    }

    private func hold() {
        holds += 1
        connection?.pauseInput()
    }

    private func release() {
        holds -= 1
        resumeIfAllowed()
    }

    private func resumeIfAllowed() {
        guard holds == 0, pendingCount < limits.pipelinedRequestsMax else { return }
        connection?.resumeInput()
    }

    private var pendingCount: Int { pending.count - pendingFirst }

    // MARK: - Requests

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: TCPConnection) -> Consumption {
        var offset = 0
        while connection.wantsInput {
            let left = bytes.count - offset
            guard left >= 4 else { return Consumption(consumed: offset, wanted: left == 0 ? 0 : 4) }
            let size = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            let sizeMax = limits.request.bytes
            guard size >= Self.frameBytesMin, size <= sizeMax else {
                let reason = "a request of \(size) bytes; allowed are \(Self.frameBytesMin) to \(sizeMax)"
                warn(reason)
                connection.close(reason)
                return Consumption(consumed: offset, wanted: 0)
            }
            guard left >= 4 + size else {
                // Two of the largest requests at once must never wait for each other's memory.
                connection.loop.receiveBufferBytesMax = max(connection.loop.receiveBufferBytesMax, 2 * (4 + size))
                return Consumption(consumed: offset, wanted: 4 + size)
            }
            take(UnsafeMutableRawBufferPointer(rebasing: bytes[offset + 4..<offset + 4 + size]), connection)
            offset += 4 + size
        }
        return Consumption(consumed: offset, wanted: 0)
    }

    private func take(_ frame: UnsafeMutableRawBufferPointer, _ connection: TCPConnection) {
        metrics.receivedBytes.add(4 + frame.count)
        let apiKey = Int16(bigEndian: frame.loadUnaligned(as: Int16.self))
        let request = Pending(metricsIndex: metrics.began(apiKey: apiKey), start: clock.monotonicNanoseconds)
        pending.append(request)
        if pendingCount >= limits.pipelinedRequestsMax { connection.pauseInput() }
        handler.handle(frame, from: peer, reply: ReplySlot { outcome in self.complete(request, outcome) })
    }

    // MARK: - Answers

    private func complete(_ request: Pending, _ outcome: consuming ReplyOutcome) {
        guard let connection, !connection.isClosed, !isClosing else { return }
        metrics.ended(request.metricsIndex, nanoseconds: clock.monotonicNanoseconds - request.start)
        request.outcome = consume outcome
        // An answer that is sent may end another request on the way; the outer call goes on with it.
        guard !isSending else { return }
        isSending = true
        while !isClosing, pendingFirst < pending.count, let outcome = pending[pendingFirst].outcome.take() {
            pendingFirst += 1
            perform(outcome, connection)
        }
        isSending = false
        forgetAnswered()
        resumeIfAllowed()
    }

    private func forgetAnswered() {
        if pendingFirst == pending.count {
            pending.removeAll(keepingCapacity: pending.count <= 8)
            pendingFirst = 0
        } else if pendingFirst >= 64 {
            pending.removeFirst(pendingFirst)
            pendingFirst = 0
        }
    }

    private func perform(_ outcome: consuming ReplyOutcome, _ connection: TCPConnection) {
        switch consume outcome {
        case .send(let reply): send(reply, connection)
        case .none: break
        case .close(let reason):
            isClosing = true
            warn(reason)
            connection.closeWhenSent(reason)
        }
    }

    /// A client that is sent away should find out why, and so should who runs the broker.
    private func warn(_ reason: String) {
        let client = peer.clientID.map { " (\($0))" } ?? ""
        Self.log.warningOncePerMinute(
            cause: "refused", "closing the connection of \(peer.remoteAddress)\(client): \(reason)")
    }

    private func send(_ reply: consuming Reply, _ connection: TCPConnection) {
        let byteCount = reply.byteCount
        precondition(byteCount <= Int(Int32.max), "an answer of \(byteCount) bytes does not fit a frame")
        metrics.sentBytes.add(4 + byteCount)
        let size = Int32(byteCount).bigEndian
        withUnsafeBytes(of: size) { connection.send($0) }
        let insertions = reply.insertions
        if insertions.isEmpty, byteCount >= Self.ownedReplyBytesMin { return connection.send(reply.bytes) }
        reply.bytes.withBytes { bytes in
            var sent = 0
            for insertion in insertions {
                precondition(insertion.offset >= sent && insertion.offset <= bytes.count)
                connection.send(UnsafeRawBufferPointer(rebasing: bytes[sent..<insertion.offset]))
                connection.send(insertion.range)
                sent = insertion.offset
            }
            connection.send(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        }
    }

    func closed(_ connection: TCPConnection, reason: String) {
        self.connection = nil
        peer.isClosed = true
        pending = []
        pendingFirst = 0
        handler.connectionClosed(peer)
        onClose(self, reason)
    }
}
