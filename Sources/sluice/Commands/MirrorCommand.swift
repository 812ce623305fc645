import StreamTools
import Streams
import System

/// `sluice mirror`: topics from one broker to another, and on with what comes.
enum MirrorCommand {
    static let command = Command(
        "mirror", "Copies topics from one broker to another, and goes on with what comes until Ctrl-C.",
        details: """
            Keys, headers, times and partitions stay; missing topics are created. What was copied is committed at the source
            for --group, so that the next call goes on there; a message may come twice after a crash, none is left out.
            """,
        example: "sluice mirror livedata:31092 127.0.0.1:9092 --topics 'LARMOR_*'", operands: "SOURCE TARGET",
        count: 2...2,
        flags: [
            BrokerConnection.propertyFlag,
            Flag(
                "--topics", "-t", value: "PATTERN", kind: .topic, repeatable: true,
                help: "Topics by name or pattern (default: all but internal ones)."),
            Flag("--group", "-g", value: "NAME", help: "Where progress is kept (default: sluice-mirror)."),
            Flag(
                "--from", value: "beginning|end", kind: .choice(["beginning", "end"]),
                help: "Where partitions without progress begin (default: end)."),
            Flag("--once", help: "End when everything that is there now is copied."),
        ], run: run)

    /// After so long what was sent is made durable and committed, in ns.
    private static let commitNanoseconds: UInt64 = 1_000_000_000

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let source = try BrokerConnection.connect(invocation, override: invocation.operands[0])
        defer { source.close() }
        let target = try BrokerConnection.connect(invocation, override: invocation.operands[1])
        defer { target.close() }
        let group = invocation["--group"] ?? "sluice-mirror"
        let stop = Signals.stopOnInterrupt()
        return try BrokerConnection.translated {
            let ranges = try ranges(invocation, source, target, group)
            let producer = try target.makeProducer(ProducerOptions(acknowledgement: .durable))
            defer { producer.close() }
            let reader = try RangeReader(source, ranges)
            defer { reader.close() }
            let clock = SystemClock()
            var committed = clock.monotonicNanoseconds
            var copied: [TopicPartition: Int64] = [:]
            var count = 0
            while !reader.isAtEnd, !stop.isRequested {
                var failure: StreamError?
                count += try reader.read(waitMilliseconds: 200) { record, range in
                    guard failure == nil else { return }
                    do throws(StreamError) {
                        try producer.send(
                            topic: range.partition.topic, partition: range.partition.partition, key: record.key,
                            value: record.value, headers: record.headers,
                            timestampMilliseconds: record.timestampMilliseconds < 0
                                ? nil : record.timestampMilliseconds,
                            delivered: nil)
                        copied[range.partition] = record.offset + 1
                    } catch { failure = error }
                }
                if let failure { throw failure }
                guard clock.monotonicNanoseconds - committed > commitNanoseconds else { continue }
                try commit(&copied, group, source, producer)
                committed = clock.monotonicNanoseconds
                Terminal.progress("\(count) messages copied")
            }
            try commit(&copied, group, source, producer)
            Terminal.clearProgress()
            Terminal.printError("copied \(count) messages of \(Set(ranges.map(\.partition.topic)).count) topics")
            return stop.isRequested ? ExitCode.interrupted : ExitCode.success
        }
    }

    /// Progress counts only once the copies are safe.
    private static func commit(
        _ copied: inout [TopicPartition: Int64], _ group: String, _ source: any Streams, _ producer: any StreamProducer
    ) throws(StreamError) {
        guard !copied.isEmpty else { return }
        try producer.flush(timeoutMilliseconds: 60_000)
        try source.commit(group: group, copied)
        copied = [:]
    }

    private static func ranges(
        _ invocation: Invocation, _ source: any Streams, _ target: any Streams, _ group: String
    ) throws -> [RecordRange] {
        let patterns = invocation.all("--topics")
        let topics = try source.topics().filter { topic in
            guard patterns.isEmpty else { return patterns.contains { TextPattern.matches(topic.name, $0) } }
            return !topic.isInternal
        }
        guard !topics.isEmpty else {
            throw CommandError("\(invocation.operands[0]) has no such topic", code: ExitCode.notFound)
        }
        let committed = try source.committedOffsets(group: group)
        let usual: RangeExpression.Start = invocation["--from"] == "beginning" ? .beginning : .end
        var ranges: [RecordRange] = []
        for topic in topics {
            try target.ensureTopic(TopicSpecification(topic.name, partitionCount: topic.partitionCount))
            for number in 0..<topic.partitionCount {
                let partition = TopicPartition(topic.name, number)
                let start = committed[partition].map { RangeExpression.Start.offset($0) } ?? usual
                let follows = !invocation.has("--once")
                ranges += try RangeExpression(start).ranges(topic.name, [number], source, follows: follows)
            }
        }
        return ranges
    }
}
