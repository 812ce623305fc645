import Bytes

/// Reads messages; every count is checked against the bytes that are there before memory is taken for it.
public struct WireDecoder: WireCoder {
    /// Elements of all arrays in one message at most: a frame of empty elements must not become gigabytes of
    /// structures.
    public static let elementCountMax = 1 << 18
    /// Bytes of a string at most, in every version (Kafka's limit for STRING).
    public static let stringBytesMax = Int(Int16.max)

    @usableFromInline var reader: ByteReader
    public let version: Int16
    public let flexible: Bool
    @usableFromInline var elementsLeft = WireDecoder.elementCountMax

    /// A decoder of a message of `api`, from the reader's position on.
    @inlinable
    public init(_ reader: ByteReader, _ api: APIKey, version: Int16) {
        self.reader = reader
        self.version = version
        self.flexible = SupportedVersions.of(api).isFlexible(version)
    }

    @inlinable
    public mutating func int8(_ value: inout Int8) throws(DecodeError) { value = try reader.int8() }
    @inlinable
    public mutating func int16(_ value: inout Int16) throws(DecodeError) { value = try reader.int16() }
    @inlinable
    public mutating func int32(_ value: inout Int32) throws(DecodeError) { value = try reader.int32() }
    @inlinable
    public mutating func int64(_ value: inout Int64) throws(DecodeError) { value = try reader.int64() }
    @inlinable
    public mutating func uint16(_ value: inout UInt16) throws(DecodeError) { value = try reader.uint16() }
    @inlinable
    public mutating func float64(_ value: inout Double) throws(DecodeError) { value = try reader.float64() }
    @inlinable
    public mutating func uuid(_ value: inout UUID) throws(DecodeError) { value = try reader.uuid() }

    @inlinable
    public mutating func string(_ value: inout String) throws(DecodeError) {
        let start = reader.position
        guard let text = try reader.kafkaString(flexible: flexible) else {
            throw DecodeError("string: null is not allowed", at: start)
        }
        value = text
    }

    @inlinable
    public mutating func nullableString(_ value: inout String?) throws(DecodeError) {
        value = try reader.kafkaString(flexible: flexible)
    }

    /// The count of an array whose elements take at least `minimumBytes`; nil for null.
    @inlinable
    mutating func count(minimumBytes: Int) throws(DecodeError) -> Int? {
        let start = reader.position
        guard let count = try reader.kafkaCount(flexible: flexible) else { return nil }
        guard count <= reader.remaining / minimumBytes, count <= elementsLeft else {
            throw DecodeError("array count \(count)", at: start)
        }
        elementsLeft -= count
        return count
    }

    @inlinable
    mutating func requiredCount(minimumBytes: Int) throws(DecodeError) -> Int {
        let start = reader.position
        guard let count = try count(minimumBytes: minimumBytes) else {
            throw DecodeError("array: null is not allowed", at: start)
        }
        return count
    }

