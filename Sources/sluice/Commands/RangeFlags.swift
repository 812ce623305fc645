import StreamTools
import Streams
import System

/// The flags that say which records of a topic are meant, and what they come to.
enum RangeFlags {
    static let offset = Flag(
        "--offset", "-o", value: "WHERE", repeatable: true,
        help: "beginning, end, an offset, -N (last N of each partition), +N, FROM:TO, @TIME, @FROM:TO or run:NUMBER.")
    static let partition = Flag(
        "--partition", "-p", value: "N,...", repeatable: true, help: "Only these partitions (default: all).")
    static let flags = [offset, partition]

    /// What commands that take a range say about it.
    static let details = """
        WHERE is where to begin, and behind a colon where to end (without that record): 100, 100:200, :200, 100:+10,
        -5, @2026-11-20T12:00, @-5m, @-2h:-1h, @2026-11-20:2026-11-21, run:1234, run:last; kcat's s@MS and e@MS work too.
        Times are dates in UTC, times of today, ms since 1970, or spans before now; a run's come from its instrument's
        _runInfo topic.
        """

    /// The range that the flags name, or `usual` without one.
    static func expression(_ invocation: Invocation, usual: RangeExpression) throws -> RangeExpression {
        let texts = invocation.all(offset.key)
        return texts.isEmpty ? usual : try parse(texts)
    }

    /// The range that somebody wrote.
    static func parse(_ texts: [String]) throws -> RangeExpression {
        do throws(RangeSyntaxError) {
            return try RangeExpression(texts, nowMilliseconds: SystemClock().wallMilliseconds)
        } catch {
            throw CommandError.usage("\(error)")
        }
    }

    /// The partitions that the flags name; nil for all.
    static func partitions(_ invocation: Invocation) throws -> [Int32]? {
        let words = invocation.all(partition.key).flatMap { $0.split(separator: ",") }
        guard !words.isEmpty else { return nil }
        var numbers: [Int32] = []
        for word in words {
            guard let number = Int32(word), number >= 0 else {
                throw CommandError.usage("--partition must be numbers such as 0 or 0,2, not \"\(word)\"")
            }
            if !numbers.contains(number) { numbers.append(number) }
        }
        return numbers
    }

    /// The records of `topic` that the flags name.
    static func ranges(
        _ invocation: Invocation, _ streams: any Streams, _ topic: String, usual: RangeExpression = .init(.beginning),
        follows: Bool = false
    ) throws -> [RecordRange] {
        let expression = try expression(invocation, usual: usual)
        let partitions = try partitions(invocation)
        try BrokerConnection.checkTopic(topic, streams)
        return try BrokerConnection.translated {
            try expression.ranges(topic, partitions, streams, follows: follows)
        }
    }
}
