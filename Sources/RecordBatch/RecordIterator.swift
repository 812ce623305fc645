/// Steps through the records of one batch, given their decompressed bytes.
///
/// Memory-safe on any bytes. It trusts no more than that the header passed `check`, and takes compacted batches, whose
/// offset deltas have gaps.
public struct RecordIterator {
    private let header: RecordBatchHeader
    private var cursor: VarintCursor
    private let end: Int
    private var remaining: Int

    /// An iterator over `records`, the decompressed bytes behind `header`.
    public init(_ header: RecordBatchHeader, records: UnsafeRawBufferPointer) {
        self.header = header
        self.cursor = VarintCursor(records)
        self.end = records.count
        self.remaining = Int(header.recordCount)
    }

    /// The next record; nil behind the last. Throws when the bytes are malformed; then the iterator is at its end.
    public mutating func next() throws(RecordBatchError) -> Record? {
        guard remaining > 0 else { return nil }
        remaining &-= 1
        let start = cursor.position
        cursor.end = end
        let length = cursor.varint()
        guard !cursor.failed, length >= 0, length <= end &- cursor.position else { throw malformed(start) }
        let recordEnd = cursor.position &+ length
        cursor.end = recordEnd
        _ = cursor.byte()
        let timestampDelta = cursor.varlong()
        let offsetDelta = cursor.varint()
        let key = cursor.view(cursor.varint())
        let value = cursor.view(cursor.varint())
        let headerCount = cursor.varint()
        guard !cursor.failed, offsetDelta >= 0, offsetDelta <= Int(header.lastOffsetDelta),
            headerCount >= 0, headerCount <= (recordEnd &- cursor.position) / 2
        else { throw malformed(start) }
        let headers = RecordHeaders(
            count: headerCount,
            bytes: UnsafeRawBufferPointer(rebasing: cursor.bytes[cursor.position..<recordEnd]))
        cursor.position = recordEnd
        return Record(
            offset: header.baseOffset &+ Int64(offsetDelta),
            offsetDelta: Int32(truncatingIfNeeded: offsetDelta),
            timestampMilliseconds: header.isLogAppendTime
                ? header.maxTimestamp : header.baseTimestamp &+ timestampDelta,
            key: key, value: value, headers: headers)
    }

    private mutating func malformed(_ position: Int) -> RecordBatchError {
        let index = Int(header.recordCount) - remaining - 1
        remaining = 0
        return RecordBatchError(
            .invalidRecord, "record \(index) is malformed (position in the decompressed records)", at: position)
    }
}