    @inlinable
    public mutating func int8s(_ values: inout [Int8]) throws(DecodeError) {
        let count = try requiredCount(minimumBytes: 1)
        values = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.int8()) }
    }

    @inlinable
    public mutating func int32s(_ values: inout [Int32]) throws(DecodeError) {
        let count = try requiredCount(minimumBytes: 4)
        values = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.int32()) }
    }

    @inlinable
    public mutating func nullableInt32s(_ values: inout [Int32]?) throws(DecodeError) {
        guard let count = try count(minimumBytes: 4) else {
            values = nil
            return
        }
        var present: [Int32] = []
        present.reserveCapacity(count)
        for _ in 0..<count { present.append(try reader.int32()) }
        values = present
    }

    @inlinable
    public mutating func int64s(_ values: inout [Int64]) throws(DecodeError) {
        let count = try requiredCount(minimumBytes: 8)
        values = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.int64()) }
    }

    @inlinable
    mutating func text(_ count: Int) throws(DecodeError) -> [String] {
        var values: [String] = []
        for _ in 0..<count {
            var value = ""
            try string(&value)
            values.append(value)
        }
        return values
    }

    @inlinable
    public mutating func strings(_ values: inout [String]) throws(DecodeError) {
        let count = try requiredCount(minimumBytes: flexible ? 1 : 2)
        values = try text(count)
    }

    @inlinable
    public mutating func nullableStrings(_ values: inout [String]?) throws(DecodeError) {
        guard let count = try count(minimumBytes: flexible ? 1 : 2) else {
            values = nil
            return
        }
        values = try text(count)
    }

    @inlinable
    mutating func structures<Element: WireStructure>(_ count: Int) throws(DecodeError) -> [Element] {
        var values: [Element] = []
        for _ in 0..<count {
            var value = Element()
            try value.code(&self)
            values.append(value)
        }
        return values
    }

    @inlinable
    public mutating func nullableStructure<Element: WireStructure>(_ value: inout Element?) throws(DecodeError) {
        guard try reader.int8() >= 0 else {
            value = nil
            return
        }
        var present = Element()
        try present.code(&self)
        value = present
    }

    @inlinable
    public mutating func array<Element: WireStructure>(_ values: inout [Element]) throws(DecodeError) {
        let count = try requiredCount(minimumBytes: 1)
        values = try structures(count)
    }

    @inlinable
    public mutating func nullableArray<Element: WireStructure>(_ values: inout [Element]?) throws(DecodeError) {
        guard let count = try count(minimumBytes: 1) else {
            values = nil
            return
        }
        values = try structures(count)
    }

    @inlinable
    public mutating func bytes(_ value: inout [UInt8]) throws(DecodeError) {
        let start = reader.position
        guard let count = try reader.kafkaCount(flexible: flexible) else {
            throw DecodeError("bytes: null is not allowed", at: start)
        }
        value = Array(try reader.view(count))
    }

    @inlinable
    public mutating func records(_ value: inout WireRecords) throws(DecodeError) {
        let start = reader.position
        let count: Int
        if flexible {
            count = Int(try reader.unsignedVarint()) - 1
        } else {
            count = Int(try reader.int32())
        }
        guard count >= -1, count <= reader.remaining else {
            throw DecodeError("record set of \(count) bytes", at: start)
        }
        value = count < 0 ? .null : .view(try reader.view(count))
    }

    @inlinable
    public mutating func tags() throws(DecodeError) {
        if flexible { try reader.skipTaggedFields() }
    }

    @inlinable
    public mutating func tags<Value: WireTagged>(_ value: inout Value) throws(DecodeError) {
        guard flexible else { return }
        let known = Value.knownTags(version: version)
        for _ in 0..<(try reader.taggedFieldCount()) {
            let tag = try reader.unsignedVarint()
            let size = Int(try reader.unsignedVarint())
            guard tag < 32, known & (1 << tag) != 0 else {
                try reader.skip(size)
                continue
            }
            let start = reader.position
            guard size <= reader.remaining else { throw DecodeError("tagged field of \(size) bytes", at: start) }
            try value.code(tag: tag, &self)
            guard reader.position - start == size else {
                throw DecodeError("tagged field \(tag) of \(size) bytes", at: start)
            }
        }
    }
}

extension ByteReader {
    /// NULLABLE_STRING, or COMPACT_NULLABLE_STRING when `flexible`; at most 32767 bytes of UTF-8.
    @inlinable
    public mutating func kafkaString(flexible: Bool) throws(DecodeError) -> String? {
        let start = position
        let count: Int
        if flexible {
            count = Int(try unsignedVarint()) - 1
        } else {
            count = Int(try int16())
        }
        guard count >= -1, count <= WireDecoder.stringBytesMax else {
            throw DecodeError("string length \(count)", at: start)
        }
        return count < 0 ? nil : try utf8(count)
    }

    /// The count of an ARRAY, or of a COMPACT_ARRAY when `flexible`; nil for null. It is not yet checked against the
    /// bytes left.
    @inlinable
    public mutating func kafkaCount(flexible: Bool) throws(DecodeError) -> Int? {
        let start = position
        let count: Int
        if flexible {
            count = Int(try unsignedVarint()) - 1
        } else {
            count = Int(try int32())
        }
        guard count >= -1 else { throw DecodeError("array count \(count)", at: start) }
        return count < 0 ? nil : count
    }

    /// The count at the start of a section of tagged fields.
    @inlinable
    mutating func taggedFieldCount() throws(DecodeError) -> Int {
        let start = position
        let count = Int(try unsignedVarint())
        // Tag and size take a byte each.
        guard count <= remaining / 2 else { throw DecodeError("tagged field count \(count)", at: start) }
        return count
    }

    /// Skips a section of tagged fields (KIP-482): a count, then tag, size and bytes of each.
    @inlinable
    public mutating func skipTaggedFields() throws(DecodeError) {
        for _ in 0..<(try taggedFieldCount()) {
            _ = try unsignedVarint()
            let size = Int(try unsignedVarint())
            try skip(size)
        }
    }
}
