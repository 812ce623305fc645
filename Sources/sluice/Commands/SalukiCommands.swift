import StreamTools
import Streams
import System

/// `sluice saluki ...`: saluki's commands with its own flags and its own lines.
///
/// Source: saluki (ISIS Computing Group), both its generations: `consume`, `listen`, `sniff`, `howl`, `count`, and `play`,
/// `bury`, `dig` as they were or were meant.
enum SalukiCommands {
    private static let property = Flag(
        "-X", "--kafka-config", value: "KEY=VALUE", kind: .pair, repeatable: true, help: "A librdkafka property.")
    private static let partition = Flag(
        "--partition", "-p", value: "N", kind: .integer(0...Int(Int32.max)), help: "The partition (default: 0).")
    private static let offsets = Flag("--offset", "-o", value: "FROM:TO", help: "Offsets FROM to TO, both included.")
    private static let times = Flag("--timestamp", "-t", value: "FROM:TO", help: "Times FROM to TO, in ms or as dates.")

    static let all = [
        Command(
            "saluki consume", "Prints messages as saluki does.", aliases: ["listen"],
            details: "Without a start it waits for new messages. Range flags read partition -p, or 0, as saluki does.",
            example: "sluice saluki consume 127.0.0.1:9092/LARMOR_events --last 5", operands: "HOST:PORT/TOPIC",
            count: 1...1, kinds: [.topic],
            flags: [
                Flag(
                    "--partition", "-p", value: "N", kind: .integer(0...Int(Int32.max)),
                    help: "Only this partition (default: all; 0 with a start)."),
                Flag("--filter", "-f", value: "SCHEMA,...", repeatable: true, help: "Only these schemas."),
                Flag("--timestamp", "-t", value: "MS", help: "Start at this time: ms since 1970, or a date."),
                Flag("--offset", "-o", value: "N", kind: .integer(0...Int.max), help: "Start at this offset."),
                Flag("--messages", "-m", value: "N", kind: .integer(0...Int.max), help: "End after N messages."),
                Flag("--last", "-l", value: "N", kind: .integer(1...Int.max), help: "The last N messages, then end."),
                Flag("--key", help: "Show the key's bytes."),
                Flag("--terse", help: "Only schema and size."),
                property,
            ], run: consume),
        Command(
            "saluki sniff", "Lists brokers, topics and watermarks as saluki does.",
            example: "sluice saluki sniff 127.0.0.1:9092", operands: "HOST:PORT[/TOPIC]", count: 1...1, kinds: [.topic],
            flags: [property], run: sniff),
        Command(
            "saluki howl", "Sends made-up runs, as `sluice howl` does.",
            example: "sluice saluki howl 127.0.0.1:9092 TEST -e 1000 -f 10", operands: "HOST:PORT PREFIX", count: 2...2,
            flags: HowlCommand.flags + [property]
        ) { invocation in
            let streams = try BrokerConnection.connect(invocation, override: invocation.operands[0])
            defer { streams.close() }
            return try HowlCommand.run(invocation, streams, prefix: invocation.operands[1])
        },
        Command(
            "saluki count", "Tells the data rate of a topic, until Ctrl-C.",
            example: "sluice saluki count 127.0.0.1:9092/LARMOR_events", operands: "HOST:PORT/TOPIC", count: 1...1,
            kinds: [.topic],
            flags: [
                Flag(
                    "--message-interval", value: "SECONDS", kind: .number(0.01...86400), help: "How often (default: 1)."
                ),
                property,
            ], run: count),
        Command(
            "saluki play", "Copies a range of messages to another topic, with their times.",
            example: "sluice saluki play h:9092/A_events h:9092/B_events -o 100:200",
            operands: "HOST:PORT/SOURCE HOST:PORT/TARGET", count: 2...2, kinds: [.topic],
            flags: [partition, offsets, times, property], run: play),
        Command(
            "saluki bury", "Saves a range of messages in a file, as `sluice bury` does.",
            example: "sluice saluki bury h:9092/A_events -p 0 -o 100:200 events.sluice",
            operands: "HOST:PORT/TOPIC FILE",
            count: 2...2, kinds: [.topic, .file], flags: [partition, offsets, times, property]
        ) { invocation in
            let (streams, topic) = try connect(invocation, invocation.operands[0])
            defer { streams.close() }
            let ranges = try ranges(invocation, streams, topic)
            return try ArchiveCommands.bury(streams, topic, ranges, in: invocation.operands[1], follows: false)
        },
        Command(
            "saluki dig", "Sends the messages of a file, as `sluice dig` does.",
            example: "sluice saluki dig h:9092/B_events events.sluice", operands: "HOST:PORT/TOPIC FILE", count: 2...2,
            kinds: [.topic, .file],
            flags: [
                Flag(
                    "--partition", "-p", value: "N", kind: .integer(0...Int(Int32.max)),
                    help: "Send everything to this partition (default: each to its own)."),
                property,
            ]
        ) { invocation in
            var options = RecordPlayer.Options()
            options.partition = try invocation.integer("--partition", in: 0...Int(Int32.max)).map { Int32($0) }
            return try ArchiveCommands.dig(invocation.operands[1], options) { _ in
                try connect(invocation, invocation.operands[0])
            }
        },
    ]

