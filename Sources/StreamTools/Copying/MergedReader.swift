import Streams

/// Reads several ranges in order of time, as they were written once.
///
/// A reader of several partitions hands out what came first over the network; at recorded speed that would send one
/// partition's last minute before another's. So each range has a reader of its own, and the oldest record that any of them
/// holds comes next. Belongs to one thread at a time.
final class MergedReader {
    private struct Source {
        let reader: RangeReader
        var waiting: [OwnedRecord] = []
        var next = 0

        var head: OwnedRecord? { next < waiting.count ? waiting[next] : nil }
    }

    private var sources: [Source] = []

    init(_ streams: any Streams, _ ranges: [RecordRange]) throws(StreamError) {
        for range in ranges { sources.append(Source(reader: try RangeReader(streams, [range]))) }
    }

    /// Whether every record has been handed out.
    var isAtEnd: Bool { sources.allSatisfy { $0.head == nil && $0.reader.isAtEnd } }

    /// The oldest record that is there; nil when none came within `waitMilliseconds`.
    func next(waitMilliseconds: Int) throws(StreamError) -> OwnedRecord? {
        for index in sources.indices where sources[index].head == nil && !sources[index].reader.isAtEnd {
            try fill(index, waitMilliseconds)
        }
        let heads = sources.indices.compactMap { index in sources[index].head.map { (index, $0) } }
        guard let oldest = heads.min(by: { $0.1.timestampMilliseconds < $1.1.timestampMilliseconds }) else {
            return nil
        }
        sources[oldest.0].next += 1
        return oldest.1
    }

    private func fill(_ index: Int, _ waitMilliseconds: Int) throws(StreamError) {
        var records: [OwnedRecord] = []
        _ = try sources[index].reader.read(waitMilliseconds: waitMilliseconds) { record, range in
            records.append(OwnedRecord(record, range.partition))
        }
        sources[index].waiting = records
        sources[index].next = 0
    }

    func close() {
        for source in sources { source.reader.close() }
    }
}
