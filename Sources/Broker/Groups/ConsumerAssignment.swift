import Bytes
import KafkaWire

/// What a consumer of a classic group got (Kafka's `ConsumerProtocolAssignment`).
///
/// Layout, big-endian; a string is an int16 length and UTF-8, an array has an int32 count:
/// ```
/// int16 version, array of (string topic, array of int32 partitions), and more that does not matter here
/// ```
enum ConsumerAssignment {
    /// The partitions of an assignment.
    static func partitions(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> [OffsetStore.TopicKey] {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        guard version >= 0 else { throw DecodeError("assignment of version \(version)", at: 0) }
        var partitions: [OffsetStore.TopicKey] = []
        for _ in 0..<(try count(&reader, elementBytesMin: 6)) {
            let start = reader.position
            guard let topic = try reader.kafkaString(flexible: false) else {
                throw DecodeError("null topic", at: start)
            }
            for _ in 0..<(try count(&reader, elementBytesMin: 4)) {
                partitions.append(OffsetStore.TopicKey(topic: topic, partition: try reader.int32()))
            }
        }
        return partitions
    }

    private static func count(_ reader: inout ByteReader, elementBytesMin: Int) throws(DecodeError) -> Int {
        let start = reader.position
        let count = try reader.kafkaCount(flexible: false) ?? 0
        guard count <= reader.remaining / elementBytesMin else { throw DecodeError("count \(count)", at: start) }
        return count
    }
}
