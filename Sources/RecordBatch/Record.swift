/// One record of a batch, borrowed: it must not outlive the bytes of the batch.
public struct Record {
    /// The record's offset in its partition.
    public let offset: Int64
    /// The offset from the batch's base offset.
    public let offsetDelta: Int32
    /// When, ms since the epoch; -1 for unknown. The broker's time if the batch says so.
    public let timestampMilliseconds: Int64
    /// The key; nil for none.
    public let key: UnsafeRawBufferPointer?
    /// The value; nil for a tombstone.
    public let value: UnsafeRawBufferPointer?
    /// The headers, decoded as they are asked for.
    public let headers: RecordHeaders
}

/// One header to write.
public struct RecordHeader: Equatable, Sendable {
    /// The header's name.
    public let name: String
    /// The header's value; nil is not the same as empty.
    public let value: [UInt8]?

    /// A header.
    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}

/// One header of a borrowed record.
public struct RecordHeaderView {
    /// The name's bytes, UTF-8.
    public let nameBytes: UnsafeRawBufferPointer
    /// The value; nil is not the same as empty.
    public let value: UnsafeRawBufferPointer?

    /// The name; invalid UTF-8 is repaired.
    public var name: String { String(decoding: nameBytes, as: UTF8.self) }
}

/// The headers of one record, borrowed.
///
/// A list whose bytes are malformed ends early: validated batches hold none.
public struct RecordHeaders: Sequence {
    /// How many there are, as the record says.
    public let count: Int
    /// Their bytes, without the count.
    public let bytes: UnsafeRawBufferPointer

    /// No headers.
    public static var none: RecordHeaders {
        RecordHeaders(count: 0, bytes: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The first header called `name`; nil for none.
    public func first(named name: String) -> RecordHeaderView? {
        first { $0.nameBytes.elementsEqual(name.utf8) }
    }

    /// The headers in order, copied.
    public var copied: [RecordHeader] {
        map { RecordHeader(name: $0.name, value: $0.value.map { value in [UInt8](value) }) }
    }

    /// Steps through the headers.
    public func makeIterator() -> Iterator { Iterator(remaining: count, cursor: VarintCursor(bytes)) }

    /// Steps through the headers of one record.
    public struct Iterator: IteratorProtocol {
        var remaining: Int
        var cursor: VarintCursor

        /// The next header; nil at the end.
        public mutating func next() -> RecordHeaderView? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            let name = cursor.view(cursor.varint())
            let value = cursor.view(cursor.varint())
            guard !cursor.failed, let name else {
                remaining = 0
                return nil
            }
            return RecordHeaderView(nameBytes: name, value: value)
        }
    }
}
