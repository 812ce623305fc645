import Streams

/// Reads ranges of records up to their ends.
///
/// Belongs to one thread at a time.
public final class RangeReader {
    /// The ranges, in the order that `StreamRecord.assignment` counts.
    public let ranges: [RecordRange]
    private let reader: (any StreamReader)?
    /// Ranges whose time is over.
    private var isOver: [Bool]

    /// A reader at the start of each range.
    public init(_ streams: any Streams, _ ranges: [RecordRange]) throws(StreamError) {
        self.ranges = ranges
        isOver = ranges.map { _ in false }
        // Nothing to read needs no connection: a topic that is empty, or a range of no length.
        let isEmpty = ranges.allSatisfy { $0.count == 0 }
        reader =
            isEmpty
            ? nil : try streams.makeReader(ranges.map { ReaderAssignment($0.partition, from: .offset($0.start)) })
    }

    /// Whether every record of every range has been handed out.
    public var isAtEnd: Bool {
        guard let reader else { return true }
        return ranges.indices.allSatisfy { index in
            isOver[index] || ranges[index].end.map { reader.position(index) >= $0 } ?? false
        }
    }

    /// Hands records that are there to `body`; waits up to `waitMilliseconds` for the first.
    ///
    /// - Returns: how many `body` got.
    public func read(
        waitMilliseconds: Int, _ body: (StreamRecord, RecordRange) -> Void
    ) throws(StreamError) -> Int {
        guard let reader else { return 0 }
        var count = 0
        _ = try reader.read(waitMilliseconds: waitMilliseconds) { record in
            let range = ranges[record.assignment]
            guard !isOver[record.assignment], range.end.map({ record.offset < $0 }) ?? true else { return }
            if let until = range.untilMilliseconds, record.timestampMilliseconds >= until {
                isOver[record.assignment] = true
                return
            }
            count += 1
            body(record, range)
        }
        return count
    }

    /// Offsets of all ranges that are still to come; nil when one of them is open.
    public var remaining: Int64? {
        var sum: Int64 = 0
        for (index, range) in ranges.enumerated() {
            guard let end = range.end else { return nil }
            sum += max(0, end - (reader?.position(index) ?? end))
        }
        return sum
    }

    /// Lets go of the connection.
    public func close() { reader?.close() }
}
