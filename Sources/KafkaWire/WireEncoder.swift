import Bytes

/// Writes messages into a `ByteWriter` that must outlive it.
public struct WireEncoder: WireCoder, ~Copyable {
    public typealias Failure = Never

    @usableFromInline let writer: UnsafeMutablePointer<ByteWriter>
    public let version: Int16
    public let flexible: Bool
    /// Where external record sets belong, in the order of the wire.
    public var insertions: [RecordsInsertion] = []

    /// An encoder of a message of `api` at the end of the writer.
    @inlinable
    public init(_ writer: UnsafeMutablePointer<ByteWriter>, _ api: APIKey, version: Int16) {
        self.writer = writer
        self.version = version
        self.flexible = SupportedVersions.of(api).isFlexible(version)
    }

    @usableFromInline
    init(_ writer: UnsafeMutablePointer<ByteWriter>, version: Int16, flexible: Bool) {
        self.writer = writer
        self.version = version
        self.flexible = flexible
    }

    @inlinable
    public mutating func int8(_ value: inout Int8) { writer.pointee.int8(value) }
    @inlinable
    public mutating func int16(_ value: inout Int16) { writer.pointee.int16(value) }
    @inlinable
    public mutating func int32(_ value: inout Int32) { writer.pointee.int32(value) }
    @inlinable
    public mutating func int64(_ value: inout Int64) { writer.pointee.int64(value) }
    @inlinable
    public mutating func uint16(_ value: inout UInt16) { writer.pointee.uint16(value) }
    @inlinable
    public mutating func float64(_ value: inout Double) { writer.pointee.float64(value) }
    @inlinable
    public mutating func uuid(_ value: inout UUID) { writer.pointee.uuid(value) }

    @inlinable
    public mutating func string(_ value: inout String) { writer.pointee.kafkaString(value, flexible: flexible) }

    @inlinable
    public mutating func nullableString(_ value: inout String?) {
        writer.pointee.kafkaString(value, flexible: flexible)
    }

    @inlinable
    func count(_ count: Int?) { writer.pointee.kafkaCount(count, flexible: flexible) }

    @inlinable
    public mutating func int8s(_ values: inout [Int8]) {
        count(values.count)
        for value in values { writer.pointee.int8(value) }
    }

    @inlinable
    public mutating func int32s(_ values: inout [Int32]) {
        count(values.count)
        for value in values { writer.pointee.int32(value) }
    }

    @inlinable
    public mutating func nullableInt32s(_ values: inout [Int32]?) {
        guard var present = values else { return count(nil) }
        int32s(&present)
    }

    @inlinable
    public mutating func int64s(_ values: inout [Int64]) {
        count(values.count)
        for value in values { writer.pointee.int64(value) }
    }

    @inlinable
    public mutating func strings(_ values: inout [String]) {
        count(values.count)
        for value in values { writer.pointee.kafkaString(value, flexible: flexible) }
    }

    @inlinable
    public mutating func nullableStrings(_ values: inout [String]?) {
        guard var present = values else { return count(nil) }
        strings(&present)
    }

    @inlinable
    public mutating func nullableStructure<Element: WireStructure>(_ value: inout Element?) {
        guard var present = value else { return writer.pointee.int8(-1) }
        writer.pointee.int8(1)
        present.code(&self)
    }

    @inlinable
    public mutating func array<Element: WireStructure>(_ values: inout [Element]) {
        count(values.count)
        for value in values {
            var copy = value
            copy.code(&self)
        }
    }

    @inlinable
    public mutating func nullableArray<Element: WireStructure>(_ values: inout [Element]?) {
        guard var present = values else { return count(nil) }
        array(&present)
    }

    @inlinable
    public mutating func bytes(_ value: inout [UInt8]) {
        count(value.count)
        writer.pointee.append(value)
    }

    @inlinable
    public mutating func records(_ value: inout WireRecords) {
        if case .null = value {
            if flexible { writer.pointee.unsignedVarint(0) } else { writer.pointee.int32(-1) }
            return
        }
        let byteCount = value.byteCount
        precondition(byteCount < Int(Int32.max), "a record set of \(byteCount) bytes does not fit a frame")
        if flexible {
            writer.pointee.unsignedVarint(UInt32(byteCount) + 1)
        } else {
            writer.pointee.int32(Int32(byteCount))
        }
        switch value {
        case .null: break
        case .view(let bytes): writer.pointee.append(bytes)
        case .external:
            guard byteCount > 0 else { return }
            insertions.append(RecordsInsertion(writerOffset: writer.pointee.count, byteCount: byteCount))
        }
    }

    @inlinable
    public mutating func tags() {
        if flexible { writer.pointee.unsignedVarint(0) }
    }

    @inlinable
    public mutating func tags<Value: WireTagged>(_ value: inout Value) {
        guard flexible else { return }
        let present = value.presentTags & Value.knownTags(version: version)
        writer.pointee.unsignedVarint(UInt32(present.nonzeroBitCount))
        for tag in UInt32(0)..<32 where present & (1 << tag) != 0 { write(tag, of: &value) }
    }

    /// Writes one tagged field: its size stands before it, so it is written aside first.
    @usableFromInline
    func write(_ tag: UInt32, of value: inout some WireTagged) {
        var aside = ByteWriter()
        withUnsafeMutablePointer(to: &aside) { pointer in
            var encoder = WireEncoder(pointer, version: version, flexible: flexible)
            value.code(tag: tag, &encoder)
            precondition(encoder.insertions.isEmpty, "record sets are not tagged")
        }
        writer.pointee.unsignedVarint(tag)
        writer.pointee.unsignedVarint(UInt32(aside.count))
        aside.withBytes { writer.pointee.append($0) }
    }
}

extension ByteWriter {
    /// NULLABLE_STRING, or COMPACT_NULLABLE_STRING when `flexible`; text beyond 32767 bytes is cut at a character.
    @inlinable
    public mutating func kafkaString(_ text: String?, flexible: Bool) {
        guard let text else {
            if flexible { unsignedVarint(0) } else { int16(-1) }
            return
        }
        let whole = text.utf8.count
        guard whole <= WireDecoder.stringBytesMax else {
            return kafkaString(Self.cut(text, bytesMax: WireDecoder.stringBytesMax), flexible: flexible)
        }
        if flexible { unsignedVarint(UInt32(whole) + 1) } else { int16(Int16(whole)) }
        utf8(text)
    }

    @usableFromInline
    static func cut(_ text: String, bytesMax: Int) -> String {
        var end = text.utf8.index(text.startIndex, offsetBy: bytesMax)
        while end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }

    /// The count of an ARRAY, or of a COMPACT_ARRAY when `flexible`; nil for null.
    @inlinable
    public mutating func kafkaCount(_ count: Int?, flexible: Bool) {
        let count = count ?? -1
        precondition(count < Int(Int32.max))
        if flexible { unsignedVarint(UInt32(count + 1)) } else { int32(Int32(count)) }
    }
}
