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
/// settings         key:   int16 version = 1, int8 kind = 3, int8 resource (0 all brokers, 1 this broker, 2 group),
///                         string group when it is one
///                  value: int16 version = 1, int32 settings, that many times (string name, string value)
///                  no value: all are back at their defaults
/// quotas           key:   int16 version = 1, int8 kind = 4, for user, client id and address in this order:
///                         int8 0 absent, 1 the default, 2 a name, then string name
///                  value: int16 version = 1, int32 quotas, that many times (string name, float64 value)
///                  no value: there are none any more
/// credential       key:   int16 version = 1, int8 kind = 5, int8 mechanism (1 SCRAM-SHA-256, 2 SCRAM-SHA-512),
///                         string user
///                  value: int16 version = 1, int32 iterations, int16 length and bytes of the salt, the same of the
///                         salted password (RFC 5802)
///                  no value: it was removed
/// access rule      key:   int16 version = 1, int8 kind = 6, int8 resource, int8 pattern, int8 operation,
///                         int8 permission (Kafka's numbers), string name, string principal, string host
///                  value: int16 version = 1
///                  no value: it was removed
/// ```
/// The last record of a key counts. A version above 1 is refused, so that an older binary never guesses.
enum MetadataRecord: Equatable, Sendable {
    case topic(TopicRecord)
    case topicDeleted(UUID)
    case producerIDs(next: Int64)
    case settings(SettingsRecord)
    case quota(QuotaRecord)
    case scram(SCRAMRecord)
    case accessRule(AccessRuleRecord)

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
    private static let settingsKind: Int8 = 3
    private static let quotaKind: Int8 = 4
    private static let scramKind: Int8 = 5
    private static let accessRuleKind: Int8 = 6

    /// Whether the record says that something is gone.
    var isRemoval: Bool {
        switch self {
        case .topic, .producerIDs: false
        case .topicDeleted: true
        case .settings(let record): record.settings.isEmpty
        case .quota(let record): record.values.isEmpty
        case .scram(let record): record.credential == nil
        case .accessRule(let record): record.isRemoval
        }
    }

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
        case .settings(let record):
            writer.int8(Self.settingsKind)
            record.encodeKey(into: &writer)
        case .quota(let record):
            writer.int8(Self.quotaKind)
            record.encodeKey(into: &writer)
        case .scram(let record):
            writer.int8(Self.scramKind)
            record.encodeKey(into: &writer)
        case .accessRule(let record):
            writer.int8(Self.accessRuleKind)
            record.encodeKey(into: &writer)
        }
        return writer.array
    }

    /// The record's value; nil says that the key is gone.
    var value: [UInt8]? {
        guard !isRemoval else { return nil }
        var writer = ByteWriter(capacity: 128)
        writer.int16(Self.version)
        switch self {
        case .topic(let topic):
            writer.shortString(topic.name)
            writer.int32(topic.partitionCount)
            writer.int64(topic.createdMilliseconds)
            writer.settings(topic.settings)
        case .topicDeleted, .accessRule:
            break
        case .producerIDs(let next):
            writer.int64(next)
        case .settings(let record): record.encodeValue(into: &writer)
        case .quota(let record): record.encodeValue(into: &writer)
        case .scram(let record): record.encodeValue(into: &writer)
        }
        return writer.array
    }

    /// Reads a record back; throws for anything that this version did not write.
    init(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) throws(DecodeError) {
        var keyReader = ByteReader(key)
        try Self.checkVersion(&keyReader)
        var valueReader = value.map { ByteReader($0) }
        if valueReader != nil { try Self.checkVersion(&valueReader!) }
        switch try keyReader.int8() {
        case Self.topicKind:
            let id = try keyReader.uuid()
            guard var reader = valueReader else {
                self = .topicDeleted(id)
                return
            }
            self = .topic(try Self.topic(id, &reader))
        case Self.producerIDsKind:
            guard var reader = valueReader else { throw DecodeError("producer id block without value", at: 0) }
            self = .producerIDs(next: try reader.int64())
        case Self.settingsKind:
            self = .settings(try SettingsRecord(key: &keyReader, value: &valueReader))
        case Self.quotaKind: self = .quota(try QuotaRecord(key: &keyReader, value: &valueReader))
        case Self.scramKind: self = .scram(try SCRAMRecord(key: &keyReader, value: &valueReader))
        case Self.accessRuleKind:
            self = .accessRule(try AccessRuleRecord(key: &keyReader, value: valueReader))
        default:
            throw DecodeError("kind of metadata record", at: keyReader.position)
        }
    }

    private static func topic(_ id: UUID, _ reader: inout ByteReader) throws(DecodeError) -> TopicRecord {
        let name = try reader.shortString()
        let partitionCount = try reader.int32()
        let created = try reader.int64()
        guard partitionCount > 0 else { throw DecodeError("partition count \(partitionCount)", at: reader.position) }
        return TopicRecord(
            id: id, name: name, partitionCount: partitionCount, createdMilliseconds: created,
            settings: try reader.settings())
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
