import Bytes
import KafkaWire
import Reactor

/// One response without its size: bytes in memory, with stretches of files between them.
public struct Reply: ~Copyable {
    /// Response header and body, without what is inserted.
    public var bytes: ByteWriter
    /// File ranges in the order in which they are sent: each goes before the byte at `offset` of `bytes`.
    public var insertions: [Insertion]

    /// A file range and its place.
    public struct Insertion: Sendable {
        /// The byte of `Reply.bytes` before which the range goes; its end is allowed.
        public var offset: Int
        /// What goes there.
        public var range: FileRange

        /// The range before the byte at `offset`.
        public init(offset: Int, range: FileRange) {
            self.offset = offset
            self.range = range
        }
    }

    /// A response of these bytes and file ranges.
    public init(_ bytes: consuming ByteWriter, insertions: [Insertion] = []) {
        self.bytes = bytes
        self.insertions = insertions
    }

    /// A response made of a header and a message that is all in memory.
    public init(_ message: some WireMessage, to header: RequestHeader) {
        self.init(message, to: header, ranges: [])
    }

    /// A response whose external record sets are the given ranges.
    ///
    /// - Parameter ranges: for each non-empty external record set, in the order of the wire, the file ranges that make
    ///   it up; their
    ///   counts add up to the set's byte count.
    public init<Message: WireMessage>(_ message: Message, to header: RequestHeader, ranges: [[FileRange]]) {
        var writer = ByteWriter(capacity: 256)
        ResponseHeader(correlationID: header.correlationID)
            .encode(into: &writer, api: Message.api, version: header.version)
        let marks = message.encodeMarkingRecords(into: &writer, version: header.version)
        precondition(marks.count == ranges.count, "\(marks.count) record sets, \(ranges.count) lists of file ranges")
        var insertions: [Insertion] = []
        for (mark, pieces) in zip(marks, ranges) {
            precondition(
                pieces.reduce(0) { $0 + $1.count } == mark.byteCount, "file ranges differ from their record set")
            for piece in pieces { insertions.append(Insertion(offset: mark.writerOffset, range: piece)) }
        }
        self.init(writer, insertions: insertions)
    }

    /// Bytes of the response, inserted ones included, without the size.
    public var byteCount: Int { insertions.reduce(bytes.count) { $0 + $1.range.count } }
}
