import Bytes
import KafkaWire

/// A group's position in one partition.
struct CommittedOffset: Equatable, Sendable {
    /// The offset that the group wants to read next.
    var offset: Int64
    /// The leader epoch of the last record read; -1 when unknown.
    var leaderEpoch: Int32 = -1
    /// The client's own text.
    var metadata: String = ""
    /// When it was committed, ms since the epoch.
    var committedMilliseconds: Int64
    /// When it may be forgotten, ms since the epoch, if the client said so (OffsetCommit 2 to 4).
    var expiresMilliseconds: Int64? = nil
}

/// The key of a committed offset.
struct OffsetKey: Hashable, Sendable {
    let group: String
    let topic: String
    let partition: Int32
}

/// One record of `__consumer_offsets`, in the layout of Kafka's `GroupMetadataManager`, so that other tools can read it.
///
/// Layout, big-endian; a string is an int16 length and UTF-8:
/// ```
/// key:   int16 version = 1, string group, string topic, int32 partition      (read: versions 0 and 1)
/// value: int16 version = 3, int64 offset, int32 leader epoch, string metadata, int64 commit time (ms)
///        or version = 1, int64 offset, string metadata, int64 commit time (ms), int64 expire time (ms)
///        (read: also 2 = offset, metadata, commit time, and 4 = 3 in the flexible encoding of KIP-482)
/// no value: the offset was removed
/// ```
/// Keys of other versions are other kinds of records (2: `GroupRecord`).
enum OffsetRecord {
    /// The record's key.
    static func key(_ key: OffsetKey) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.int16(1)
        writer.shortString(key.group)
        writer.shortString(key.topic)
        writer.int32(key.partition)
        return writer.array
    }

    /// The record's value.
    static func value(_ offset: CommittedOffset) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        // Only the old version has room for an expire time, as in Kafka.
        writer.int16(offset.expiresMilliseconds == nil ? 3 : 1)
        writer.int64(offset.offset)
        if offset.expiresMilliseconds == nil { writer.int32(offset.leaderEpoch) }
        writer.shortString(offset.metadata)
        writer.int64(offset.committedMilliseconds)
        if let expires = offset.expiresMilliseconds { writer.int64(expires) }
        return writer.array
    }

    /// Reads a key; nil when the record is of another kind.
    static func parseKey(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> OffsetKey? {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        guard version == 0 || version == 1 else { return nil }
        let group = try reader.shortString()
        let topic = try reader.shortString()
        return OffsetKey(group: group, topic: topic, partition: try reader.int32())
    }

    /// Reads a value.
    static func parseValue(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> CommittedOffset {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        guard (0...4).contains(version) else {
            throw DecodeError("committed offset of version \(version)", at: 0)
        }
        let offset = try reader.int64()
        let leaderEpoch = version >= 3 ? try reader.int32() : -1
        let metadata = try reader.kafkaString(flexible: version >= 4) ?? ""
        let committed = try reader.int64()
        let expires = version == 1 ? try reader.int64() : -1
        return CommittedOffset(
            offset: offset, leaderEpoch: leaderEpoch, metadata: metadata, committedMilliseconds: committed,
            expiresMilliseconds: expires >= 0 ? expires : nil)
    }
}
