import Bytes
import KafkaWire

/// What a consumer of a classic group says of itself (Kafka's `ConsumerProtocolSubscription`).
///
/// Layout, big-endian; a string is an int16 length and UTF-8, bytes are an int32 length and the bytes, an array has an
/// int32 count:
/// ```
/// int16 version, array of string topics, nullable bytes of the assignor's own,
/// from version 1: array of (string topic, array of int32 partitions) that the consumer has,
/// from version 2: int32 generation in which it got them, from version 3: nullable string rack
/// ```
/// What is missing at the end is empty, and what stands behind it does not matter.
struct ConsumerSubscription: Equatable, Sendable {
    let version: Int16
    var topics: [String] = []
    /// Whether the assignor of the group's leader has something of its own to go by.
    var hasAssignorData = false
    /// What the consumer has.
    var owned: [OffsetStore.TopicKey] = []
    var rackID: String?

    /// The newest version that is known; newer ones are read as this.
    private static let versionMax: Int16 = 3

    /// Reads a consumer's metadata.
    init(parsing bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        var reader = ByteReader(bytes)
        let told = try reader.int16()
        guard told >= 0 else { throw DecodeError("subscription of version \(told)", at: 0) }
        version = min(told, Self.versionMax)
        for _ in 0..<(try reader.arrayCount(elementBytesMin: 2)) {
            topics.append(try reader.kafkaString(flexible: false) ?? "")
        }
        guard reader.remaining > 0 else { return }
        hasAssignorData = try reader.hasData()
        guard version >= 1, reader.remaining > 0 else { return }
        owned = try reader.topicPartitions()
        guard version >= 2, reader.remaining > 0 else { return }
        _ = try reader.int32()
        guard version >= 3, reader.remaining > 0 else { return }
        rackID = try reader.kafkaString(flexible: false)
    }
}

extension ByteReader {
    /// The count of an array whose elements have at least so many bytes each.
    mutating func arrayCount(elementBytesMin: Int) throws(DecodeError) -> Int {
        let start = position
        let count = try kafkaCount(flexible: false) ?? 0
        guard count <= remaining / elementBytesMin else { throw DecodeError("count \(count)", at: start) }
        return count
    }

    /// Steps over nullable bytes; whether there are any.
    mutating func hasData() throws(DecodeError) -> Bool {
        let count = try kafkaCount(flexible: false) ?? 0
        try skip(count)
        return count > 0
    }

    /// Partitions by topic.
    mutating func topicPartitions() throws(DecodeError) -> [OffsetStore.TopicKey] {
        var partitions: [OffsetStore.TopicKey] = []
        for _ in 0..<(try arrayCount(elementBytesMin: 6)) {
            let start = position
            guard let topic = try kafkaString(flexible: false) else { throw DecodeError("null topic", at: start) }
            for _ in 0..<(try arrayCount(elementBytesMin: 4)) {
                partitions.append(OffsetStore.TopicKey(topic: topic, partition: try int32()))
            }
        }
        return partitions
    }
}
