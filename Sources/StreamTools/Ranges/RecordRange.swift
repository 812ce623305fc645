import Streams

/// Records of one partition: from an offset up to an end, which may be open.
public struct RecordRange: Equatable, Sendable {
    /// The partition.
    public let partition: TopicPartition
    /// The first offset.
    public let start: Int64
    /// The offset behind the last one; nil when records that are not there yet belong to it too.
    public let end: Int64?
    /// Records of this time (ms since the epoch) and what follows them do not belong to it.
    public let untilMilliseconds: Int64?

    /// A range.
    public init(_ partition: TopicPartition, _ start: Int64, end: Int64?, untilMilliseconds: Int64? = nil) {
        self.partition = partition
        self.start = start
        self.end = end
        self.untilMilliseconds = untilMilliseconds
    }

    /// How many offsets it spans; nil when it is open.
    public var count: Int64? { end.map { max(0, $0 - start) } }
}

extension RangeExpression {
    /// The offsets that the expression means now, in each of some partitions of a topic.
    ///
    /// - Parameters:
    ///   - partitions: nil for all.
    ///   - follows: whether an open end includes what comes later.
    /// - Throws: `unknownTopic` for a topic, a partition or a run that does not exist; `offsetOutOfRange` when no
    ///   partition has the offset.
    public func ranges(
        _ topic: String, _ partitions: [Int32]?, _ streams: any Streams, follows: Bool
    ) throws(StreamError) -> [RecordRange] {
        guard let description = try streams.topic(topic) else {
            throw StreamError(.unknownTopic, "topic \(topic) does not exist")
        }
        for number in partitions ?? [] where number < 0 || number >= description.partitionCount {
            let last = description.partitionCount - 1
            throw StreamError(.unknownTopic, "topic \(topic) has no partition \(number), only 0 to \(last)")
        }
        let numbers = partitions ?? Array(0..<description.partitionCount)
        let expression = try resolvingRun(topic, streams)
        var ranges: [RecordRange] = []
        var marks: [Watermarks] = []
        for number in numbers {
            let partition = TopicPartition(topic, number)
            let range = try streams.watermarks(partition)
            marks.append(range)
            ranges.append(try expression.range(partition, range, streams, follows))
        }
        if case .offset(let offset) = expression.start,
            !marks.contains(where: { ($0.low...$0.high).contains(offset) })
        {
            let spans = zip(numbers, marks).map { "\($1.low) to \($1.high) in partition \($0)" }
            throw StreamError(
                .offsetOutOfRange, "\(topic) has no offset \(offset): it has " + spans.joined(separator: ", "))
        }
        return ranges
    }

    /// The expression with a run's times in place of its name.
    private func resolvingRun(_ topic: String, _ streams: any Streams) throws(StreamError) -> RangeExpression {
        guard let run else { return self }
        guard let instrument = InstrumentTopics.instrument(of: topic) else {
            throw StreamError(.invalidArgument, "\(topic) belongs to no instrument, so nothing tells of its runs")
        }
        let window = try RunWindow.find(run, instrument: instrument, streams: streams)
        // The stop's own millisecond still belongs to the run.
        return RangeExpression(.time(window.startMilliseconds), window.stopMilliseconds.map { .time($0 + 1) } ?? end)
    }

    private func range(
        _ partition: TopicPartition, _ marks: Watermarks, _ streams: any Streams, _ follows: Bool
    ) throws(StreamError) -> RecordRange {
        let first: Int64
        switch start {
        case .beginning: first = marks.low
        case .end: first = marks.high
        case .offset(let offset): first = min(max(offset, marks.low), marks.high)
        case .beforeEnd(let count): first = max(marks.low, marks.high - count)
        case .afterBeginning(let count): first = min(marks.high, marks.low + count)
        case .time(let time): first = try streams.offset(partition, atOrAfter: time) ?? marks.high
        }
        switch end {
        case .open: return RecordRange(partition, first, end: follows ? nil : marks.high)
        case .now: return RecordRange(partition, first, end: marks.high)
        case .offset(let offset):
            return RecordRange(partition, first, end: follows ? offset : min(offset, marks.high))
        case .count(let count):
            return RecordRange(partition, first, end: follows ? first + count : min(first + count, marks.high))
        case .time(let time):
            let found = try streams.offset(partition, atOrAfter: time)
            if let found { return RecordRange(partition, first, end: max(first, found)) }
            return RecordRange(
                partition, first, end: follows ? nil : marks.high, untilMilliseconds: follows ? time : nil)
        }
    }
}
