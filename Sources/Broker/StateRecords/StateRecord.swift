import Bytes

/// A record of one of the topics that the broker keeps for itself, as people read it: what it is about, and its fields in
/// order. Salts and hashes of credentials are left out.
public struct StateRecord: Sendable, Equatable {
    /// The value of a field.
    public indirect enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        case real(Double)
        case list([Value])
        case fields([Field])
        /// There is none.
        case null
    }

    /// A field with its name.
    public struct Field: Sendable, Equatable {
        /// Its name in snake case, units last.
        public let name: String
        /// Its value.
        public let value: Value

        init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// What the record is about, such as `committed_offset`.
    public let kind: String
    /// What its key names.
    public let key: [Field]
    /// What its value says; nil when the record says that the thing is gone.
    public let value: [Field]?

    /// Reads a record of `topic`; nil when the topic is none of the broker's own, or when the bytes are not what this
    /// version, or Kafka, writes there.
    public init?(topic: String, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) {
        guard let key else { return nil }
        let found: StateRecord?
        switch topic {
        case TopicName.consumerOffsets: found = try? Self.ofGroups(key, value)
        case TopicName.transactionState: found = try? Self.ofTransactions(key, value)
        case TopicName.clusterMetadata: found = (try? MetadataRecord(key: key, value: value)).map(Self.ofCluster)
        default: found = nil
        }
        guard let found else { return nil }
        self = found
    }

    init(_ kind: String, _ key: [Field], _ value: [Field]?) {
        self.kind = kind
        self.key = key
        self.value = value
    }

    static func settings(_ settings: [String: String]) -> Field {
        Field("settings", .fields(settings.sorted { $0.key < $1.key }.map { Field($0.key, .text($0.value)) }))
    }
}

extension StateRecord.Value {
    /// A text, or nothing.
    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }

    /// A whole number.
    static func number(_ number: some FixedWidthInteger) -> Self { .integer(Int64(number)) }
}
