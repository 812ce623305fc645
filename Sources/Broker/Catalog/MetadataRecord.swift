import Bytes

/// One record of `__cluster_metadata`: what the broker must know before it can read anything else.
///
/// Layout, big-endian; a string is an int16 length and UTF-8:
/// ```
/// topic            key:   int16 version = 1, int8 kind = 1, uuid topic id
///                  value: int16 version = 1, string name, int32 partitions, int64 created (ms since the epoch),
///                         int32 settings, that many times (string name, string value)
///                  no value: the topic was deleted
/// producer ids     key:   int16 version = 1, int8 kind = 2
///                  value: int16 version = 1, int64 first id that was never given out
/// ```
/// The last record of a key counts. A version above 1 is refused, so that an older binary never guesses.
enum MetadataRecord: Equatable, Sendable {
    case topic(TopicRecord)
    case topicDeleted(UUID)
    case producerIDs(next: Int64)

    /// What is known of one topic.
    struct TopicRecord: Equatable, Sendable {
        var id: UUID
        var name: String
        var partitionCount: Int32
        var createdMilliseconds: Int64
        var settings: [String: String]
    }

    private static let version: Int16 = 1
    private static let topicKind: Int8 = 1
    private static let producerIDsKind: Int8 = 2

    /// The record's key.
    var key: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.int16(Self.version)
        switch self {
        case .topic(let topic):
            writer.int8(Self.topicKind)
            writer.uuid(topic.id)
        case .topicDeleted(let id):
            writer.int8(Self.topicKind)
            writer.uuid(id)
        case .producerIDs:
            writer.int8(Self.producerIDsKind)
        }
        return writer.array
    }

    /// The record's value; nil says that the key is gone.
    var value: [UInt8]? {
        var writer = ByteWriter(capacity: 128)
        writer.int16(Self.version)
        switch self {
        case .topic(let topic):
            writer.shortString(topic.name)
            writer.int32(topic.partitionCount)
            writer.int64(topic.createdMilliseconds)
            writer.int32(Int32(topic.settings.count))
            for (name, value) in topic.settings.sorted(by: { $0.key < $1.key }) {
                writer.shortString(name)
                writer.shortString(value)
            }
        case .topicDeleted:
            return nil
        case .producerIDs(let next):
            writer.int64(next)
        }
        return writer.array
    }

    /// Reads a record back; throws for anything that this version did not write.
    init(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(DecodeError) {
        var keyReader = ByteReader(key)
        try Self.checkVersion(&keyReader)
        switch try keyReader.int8() {
        case Self.topicKind:
            let id = try keyReader.uuid()
            guard let value else {
                self = .topicDeleted(id)
                return
            }
            var reader = ByteReader(value)
            try Self.checkVersion(&reader)
            self = .topic(try Self.topic(id, &reader))
        case Self.producerIDsKind:
            guard let value else { throw DecodeError("producer id block without value", at: 0) }
            var reader = ByteReader(value)
            try Self.checkVersion(&reader)
            self = .producerIDs(next: try reader.int64())
        default:
            throw DecodeError("kind of metadata record", at: keyReader.position)
        }
    }

    private static func topic(_ id: UUID, _ reader: inout ByteReader) throws(DecodeError) -> TopicRecord {
        let name = try reader.shortString()
        let partitionCount = try reader.int32()
        let created = try reader.int64()
        let settingCount = try reader.int32()
        guard partitionCount > 0, settingCount >= 0, Int(settingCount) * 4 <= reader.remaining else {
            throw DecodeError("counts of a topic record", at: reader.position)
        }
        var settings: [String: String] = [:]
        for _ in 0..<settingCount {
            let setting = try reader.shortString()
            settings[setting] = try reader.shortString()
        }
        return TopicRecord(
            id: id, name: name, partitionCount: partitionCount, createdMilliseconds: created, settings: settings)
    }

    private static func checkVersion(_ reader: inout ByteReader) throws(DecodeError) {
        let found = try reader.int16()
        guard found == version else { throw DecodeError("metadata record of version \(found)", at: 0) }
    }
}

extension ByteWriter {
    /// Appends an int16 length and UTF-8.
    mutating func shortString(_ text: String) {
        precondition(text.utf8.count <= Int(Int16.max))
        int16(Int16(text.utf8.count))
        utf8(text)
    }
}

extension ByteReader {
    /// An int16 length and UTF-8.
    mutating func shortString() throws(DecodeError) -> String {
        try utf8(Int(try int16()))
    }
}
