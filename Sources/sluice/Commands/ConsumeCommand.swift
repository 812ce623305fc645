import Schemas
import StreamTools
import Streams
import System

/// `sluice consume`: messages of a topic, decoded by schema.
enum ConsumeCommand {
    static let command = Command(
        "consume", "Prints the messages of a topic, decoded by schema.", aliases: ["listen"],
        details: RangeFlags.details + "\n" + """
            Each line shows partition:offset, time, schema, key and message; what no schema decodes is shown as text or as
            hexadecimal digits. FORMAT is table, json (a line each), raw (the values' bytes), or kcat's notation such as
            '%t %p %o %T %k: %s\\n', with %F for the schema and %j for the decoded message.
            CONDITION compares fields: 'source_name == "det1" and (message_id > 5 or schema in (f144, al00))'; ~ matches
            patterns; record.key, record.offset, record.timestamp, record.size and record.header.NAME are the record's own.
            """,
        example: "sluice consume LARMOR_events -o -5 --schema ev44,pu00 --where 'message_id > 100'", operands: "TOPIC",
        count: 1...1, kinds: [.topic],
        flags: BrokerConnection.flags + RangeFlags.flags + [
            Flag(
                "--count", "-n", "-c", "-m", value: "N", kind: .integer(0...Int.max), help: "End after N messages."),
            Flag(
                "--schema", value: "ID,...", kind: .choices(SchemaChoice.all),
                help: "Only messages of these schemas, such as ev44,pu00."),
            Flag("--where", "-w", value: "CONDITION", help: "Only messages that fulfil this."),
            Flag("--follow", help: "Wait for new messages at the end, until Ctrl-C."),
            Flag("--full", help: "Whole arrays instead of their first values."),
            Flag("--format", "-f", value: "FORMAT", help: "table, json, raw or kcat's notation (default: table)."),
            Flag("--json", "-J", help: "The same as --format json."),
        ], run: run)

    /// Elements of an array that are shown without `--full`.
    static let shownElements = 8

    private static func run(_ invocation: Invocation) throws -> Int32 {
        var selection = try Selection(invocation)
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        let follows = invocation.has("--follow")
        let ranges = try RangeFlags.ranges(
            invocation, streams, topic, usual: RangeExpression(follows ? .end : .beginning), follows: follows)
        let reader = try BrokerConnection.translated { try RangeReader(streams, ranges) }
        defer { reader.close() }
        let stop = Signals.stopOnInterrupt()
        var output: [UInt8] = []
        while selection.left > 0, !stop.isRequested, !reader.isAtEnd {
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: 200) { record, range in
                    if selection.take(record, range.partition, into: &output) { flush(&output, above: flushBytes) }
                }
            }
            flush(&output, above: 0)
        }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    /// What has gathered is written when it is this long, or when no more is there.
    private static let flushBytes = 1 << 18

    private static func flush(_ output: inout [UInt8], above bytes: Int) {
        guard output.count > bytes else { return }
        output.withUnsafeBytes { Terminal.write($0) }
        output.removeAll(keepingCapacity: true)
    }
}

/// Which messages are shown, and how.
private struct Selection {
    /// How many may still come.
    private(set) var left: Int
    private let format: RecordFormat
    private let arrays: JSONArrays
    private let schemas: Set<String>?
    private let filter: MessageFilter?

    init(_ invocation: Invocation) throws {
        left = try invocation.integer("--count", in: 0...Int.max) ?? Int.max
        arrays = invocation.has("--full") ? .full : .shortened(ConsumeCommand.shownElements)
        schemas = invocation["--schema"].map { Set($0.split(separator: ",").map(String.init)) }
        let name = invocation.has("--json") ? "json" : invocation["--format"] ?? "table"
        let found: RecordFormat?
        do throws(TemplateSyntaxError) { found = try RecordFormat.parse(name) } catch {
            throw CommandError.usage("--format: \(error)")
        }
        guard let found else {
            throw CommandError.usage(
                "--format must be table, json, raw or a text with % such as '%o %s\\n', not \"\(name)\"")
        }
        format = found
        // What is no schema has no fields: text, bytes and so on say nothing about them.
        let decoded = schemas.map { $0.filter { Schema.named($0) != nil }.sorted() } ?? []
        do throws(FilterSyntaxError) {
            filter = try invocation["--where"].map { (text) throws(FilterSyntaxError) in
                MessageFilter(try FilterExpression(text, in: decoded.isEmpty ? nil : decoded))
            }
        } catch {
            throw CommandError.usage("--where: \(error)")
        }
    }

    /// Appends the record to `output` if it is wanted; returns whether it was.
    mutating func take(_ record: StreamRecord, _ partition: TopicPartition, into output: inout [UInt8]) -> Bool {
        guard left > 0 else { return false }
        if let schemas, !schemas.contains(Payload.schema(of: record.value)) { return false }
        if filter?.matches(record, partition) == false { return false }
        left -= 1
        format.append(record, partition, arrays, to: &output)
        return true
    }
}

/// The schemas that a flag may name.
enum SchemaChoice {
    /// Every schema's id, and what takes its place for other messages.
    static let all = Schema.all.map(\.identifier) + ["text", "bytes", "empty", "null"]
}
