import Schemas
import StreamTools
import Streams
import System

/// `sluice sniff`: what there is on a cluster.
enum SniffCommand {
    static let command = Command(
        "sniff", "Shows brokers and topics: watermarks, messages, rates, newest message, schemas seen.",
        details: """
            Without a topic each topic is a line; with names or patterns each of their partitions is. The rate is what came
            within --interval; the schemas are those of the last messages of each partition.
            """,
        example: "sluice sniff 'LARMOR_*'", operands: "[TOPIC|PATTERN...]", count: 0...100, kinds: [.topic],
        flags: BrokerConnection.flags + [
            Flag(
                "--interval", "-i", value: "DURATION", kind: .duration,
                help: "How long to watch for the rates (default: 1s); 0s for no rates."),
            Flag("--internal", help: "Also the broker's own topics."),
            Table.formatFlag,
        ], run: run)

    /// Messages at the end of each partition that are looked at.
    private static let lookedAt: Int64 = 20

    /// What is known of one partition.
    private struct Line {
        let partition: TopicPartition
        let watermarks: Watermarks
        let perSecond: Double?
        var newestMilliseconds: Int64 = -1
        var schemas: Set<String> = []
    }

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let operands = invocation.operands.map(BrokerConnection.splitTopic)
        let streams = try BrokerConnection.connect(invocation, override: operands.compactMap(\.broker).first)
        defer { streams.close() }
        let patterns = operands.map(\.topic).filter { !$0.isEmpty }
        let cluster = try BrokerConnection.translated { try streams.cluster() }
        let topics = try BrokerConnection.translated { try streams.topics() }
        let wanted = topics.filter { topic in
            guard patterns.isEmpty else { return patterns.contains { TextPattern.matches(topic.name, $0) } }
            return !topic.isInternal || invocation.has("--internal")
        }
        if let missing = patterns.first(where: { pattern in !topics.contains { TextPattern.matches($0.name, pattern) } }
        ) {
            throw CommandError("no topic is called \(missing)", code: ExitCode.notFound)
        }
        let lines = try BrokerConnection.translated {
            try look(streams, wanted, milliseconds: try invocation.milliseconds("--interval") ?? 1000)
        }
        if invocation["--format"] == "json" {
            Terminal.print(json(cluster, wanted, lines))
        } else {
            Terminal.print("Cluster  \(cluster.id ?? "-")")
            for broker in cluster.brokers {
                let role = broker.id == cluster.controller ? ", controller" : ""
                Terminal.print("Broker   \(broker.id) at \(broker.host):\(broker.port)\(role)")
            }
            Terminal.print("")
            let table = patterns.isEmpty ? byTopic(wanted, lines) : byPartition(lines)
            try table.print(invocation)
        }
        return Signals.wasInterrupted ? ExitCode.interrupted : ExitCode.success
    }

    private static func look(
        _ streams: any Streams, _ topics: [TopicDescription], milliseconds: Int
    ) throws(StreamError) -> [Line] {
        func marks() throws(StreamError) -> [TopicPartition: Watermarks] {
            let names = Set(topics.map(\.name))
            let all = try streams.statistics().filter { names.contains($0.partition.topic) }
            return Dictionary(all.map { ($0.partition, $0.watermarks) }) { $1 }
        }
        let clock = SystemClock()
        let before = try marks()
        let start = clock.monotonicNanoseconds
        if milliseconds > 0 { _ = Signals.stopOnInterrupt().wait(milliseconds: milliseconds) }
        let after = milliseconds > 0 ? try marks() : before
        let seconds = Double(clock.monotonicNanoseconds - start) / 1e9
        var lines = after.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }.map { entry in
            let grown = entry.value.high - (before[entry.key]?.high ?? 0)
            return Line(
                partition: entry.key, watermarks: entry.value,
                perSecond: milliseconds > 0 ? Double(grown) / seconds : nil)
        }
        let ranges = lines.filter { $0.watermarks.high > $0.watermarks.low }.map { line -> RecordRange in
            let marks = line.watermarks
            return RecordRange(line.partition, max(marks.low, marks.high - lookedAt), end: marks.high)
        }
        let places = Dictionary(uniqueKeysWithValues: lines.enumerated().map { ($1.partition, $0) })
        let reader = try RangeReader(streams, ranges)
        defer { reader.close() }
        // A partition whose last records are gone stays without; nobody waits for it.
        var silence = 0
        while !reader.isAtEnd, silence < 5 {
            let count = try reader.read(waitMilliseconds: 200) { record, range in
                guard let index = places[range.partition] else { return }
                lines[index].schemas.insert(Payload.schema(of: record.value))
                lines[index].newestMilliseconds = max(lines[index].newestMilliseconds, record.timestampMilliseconds)
            }
            silence = count == 0 ? silence + 1 : 0
        }
        return lines
    }

    private static func date(_ milliseconds: Int64) -> Table.Cell {
        milliseconds < 0 ? .missing : .text(RecordText.date(milliseconds))
    }

    private static func schemas(_ schemas: Set<String>) -> Table.Cell {
        schemas.isEmpty ? .missing : .text(schemas.sorted().joined(separator: ","))
    }

    private static func byTopic(_ topics: [TopicDescription], _ lines: [Line]) -> Table {
        var table = Table(["topic", "partitions", "messages", "per second", "newest", "schemas"])
        for topic in topics {
            let own = lines.filter { $0.partition.topic == topic.name }
            let rates = own.compactMap(\.perSecond)
            table.rows.append([
                .text(topic.name), .number(Int64(topic.partitionCount)),
                .number(own.reduce(0) { $0 + $1.watermarks.high - $1.watermarks.low }),
                rates.isEmpty ? .missing : .real(rates.reduce(0, +)), date(own.map(\.newestMilliseconds).max() ?? -1),
                schemas(own.reduce(into: []) { $0.formUnion($1.schemas) }),
            ])
        }
        return table
    }

    private static func byPartition(_ lines: [Line]) -> Table {
        var table = Table([
            "topic", "partition", "first offset", "next offset", "messages", "per second", "newest", "schemas",
        ])
        for line in lines {
            let marks = line.watermarks
            table.rows.append([
                .text(line.partition.topic), .number(Int64(line.partition.partition)), .number(marks.low),
                .number(marks.high), .number(marks.high - marks.low), line.perSecond.map { .real($0) } ?? .missing,
                date(line.newestMilliseconds), schemas(line.schemas),
            ])
        }
        return table
    }

    private static func json(_ cluster: ClusterDescription, _ topics: [TopicDescription], _ lines: [Line]) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("cluster", orNull: cluster.id)
            json.field("controller", orNull: cluster.controller)
            json.key("brokers")
            json.array { json in
                for broker in cluster.brokers {
                    json.object { json in
                        json.field("id", broker.id)
                        json.field("host", broker.host)
                        json.field("port", broker.port)
                    }
                }
            }
            json.key("topics")
            json.array { json in
                for topic in topics {
                    json.object { write(topic, lines.filter { $0.partition.topic == topic.name }, to: &$0) }
                }
            }
        }
        return json.text
    }

    private static func write(_ topic: TopicDescription, _ lines: [Line], to json: inout JSONWriter) {
        json.field("name", topic.name)
        json.key("partitions")
        json.array { json in
            for line in lines {
                json.object { json in
                    json.field("partition", line.partition.partition)
                    json.field("low", line.watermarks.low)
                    json.field("high", line.watermarks.high)
                    json.field("messages", line.watermarks.high - line.watermarks.low)
                    json.field("per_second", orNull: line.perSecond)
                    json.field("newest", orNull: line.newestMilliseconds < 0 ? nil : line.newestMilliseconds)
                    json.key("schemas")
                    json.array { json in for schema in line.schemas.sorted() { json.value(schema) } }
                }
            }
        }
    }
}
