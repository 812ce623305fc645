import Streams

/// `sluice topic list|describe|create|delete`.
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
    ]

    private static func list(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let pattern = invocation.operands.first
        let (topics, statistics) = try BrokerConnection.translated { (try streams.topics(), try streams.statistics()) }
        var table = Table(["name", "partitions", "messages", "bytes"])
        for topic in topics where !topic.isInternal || invocation.has("--internal") {
            if let pattern, !Pattern.matches(topic.name, pattern) { continue }
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
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        var table = Table(["topic", "partition", "first offset", "next offset", "messages", "bytes"])
        let statistics = try BrokerConnection.translated { try streams.statistics() }
        for name in invocation.operands {
            let own = statistics.filter { $0.partition.topic == name }
            guard !own.isEmpty else { throw CommandError("topic \(name) does not exist", code: ExitCode.notFound) }
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
        return try forEachTopic(invocation, done: "created") { streams, name in
            try streams.createTopic(
                TopicSpecification(name, partitionCount: Int32(partitions), configuration: configuration))
        }
    }

    private static func delete(_ invocation: Invocation) throws -> Int32 {
        try forEachTopic(invocation, done: "deleted") { streams, name in try streams.deleteTopic(name) }
    }

    /// Does one thing to each named topic and prints what came of it; the exit code is that of the first failure.
    private static func forEachTopic(
        _ invocation: Invocation, done: String, _ body: (any Streams, String) throws -> Void
    ) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        var code = ExitCode.success
        for name in invocation.operands {
            do {
                try BrokerConnection.translated { try body(streams, name) }
                Terminal.print("\(done) \(name)")
            } catch let error as CommandError {
                Terminal.printError("sluice: \(error.message)")
                if code == ExitCode.success { code = error.code }
            }
        }
        return code
    }
}

/// Shell patterns with `*` and `?`.
enum Pattern {
    /// Whether the whole of `text` matches `pattern`.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.utf8)
        let pattern = Array(pattern.utf8)
        var position = 0, index = 0
        var star: Int?, mark = 0
        while position < text.count {
            if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
                star = index
                mark = position
                index += 1
            } else if index < pattern.count, pattern[index] == text[position] || pattern[index] == UInt8(ascii: "?") {
                index += 1
                position += 1
            } else if let star {
                index = star + 1
                mark += 1
                position = mark
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
