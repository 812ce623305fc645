import StreamTools
import Streams

/// `sluice topic trim`: gives up the oldest records of topics.
enum TopicTrimCommand {
    static let command = Command(
        "topic trim", "Deletes the oldest records of topics, those before an offset or a time.",
        details: """
            WHERE is an offset, @TIME, run:NUMBER (its start), -N (all but the last N of each partition), +N (the first N)
            or end (everything), as in `sluice consume --help`. With a time, records go up to the first one of that time or
            later. Readers find the new beginning at once; the disk gets its room back by whole segments. Topics that keep
            the newest record of each key (cleanup.policy=compact) are not trimmed.
            """,
        example: "sluice topic trim LARMOR_rawEvents --before @-2h --dry-run", operands: "NAME...", count: 1...1000,
        kinds: [.topic],
        flags: BrokerConnection.flags + [
            Flag("--before", value: "WHERE", help: "The first record that stays (required)."),
            RangeFlags.partition,
            Flag("--dry-run", help: "Only show what would be deleted."),
            Table.formatFlag,
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let place = try place(invocation)
        let partitions = try RangeFlags.partitions(invocation)
        let operands = invocation.operands.map(BrokerConnection.splitTopic)
        let streams = try BrokerConnection.connect(invocation, override: operands.compactMap(\.broker).first)
        defer { streams.close() }
        var table = Table(["topic", "partition", "from", "to", "deleted"])
        try BrokerConnection.translated {
            // All places first: one that does not exist must not leave the work half done.
            var from: [(partition: TopicPartition, first: Int64)] = []
            var offsets: [TopicPartition: Int64] = [:]
            for (_, topic) in operands {
                for range in try place.ranges(topic, partitions, streams, follows: true) {
                    from.append((range.partition, try streams.watermarks(range.partition).low))
                    offsets[range.partition] = range.start
                }
            }
            let first = invocation.has("--dry-run") ? offsets : try streams.deleteRecords(before: offsets)
            for (partition, old) in from {
                let new = first[partition] ?? old
                table.rows.append([
                    .text(partition.topic), .number(Int64(partition.partition)), .number(old), .number(new),
                    .number(max(0, new - old)),
                ])
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    /// The place that `--before` names.
    private static func place(_ invocation: Invocation) throws -> RangeExpression {
        guard let text = invocation["--before"] else {
            throw CommandError.usage("--before is missing: which is the first record that stays?")
        }
        let place = try RangeFlags.parse([text])
        guard place.end == .open else {
            throw CommandError.usage("--before is one place, not a range such as \"\(text)\"")
        }
        return place
    }
}
