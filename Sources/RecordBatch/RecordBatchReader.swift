import Bytes
import Compression

/// A transaction that was aborted, as a fetch response lists it.
public struct AbortedTransaction: Equatable, Sendable {
    /// Whose transaction it was.
    public let producerID: Int64
    /// The first offset of it.
    public let firstOffset: Int64

    /// An aborted transaction.
    public init(producerID: Int64, firstOffset: Int64) {
        self.producerID = producerID
        self.firstOffset = firstOffset
    }
}

/// Reads the records out of raw log bytes: what a Kafka consumer does with a fetched record set.
///
/// Keep one per reading thread: it reuses the memory for decompressed records.
public struct RecordBatchReader: ~Copyable {
    private let checksCRC: Bool
    private let decompressedBytesMax: Int
    private var scratch = ByteWriter(capacity: 0)

    /// The offset to continue with after the last `read`. After a throw it is behind the damaged batch if that could be
    /// told, and otherwise at it.
    public private(set) var nextOffset: Int64 = 0

    /// A reader that checks the CRC of each batch, unless the bytes were checked just before.
    public init(checksCRC: Bool = true, decompressedBytesMax: Int = CompressionCodec.decompressedBytesMax) {
        self.checksCRC = checksCRC
        self.decompressedBytesMax = decompressedBytesMax
    }

    /// Calls `body` for each record of `log` from `offset` on, until it answers false; returns the bytes of the whole
    /// batches that were passed.
    ///
    /// `log` holds batches one behind the other; the last may be cut, and is left for the next call. Control batches
    /// and the batches of `aborted` transactions are passed without a call. Records are borrowed for the call.
    @discardableResult
    public mutating func read(
        _ log: UnsafeRawBufferPointer, from offset: Int64, aborted: [AbortedTransaction] = [],
        _ body: (Record) -> Bool
    ) throws(RecordBatchError) -> Int {
        nextOffset = offset
        defer { if scratch.allocated > RecordBatchValidator.keptBytesMax { scratch = ByteWriter(capacity: 0) } }
        var filter = AbortedFilter(aborted)
        var position = 0
        while let bytes = try Self.batch(log, at: position) {
            let header = bytes.header
            guard header.lastOffset >= offset else {
                position += bytes.whole.count
                continue
            }
            let start = max(offset, nextOffset)
            nextOffset = header.lastOffset &+ 1
            if checksCRC { _ = try RecordBatchValidator.checkFrame(bytes.whole) }
            let stored = UnsafeRawBufferPointer(rebasing: bytes.whole[RecordBatchHeader.size...])
            if try filter.passes(header, records: stored) {
                if let stop = try deliver(header, stored, from: start, body) {
                    nextOffset = stop
                    return position
                }
            }
            position += bytes.whole.count
        }
        return position
    }

    /// The batch at `position` with its header; nil when it is not there completely.
    private static func batch(
        _ log: UnsafeRawBufferPointer, at position: Int
    ) throws(RecordBatchError) -> (header: RecordBatchHeader, whole: UnsafeRawBufferPointer)? {
        let rest = UnsafeRawBufferPointer(rebasing: log[position...])
        guard let header = try? RecordBatchHeader(parsing: rest) else { return nil }
        try header.check()
        guard header.totalBytes <= rest.count else { return nil }
        return (header, UnsafeRawBufferPointer(rebasing: rest[..<header.totalBytes]))
    }

    /// Calls `body` for the records of one batch; returns the offset to continue with if `body` wanted to stop.
    private mutating func deliver(
        _ header: RecordBatchHeader, _ stored: UnsafeRawBufferPointer, from offset: Int64, _ body: (Record) -> Bool
    ) throws(RecordBatchError) -> Int64? {
        guard header.codec != .none else { return try Self.deliver(header, records: stored, from: offset, body) }
        try RecordBatchValidator.decompress(stored, header, limit: decompressedBytesMax, into: &scratch)
        return try scratch.withBytes { (records) throws(RecordBatchError) in
            try Self.deliver(header, records: records, from: offset, body)
        }
    }

    private static func deliver(
        _ header: RecordBatchHeader, records: UnsafeRawBufferPointer, from offset: Int64, _ body: (Record) -> Bool
    ) throws(RecordBatchError) -> Int64? {
        var iterator = RecordIterator(header, records: records)
        while let record = try iterator.next() {
            if record.offset >= offset && !body(record) { return record.offset &+ 1 }
        }
        return nil
    }
}

/// Decides which batches a reader of committed data sees (KIP-98).
private struct AbortedFilter {
    private var upcoming: [AbortedTransaction]
    private var producers: Set<Int64> = []

    init(_ aborted: [AbortedTransaction]) {
        upcoming = aborted.sorted { $0.firstOffset > $1.firstOffset }
    }

    /// Whether the records of the batch count.
    mutating func passes(
        _ header: RecordBatchHeader, records: UnsafeRawBufferPointer
    ) throws(RecordBatchError) -> Bool {
        while let next = upcoming.last, next.firstOffset <= header.lastOffset {
            producers.insert(next.producerID)
            upcoming.removeLast()
        }
        if header.isControl {
            // Markers are never compressed.
            var iterator = RecordIterator(header, records: records)
            if !producers.isEmpty, header.codec == .none, let record = try iterator.next(),
                try ControlRecord(parsing: record)?.outcome == .abort
            {
                producers.remove(header.producerID)
            }
            return false
        }
        return !(header.isTransactional && producers.contains(header.producerID))
    }
}