    /// Connects to where `HOST:PORT/TOPIC` points.
    private static func connect(_ invocation: Invocation, _ operand: String) throws -> (any Streams, String) {
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: operand)
        guard !topic.isEmpty else { throw CommandError.usage("Topic cannot be empty: HOST:PORT/TOPIC") }
        return (streams, topic)
    }

    /// The records that `-o` or `-t` and `-p` name; ends are included.
    private static func ranges(
        _ invocation: Invocation, _ streams: any Streams, _ topic: String
    ) throws -> [RecordRange] {
        let partition = Int32(try invocation.integer("--partition", in: 0...Int(Int32.max)) ?? 0)
        var expression = RangeExpression(.beginning)
        if let text = invocation["--offset"] {
            expression = try RangeFlags.parse([text])
            if case .offset(let last) = expression.end { expression.end = .offset(last + 1) }
        } else if let text = invocation["--timestamp"] {
            expression = try RangeFlags.parse(["@" + text])
            if case .time(let last) = expression.end { expression.end = .time(last + 1) }
        }
        return try BrokerConnection.translated {
            try expression.ranges(topic, [partition], streams, follows: false)
        }
    }

    private static func play(_ invocation: Invocation) throws -> Int32 {
        let (source, topic) = try connect(invocation, invocation.operands[0])
        defer { source.close() }
        let (sink, target) = try connect(invocation, invocation.operands[1])
        defer { sink.close() }
        return try PlayCommand.play(
            source, ranges(invocation, source, topic), sink, target, RecordPlayer.Options(), loops: 1)
    }

    private static func consume(_ invocation: Invocation) throws -> Int32 {
        let last = try invocation.integer("--last", in: 1...Int.max)
        let hasStart = invocation["--offset"] != nil || invocation["--timestamp"] != nil
        if last != nil, hasStart || invocation["--messages"] != nil || !invocation.all("--filter").isEmpty {
            throw CommandError.usage("--last cannot be used with --offset, --timestamp, --messages or --filter")
        }
        var expression = RangeExpression(.end)
        if let offset = invocation["--offset"] { expression = try RangeFlags.parse([offset]) }
        if let time = invocation["--timestamp"] { expression = try RangeFlags.parse(["@" + time]) }
        if let last { expression = RangeExpression(.beforeEnd(Int64(last)), .now) }
        let (streams, topic) = try connect(invocation, invocation.operands[0])
        defer { streams.close() }
        let number = try invocation.integer("--partition", in: 0...Int(Int32.max)).map { Int32($0) }
        let partitions = number.map { [$0] } ?? (expression.start == .end ? nil : [0])
        let reader = try BrokerConnection.translated {
            try RangeReader(streams, expression.ranges(topic, partitions, streams, follows: true))
        }
        defer { reader.close() }
        let schemas = Set(invocation.all("--filter").flatMap { $0.split(separator: ",").map(String.init) })
        let limit = try last ?? invocation.integer("--messages", in: 0...Int.max) ?? Int.max
        let (showsKey, isTerse) = (invocation.has("--key"), invocation.has("--terse"))
        let stop = Signals.stopOnInterrupt()
        var shown = 0
        while shown < limit, !stop.isRequested, !reader.isAtEnd {
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: 200) { record, range in
                    guard shown < limit else { return }
                    guard schemas.isEmpty || schemas.contains(Payload.schema(of: record.value)) else { return }
                    shown += 1
                    Terminal.print(SalukiText.line(record, range.partition, showsKey: showsKey, isTerse: isTerse))
                }
            }
        }
        if shown == limit { Terminal.print("Reached \(limit) messages, exiting") }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func sniff(_ invocation: Invocation) throws -> Int32 {
        let text = invocation.operands[0]
        let split = text.contains("/") ? BrokerConnection.splitTopic(text) : (broker: text, topic: "")
        let streams = try BrokerConnection.connect(invocation, override: split.broker)
        defer { streams.close() }
        let (cluster, topics, statistics) = try BrokerConnection.translated {
            (try streams.cluster(), try streams.topics(), try streams.statistics())
        }
        let wanted = topics.filter { split.topic.isEmpty || $0.name == split.topic }
        guard split.topic.isEmpty || !wanted.isEmpty else {
            throw CommandError("topic \(split.topic) does not exist", code: ExitCode.notFound)
        }
        Terminal.print("Brokers (\(cluster.brokers.count)):")
        for broker in cluster.brokers { Terminal.print("\t\(broker.id): \(broker.host):\(broker.port)  ") }
        Terminal.print("\nTopics:")
        for topic in wanted {
            Terminal.print("\tTopic: \(topic.name)  Error: None")
            for partition in statistics where partition.partition.topic == topic.name {
                let marks = partition.watermarks
                Terminal.print("\t\tPartition: \(partition.partition.partition)")
                Terminal.print(
                    "\t\t\tLow watermark: \(marks.low)  High watermark: \(marks.high) "
                        + "(messages: \(marks.high - marks.low))")
            }
        }
        return ExitCode.success
    }

    /// Mbit are bytes by 125000, MB bytes by 1e6, as in saluki.
    private static func count(_ invocation: Invocation) throws -> Int32 {
        let interval = UInt64((try invocation.number("--message-interval", in: 0.01...86400) ?? 1) * 1e9)
        let (streams, topic) = try connect(invocation, invocation.operands[0])
        defer { streams.close() }
        let reader = try BrokerConnection.translated {
            try RangeReader(streams, RangeExpression(.end).ranges(topic, nil, streams, follows: true))
        }
        defer { reader.close() }
        let stop = Signals.stopOnInterrupt()
        let clock = SystemClock()
        let began = clock.monotonicNanoseconds
        var last = began
        var bytes = 0, reported = 0
        while !stop.isRequested {
            let wait = Int(min(200, (interval + 999_999) / 1_000_000))
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: wait) { record, _ in bytes += record.value?.count ?? 0 }
            }
            let now = clock.monotonicNanoseconds
            guard now - last >= interval else { continue }
            func rate(_ bytes: Int, _ since: UInt64) -> Double { Double(bytes) / 125_000 / (Double(now - since) / 1e9) }
            Terminal.print(
                "\(Rate.fixed(rate(bytes - reported, last))) Mbit/s (since program start: average "
                    + "\(Rate.fixed(rate(bytes, began))) Mbit/s, \(Rate.fixed(Double(bytes) / 1e6)) MB total)")
            (last, reported) = (now, bytes)
        }
        return ExitCode.interrupted
    }
}
