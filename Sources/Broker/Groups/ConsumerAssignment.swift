import Bytes
import KafkaWire

/// What a consumer of a classic group got (Kafka's `ConsumerProtocolAssignment`).
///
/// Layout, big-endian; a string is an int16 length and UTF-8, bytes are an int32 length (-1 for null) and the bytes, an
/// array has an int32 count:
/// ```
/// int16 version, array of (string topic, array of int32 partitions), nullable bytes of the assignor's own
/// ```
enum ConsumerAssignment {
    /// The partitions of an assignment.
    static func partitions(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> [OffsetStore.TopicKey] {
        var reader = ByteReader(bytes)
        return try partitions(&reader)
    }

    private static func partitions(_ reader: inout ByteReader) throws(DecodeError) -> [OffsetStore.TopicKey] {
        let version = try reader.int16()
        guard version >= 0 else { throw DecodeError("assignment of version \(version)", at: 0) }
        return try reader.topicPartitions()
    }

    /// Whether the leader's assignor has told the consumer something of its own.
    static func hasAssignorData(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> Bool {
        var reader = ByteReader(bytes)
        _ = try partitions(&reader)
        return reader.remaining > 0 ? try reader.hasData() : false
    }

    /// The bytes of an assignment.
    ///
    /// - Parameter version: the newest that the consumer knows.
    static func encode(_ partitions: [(topic: String, partitions: [Int32])], version: Int16) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.int16(version)
        writer.kafkaCount(partitions.count, flexible: false)
        for (topic, numbers) in partitions {
            writer.kafkaString(topic, flexible: false)
            writer.kafkaCount(numbers.count, flexible: false)
            for number in numbers { writer.int32(number) }
        }
        writer.kafkaCount(nil, flexible: false)
        return writer.array
    }
}
