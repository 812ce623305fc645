/// The pass over the records of a batch that checks all of it and keeps what the log wants to know.
///
/// Layout of a record (Kafka documentation, "Record"):
/// ```
/// varint length, then that many bytes:
///   int8 attributes, varlong timestampDelta, varint offsetDelta,
///   varint keyLength (-1 null) key, varint valueLength (-1 null) value,
///   varint headerCount, and for each: varint nameLength name, varint valueLength (-1 null) value
/// ```
struct RecordWalk {
    var cursor: VarintCursor
    private let baseTimestamp: Int64
    private(set) var index = 0
    private(set) var maxTimestamp: Int64 = -1
    private(set) var maxTimestampIndex = 0
    private(set) var hasNullKey = false

    init(_ records: UnsafeRawBufferPointer, baseTimestamp: Int64) {
        self.cursor = VarintCursor(records)
        self.baseTimestamp = baseTimestamp
    }

    /// Checks `count` records and that nothing follows them; says what is wrong, with `index` and `cursor` there.
    mutating func run(count: Int) -> String? {
        let end = cursor.end
        while index < count {
            cursor.end = end
            let length = cursor.varint()
            guard !cursor.failed, length >= RecordBatchValidator.recordBytesMin - 1, length <= end &- cursor.position
            else {
                return "length \(length) with \(end - cursor.position) bytes left"
            }
            cursor.end = cursor.position &+ length
            if let problem = record() { return problem }
            index &+= 1
        }
        return cursor.position == end ? nil : "\(end - cursor.position) bytes behind the last record"
    }

    /// Checks one record, which ends at `cursor.end`.
    @inline(__always)
    private mutating func record() -> String? {
        _ = cursor.byte()
        let (timestamp, overflow) = baseTimestamp.addingReportingOverflow(cursor.varlong())
        guard !overflow, timestamp >= -1 else { return "timestamp delta out of range" }
        guard cursor.varint() == index else { return "offset delta is not \(index)" }
        let keyLength = cursor.varint()
        cursor.skip(keyLength)
        let valueLength = cursor.varint()
        cursor.skip(valueLength)
        let headerCount = cursor.varint()
        if headerCount != 0 { skipHeaders(headerCount) }
        guard !cursor.failed else { return "a length or number that does not fit into the record" }
        guard cursor.position == cursor.end else { return "\(cursor.end - cursor.position) bytes too many" }
        if keyLength < 0 { hasNullKey = true }
        if timestamp > maxTimestamp {
            maxTimestamp = timestamp
            maxTimestampIndex = index
        }
        return nil
    }

    @inline(never)
    private mutating func skipHeaders(_ count: Int) {
        // A header takes two bytes at least, so the loop ends within the record whatever the count claims.
        guard count > 0, count <= (cursor.end - cursor.position) / 2 else {
            cursor.failed = true
            return
        }
        for _ in 0..<count {
            let nameLength = cursor.varint()
            guard nameLength >= 0 else {
                cursor.failed = true
                return
            }
            cursor.skip(nameLength)
            cursor.skip(cursor.varint())
            if cursor.failed { return }
        }
    }
}
