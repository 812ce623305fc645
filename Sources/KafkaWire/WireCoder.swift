import Bytes

/// One direction of the Kafka encoding. A message describes its fields once, in `code(_:)`; a `WireDecoder` fills them
/// from bytes and a `WireEncoder` writes them, so the two directions cannot disagree.
///
/// Primitive types are those of the Kafka protocol guide ("Protocol Primitive Types"). From a message's first flexible
/// version on (KIP-482) lengths are unsigned varints of length + 1 and every structure ends with tagged fields.
public protocol WireCoder: ~Copyable {
    /// What the direction can throw: `DecodeError` when reading, nothing when writing.
    associatedtype Failure: Error
    /// The version of the message.
    var version: Int16 { get }
    /// Whether this version uses compact lengths and tagged fields.
    var flexible: Bool { get }

    /// INT8.
    mutating func int8(_ value: inout Int8) throws(Failure)
    /// INT16.
    mutating func int16(_ value: inout Int16) throws(Failure)
    /// INT32.
    mutating func int32(_ value: inout Int32) throws(Failure)
    /// INT64.
    mutating func int64(_ value: inout Int64) throws(Failure)
    /// UINT16.
    mutating func uint16(_ value: inout UInt16) throws(Failure)
    /// FLOAT64.
    mutating func float64(_ value: inout Double) throws(Failure)
    /// UUID.
    mutating func uuid(_ value: inout UUID) throws(Failure)
    /// STRING or COMPACT_STRING.
    mutating func string(_ value: inout String) throws(Failure)
    /// NULLABLE_STRING or COMPACT_NULLABLE_STRING.
    mutating func nullableString(_ value: inout String?) throws(Failure)
    /// BYTES or COMPACT_BYTES.
    mutating func bytes(_ value: inout [UInt8]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of INT8.
    mutating func int8s(_ values: inout [Int8]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of INT32.
    mutating func int32s(_ values: inout [Int32]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of INT64.
    mutating func int64s(_ values: inout [Int64]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of STRING.
    mutating func strings(_ values: inout [String]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of STRING, or null.
    mutating func nullableStrings(_ values: inout [String]?) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of INT32, or null.
    mutating func nullableInt32s(_ values: inout [Int32]?) throws(Failure)
    /// A structure behind an INT8 that says whether it is there, or a negative INT8 alone.
    mutating func nullableStructure<Element: WireStructure>(_ value: inout Element?) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of structures.
    mutating func array<Element: WireStructure>(_ values: inout [Element]) throws(Failure)
    /// ARRAY or COMPACT_ARRAY of structures, or null.
    mutating func nullableArray<Element: WireStructure>(_ values: inout [Element]?) throws(Failure)
    /// RECORDS or COMPACT_RECORDS.
    mutating func records(_ value: inout WireRecords) throws(Failure)
    /// The tagged fields at the end of a structure, when the version has them: all are skipped, none are written.
    mutating func tags() throws(Failure)
    /// The tagged fields at the end of a structure, when the version has them: those that `value` knows are read and,
    /// if they differ from their defaults, written; others are skipped.
    mutating func tags<Value: WireTagged>(_ value: inout Value) throws(Failure)
}

/// A structure some of whose fields are tagged (KIP-482). Tags stand for bits: bit 0 is tag 0.
public protocol WireTagged {
    /// The tags that the version has, of 0 to 31.
    static func knownTags(version: Int16) -> UInt32
    /// The tags of the fields that differ from their defaults.
    var presentTags: UInt32 { get }
    /// Runs the field of a known tag through the coder.
    mutating func code<C: WireCoder & ~Copyable>(tag: UInt32, _ coder: inout C) throws(C.Failure)
}

extension WireCoder where Self: ~Copyable {
    /// BOOLEAN.
    @inlinable
    public mutating func bool(_ value: inout Bool) throws(Failure) {
        var byte: Int8 = value ? 1 : 0
        try int8(&byte)
        value = byte != 0
    }

    /// An error code, INT16; a code that is not known becomes `.unknownServerError`.
    @inlinable
    public mutating func errorCode(_ value: inout ErrorCode) throws(Failure) {
        var raw = value.rawValue
        try int16(&raw)
        value = ErrorCode(rawValue: raw) ?? .unknownServerError
    }

    /// A structure, or null: a byte of 1 or -1 stands before it.
    @inlinable
    public mutating func nullableStructure<Element: WireStructure>(_ value: inout Element?) throws(Failure) {
        var mark: Int8 = value == nil ? -1 : 1
        try int8(&mark)
        guard mark >= 0 else {
            value = nil
            return
        }
        var present = value ?? Element()
        try present.code(&self)
        value = present
    }
}

/// A structure of the Kafka protocol: a message or a part of one.
public protocol WireStructure {
    /// All fields at the defaults of the message's definition.
    init()
    /// Runs every field of the coder's version through the coder, in the order of the wire.
    mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure)
}

/// A request or response body.
public protocol WireMessage: WireStructure {
    /// The API that the message belongs to.
    static var api: APIKey { get }
}

extension WireMessage {
    /// Reads a body of the given version.
    ///
    /// - Precondition: the version is in `SupportedVersions.of(api).decodable`.
    @inlinable
    public init(decoding reader: inout ByteReader, version: Int16) throws(DecodeError) {
        self.init()
        var decoder = WireDecoder(reader, Self.api, version: version)
        try code(&decoder)
        reader = decoder.reader
    }

    /// Appends the body in the given version.
    @inlinable
    public func encode(into writer: inout ByteWriter, version: Int16) {
        _ = encodeMarkingRecords(into: &writer, version: version)
    }

    /// Appends the body in the given version, and returns where record sets that are not in the writer
    /// (`WireRecords.external`) belong.
    @inlinable
    public func encodeMarkingRecords(into writer: inout ByteWriter, version: Int16) -> [RecordsInsertion] {
        withUnsafeMutablePointer(to: &writer) { pointer in
            var encoder = WireEncoder(pointer, Self.api, version: version)
            var copy = self
            copy.code(&encoder)
            return encoder.insertions
        }
    }
}

/// A RECORDS field: whole record batches, one after the other.
public enum WireRecords {
    /// Null.
    case null
    /// Bytes that somebody else owns, valid as long as the frame that they were read from.
    case view(UnsafeRawBufferPointer)
    /// This many bytes that are not copied into the writer: the sender inserts them from files.
    case external(byteCount: Int)

    /// Bytes of the record set; 0 for null.
    @inlinable
    public var byteCount: Int {
        switch self {
        case .null: 0
        case .view(let bytes): bytes.count
        case .external(let byteCount): byteCount
        }
    }
}

/// A place in an encoded message where bytes from elsewhere belong.
public struct RecordsInsertion: Equatable, Sendable {
    /// The writer's byte before which they go, counted from the writer's start.
    public var writerOffset: Int
    /// How many bytes.
    public var byteCount: Int

    /// An insertion of `byteCount` bytes before the byte at `writerOffset`.
    @inlinable
    public init(writerOffset: Int, byteCount: Int) {
        self.writerOffset = writerOffset
        self.byteCount = byteCount
    }
}
