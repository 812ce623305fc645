import Observability
import Schemas
import Streams
import System

/// `sluice consume`: messages of a topic, decoded by schema.
enum ConsumeCommand {
    static let command = Command(
        "consume", "Prints the messages of a topic, decoded by schema.",
        example: "sluice consume LARMOR_events -o -5", operands: "TOPIC", count: 1...1,
        flags: BrokerConnection.flags + [
            Flag(
                "--offset", "-o", value: "WHERE",
                help:
                    "beginning, end, an offset, -N for the last N of each partition, or @MS for a time (default: beginning)."
            ),
            Flag("--count", "-n", value: "N", help: "End after N messages."),
            Flag("--partition", "-p", value: "N", help: "Only this partition."),
            Flag("--schema", value: "ID,...", help: "Only messages of these schemas, such as ev44,pu00."),
            Flag("--follow", "-f", help: "Wait for new messages at the end, until Ctrl-C."),
            Flag("--full", help: "Whole arrays instead of their first values."),
            Flag(
                "--format", value: "text|json|raw",
                help: "One line a message, JSON lines, or the bytes (default: text)."),
        ], run: run)

    private enum Format { case text, json, raw }

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        let format = try format(invocation)
        let schemas = invocation["--schema"].map { Set($0.split(separator: ",").map(String.init)) }
        let limit = try invocation.integer("--count", in: 0...Int.max) ?? Int.max
        let follows = invocation.has("--follow")
        let assignments = try assignments(invocation, streams, topic)
        let ends = try BrokerConnection.translated { try assignments.map { try streams.watermarks($0.partition).high } }
        let reader = try BrokerConnection.translated { try streams.makeReader(assignments) }
        defer { reader.close() }
        let stop = Signals.stopOnInterrupt()
        var printed = 0
        func isAtEnd() -> Bool { ends.indices.allSatisfy { reader.position($0) >= ends[$0] } }
        while printed < limit, !stop.isRequested, follows || !isAtEnd() {
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: 200) { record in
                    guard printed < limit, follows || record.offset < ends[record.assignment] else { return }
                    if let schemas {
                        guard let value = record.value, let id = SchemaIdentifier.of(value), schemas.contains(id) else {
                            return
                        }
                    }
                    printed += 1
                    show(record, partition: assignments[record.assignment].partition, format, invocation.has("--full"))
                }
            }
        }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func format(_ invocation: Invocation) throws -> Format {
        switch invocation["--format"] ?? "text" {
        case "text": return .text
        case "json": return .json
        case "raw": return .raw
        case let other: throw CommandError.usage("--format must be text, json or raw, not \"\(other)\"")
        }
    }

    private static func assignments(
        _ invocation: Invocation, _ streams: any Streams, _ topic: String
    ) throws -> [ReaderAssignment] {
        let start = invocation["--offset"] ?? (invocation.has("--follow") ? "end" : "beginning")
        return try BrokerConnection.translated {
            guard let description = try streams.topic(topic) else {
                throw CommandError("topic \(topic) does not exist", code: ExitCode.notFound)
            }
            var partitions = (0..<description.partitionCount).map { TopicPartition(topic, $0) }
            if let only = try invocation.integer("--partition", in: 0...Int(Int32.max)) {
                guard only < partitions.count else {
                    throw CommandError(
                        "topic \(topic) has no partition \(only), only 0 to \(partitions.count - 1)",
                        code: ExitCode.notFound)
                }
                partitions = [partitions[only]]
            }
            return try partitions.map { ReaderAssignment($0, from: try position(start, streams, $0)) }
        }
    }

    private static func position(
        _ text: String, _ streams: any Streams, _ partition: TopicPartition
    ) throws -> StartPosition {
        switch text {
        case "beginning", "start", "earliest": return .beginning
        case "end", "latest": return .end
        default: break
        }
        if text.hasPrefix("@"), let time = Int64(text.dropFirst()) { return .timestamp(time) }
        guard let number = Int64(text) else {
            throw CommandError.usage("--offset must be beginning, end, N, -N or @MS, not \"\(text)\"")
        }
        guard number < 0 else { return .offset(number) }
        let marks = try streams.watermarks(partition)
        return .offset(max(marks.low, marks.high + number))
    }

    private static func show(_ record: StreamRecord, partition: TopicPartition, _ format: Format, _ isFull: Bool) {
        let value = record.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let arrays: JSONArrays = isFull ? .full : .shortened(shownElements)
        switch format {
        case .raw: Terminal.write(value)
        case .text: showText(record, partition, Payload(value), arrays)
        case .json: showJSON(record, partition, Payload(value), arrays)
        }
    }

    /// Elements of an array that are shown without `--full`.
    private static let shownElements = 8

    private static func showText(
        _ record: StreamRecord, _ partition: TopicPartition, _ payload: Payload, _ arrays: JSONArrays
    ) {
        let hasTime = record.timestampMilliseconds >= 0
        let time = hasTime ? Log.timestamp(record.timestampMilliseconds * 1_000_000) : "no time"
        let key = record.key.map { " key=\(Payload.text($0))" } ?? ""
        var json = JSONWriter(arrays: arrays)
        payload.write(to: &json)
        let text = payload.isDecoded ? json.text : Payload.text(payload.bytes)
        Terminal.print("\(partition.partition):\(record.offset) \(time) \(payload.schema)\(key) \(text)")
    }

    private static func showJSON(
        _ record: StreamRecord, _ partition: TopicPartition, _ payload: Payload, _ arrays: JSONArrays
    ) {
        var json = JSONWriter(arrays: arrays)
        json.object { json in
            json.field("topic", partition.topic)
            json.field("partition", partition.partition)
            json.field("offset", record.offset)
            json.field("timestamp", record.timestampMilliseconds)
            json.field("schema", payload.schema)
            json.field("key", orNull: record.key.map(Payload.text))
            json.key("value")
            payload.write(to: &json)
        }
        Terminal.print(json.text)
    }
}
