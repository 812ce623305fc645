import Synchronization

/// How large a request may be: room for the largest batch that any topic takes, and for what is around it. Follows the
/// topics while clients are connected. Thread-safe.
public final class RequestLimit: Sendable {
    /// Bytes that a request may always have (Kafka's `socket.request.max.bytes`).
    static let bytesMin = 100 << 20
    /// Bytes of one batch at most, whatever a topic says: with all that an answer to a fetch may hold beside it, it must
    /// fit the 31 bits of a response's size.
    static let batchBytesMax = 1 << 30
    /// Bytes of a request around its largest batch.
    private static let room = 1 << 20

    private let current: Atomic<Int>

    /// A limit of so many bytes.
    public init(_ bytes: Int = 100 << 20) { current = Atomic(bytes) }

    /// The largest request, bytes.
    public var bytes: Int { current.load(ordering: .relaxed) }

    /// Makes room for batches of so many bytes, and no more than that.
    func follow(messageBytesMax: Int) {
        current.store(Self.bytes(messageBytesMax: messageBytesMax), ordering: .relaxed)
    }

    /// The largest request where batches have at most so many bytes.
    static func bytes(messageBytesMax: Int) -> Int {
        max(bytesMin, min(messageBytesMax, batchBytesMax) + room)
    }
}
