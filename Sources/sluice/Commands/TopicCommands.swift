import StreamTools
import Streams

/// `sluice topic list|describe|create|delete|config|trim|set`.
enum TopicCommands {
    static let all = [
        Command(
            "topic list", "Lists topics with their partitions, messages and sizes.",
            example: "sluice topic list 'LARMOR_*'", operands: "[PATTERN]", count: 0...1, kinds: [.topic],
            flags: BrokerConnection.flags + [
                Flag("--internal", help: "Also the broker's own topics."), Table.formatFlag,
            ], run: list),
        Command(
            "topic describe", "Shows the partitions of topics with their offsets and sizes.",
            example: "sluice topic describe LARMOR_events", operands: "NAME...", count: 1...1000, kinds: [.topic],
            flags: BrokerConnection.flags + [Table.formatFlag], run: describe),
        Command(
            "topic create", "Creates topics.",
            example: "sluice topic create LARMOR_events --partitions 4 --config retention.ms=3600000",
            operands: "NAME...", count: 1...1000,
            flags: BrokerConnection.flags + [
                Flag("--partitions", "-p", value: "N", kind: .integer(1...1000), help: "Partitions (default: 1)."),
                Flag(
                    "--config", value: "KEY=VALUE", kind: .pair, repeatable: true,
                    help: "A setting such as retention.ms=3600000."),
            ], run: create),
        Command(
            "topic delete", "Deletes topics with their records.", example: "sluice topic delete TEST_events",
            operands: "NAME...", count: 1...1000, kinds: [.topic], flags: BrokerConnection.flags, run: delete),
        TopicConfigCommand.command, TopicTrimCommand.command, TopicSetCommand.command,
    ]

    private static func list(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let pattern = invocation.operands.first
        let (topics, statistics) = try BrokerConnection.translated { (try streams.topics(), try streams.statistics()) }
        var table = Table(["name", "partitions", "messages", "bytes"])
        for topic in topics where !topic.isInternal || invocation.has("--internal") {
            if let pattern, !TextPattern.matches(topic.name, pattern) { continue }
            let own = statistics.filter { $0.partition.topic == topic.name }
            let messages = own.reduce(Int64(0)) { $0 + $1.watermarks.high - $1.watermarks.low }
            let sizes = own.compactMap(\.sizeBytes)
            table.rows.append([
                .text(topic.name), .number(Int64(topic.partitionCount)), .number(messages),
                sizes.isEmpty ? .missing : .number(sizes.reduce(0, +)),
            ])
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func describe(_ invocation: Invocation) throws -> Int32 {
        let operands = invocation.operands.map(BrokerConnection.splitTopic)
        let streams = try BrokerConnection.connect(invocation, override: operands.compactMap(\.broker).first)
        defer { streams.close() }
        var table = Table(["topic", "partition", "first offset", "next offset", "messages", "bytes"])
        let statistics = try BrokerConnection.translated { try streams.statistics() }
        for (_, name) in operands {
            let own = statistics.filter { $0.partition.topic == name }
            if own.isEmpty { try BrokerConnection.checkTopic(name, streams) }
            for partition in own.sorted(by: { $0.partition.partition < $1.partition.partition }) {
                let marks = partition.watermarks
                table.rows.append([
                    .text(name), .number(Int64(partition.partition.partition)), .number(marks.low), .number(marks.high),
                    .number(marks.high - marks.low), partition.sizeBytes.map { .number($0) } ?? .missing,
                ])
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func create(_ invocation: Invocation) throws -> Int32 {
        let partitions = try invocation.integer("--partitions", in: 1...1000) ?? 1
        let configuration = Dictionary(invocation.pairs("--config").map { ($0.name, $0.value) }) { $1 }
        return try NamedThings.forEach(invocation, done: "created") { streams, name in
            try streams.createTopic(
                TopicSpecification(name, partitionCount: Int32(partitions), configuration: configuration))
        }
    }

    private static func delete(_ invocation: Invocation) throws -> Int32 {
        try NamedThings.forEach(invocation, done: "deleted") { streams, name in try streams.deleteTopic(name) }
    }
}
