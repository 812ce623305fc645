import Broker
import CommitLog
import Compression
import Observability
import RecordBatch
import Schemas
import StreamTools
import System

/// `sluice log dump`: batches and decoded records of log files.
enum LogDumpCommand {
    static let command = Command(
        "log dump", "Prints the batches and decoded records of a log file or of all files of a partition.",
        details: """
            Values are decoded by schema; those of __consumer_offsets, __transaction_state and __cluster_metadata as what
            they say of groups, transactions and topics. The first two also of Kafka's directories.
            """,
        example: "sluice log dump storage/topics/LARMOR_events-0 --from 100 --count 5", operands: "FILE|DIR",
        count: 1...1,
        flags: [
            Flag("--from", value: "OFFSET", help: "Begin with the batch that holds this offset."),
            Flag("--count", "-n", value: "N", help: "End after N batches."),
            Flag("--batches", help: "Only the batches, without their records."),
            Flag("--full", help: "Whole arrays instead of their first values."),
            Flag(
                "--format", value: "text|json",
                help: "Lines for people, or one JSON object a batch (default: text)."),
        ], run: run)

    /// Elements of an array that are shown without `--full`.
    private static let shownElements = 8

    /// How to show what is found.
    private struct Style {
        let isJSON: Bool
        let showsRecords: Bool
        let arrays: JSONArrays
        /// The topic of the file at hand, as its directory is called.
        var topic = ""
    }

    private static func run(_ invocation: Invocation) throws -> Int32 {
        var style = Style(
            isJSON: try isJSON(invocation), showsRecords: !invocation.has("--batches"),
            arrays: invocation.has("--full") ? .full : .shortened(shownElements))
        let first = Int64(try invocation.integer("--from", in: 0...Int.max) ?? 0)
        var remaining = try invocation.integer("--count", in: 0...Int.max) ?? Int.max
        let stop = Signals.stopOnInterrupt()
        var isDamaged = false
        for segment in try segments(invocation.operands[0], from: first) {
            var scan = try OfflineScan(segment)
            style.topic = segment.topic ?? ""
            while remaining > 0, !stop.isRequested, let item = try scan.next() {
                switch item {
                case .batch(let header, let position):
                    guard header.lastOffset >= first else { continue }
                    remaining -= 1
                    show(header, position, try style.showsRecords ? scan.bytes(header, at: position) : nil, style)
                case .damage(let position, let bytes, let offset, let next):
                    guard next ?? .max > first else { continue }
                    isDamaged = true
                    let end = next.map { "offsets \(offset)..<\($0) cannot be read" } ?? "behind offset \(offset)"
                    Terminal.printError(
                        "sluice: \(segment.path): \(bytes) bytes at \(position) are no intact batch: \(end)")
                }
            }
        }
        if stop.isRequested { return ExitCode.interrupted }
        return isDamaged ? ExitCode.failed : ExitCode.success
    }

    private static func isJSON(_ invocation: Invocation) throws -> Bool {
        switch invocation["--format"] ?? "text" {
        case "text": return false
        case "json": return true
        case let other: throw CommandError.usage("--format must be text or json, not \"\(other)\"")
        }
    }

    /// The files that `path` names, without those that end before `offset`.
    private static func segments(_ path: String, from offset: Int64) throws -> [OfflineSegment] {
        if path.hasSuffix(".log") {
            do throws(LogError) { return [try OfflineSegment(path)] } catch {
                throw CommandError("\(error)", code: ExitCode.failed)
            }
        }
        let directory = try LogCommands.open(path)
        guard directory.partitions.count == 1 else {
            throw CommandError.usage(
                "\(path) holds \(directory.partitions.count) partitions; name one, such as "
                    + directory.partitions[0].path)
        }
        let all = directory.partitions[0].segments
        return Array(all[(all.lastIndex { $0.baseOffset <= offset } ?? 0)...])
    }

    // MARK: - Showing

    private static func show(_ header: RecordBatchHeader, _ position: Int64, _ bytes: [UInt8]?, _ style: Style) {
        if style.isJSON {
            var json = JSONWriter(arrays: style.arrays)
            json.object { json in
                write(header, position, to: &json)
                guard let bytes else { return }
                json.key("records")
                json.array { json in
                    each(header, bytes) { write($0, header, style, to: &json) }
                }
            }
            Terminal.print(json.text)
            return
        }
        Terminal.print(line(header, position))
        if let bytes { each(header, bytes) { Terminal.print("  " + line($0, header, style)) } }
    }

    private static func each(_ header: RecordBatchHeader, _ bytes: [UInt8], _ body: (Record) -> Void) {
        do throws(RecordBatchError) {
            var reader = StoredBatchReader()
            try bytes.withUnsafeBufferPointer { (raw) throws(RecordBatchError) in
                try reader.read(UnsafeRawBufferPointer(raw)) { record in
                    body(record)
                    return true
                }
            }
        } catch {
            Terminal.printError("sluice: offsets \(header.baseOffset)..<\(header.lastOffset + 1): \(error)")
        }
    }

    private static func codec(_ header: RecordBatchHeader) -> String {
        CompressionCodec(rawValue: header.codecNumber)?.name ?? "codec \(header.codecNumber)"
    }

    private static func time(_ milliseconds: Int64) -> String {
        milliseconds < 0
            ? "no time" : Log.timestamp(milliseconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
    }

    private static func line(_ header: RecordBatchHeader, _ position: Int64) -> String {
        var text = "batch \(header.baseOffset)...\(header.lastOffset) at \(position): \(header.recordCount) records, "
        text += "\(header.totalBytes) bytes, \(codec(header)), to \(time(header.maxTimestamp))"
        if header.isLogAppendTime { text += ", log append time" }
        if header.producerID >= 0 {
            text += ", producer \(header.producerID) epoch \(header.producerEpoch) sequence \(header.baseSequence)"
        }
        if header.isTransactional { text += ", transactional" }
        if header.isControl { text += ", control" }
        if header.hasDeleteHorizon { text += ", tombstones until \(time(header.baseTimestamp))" }
        return text
    }

    private static func write(_ header: RecordBatchHeader, _ position: Int64, to json: inout JSONWriter) {
        json.field("base_offset", header.baseOffset)
        json.field("last_offset", header.lastOffset)
        json.field("position", position)
        json.field("bytes", Int64(header.totalBytes))
        json.field("record_count", header.recordCount)
        json.field("codec", codec(header))
        json.field("max_timestamp", header.maxTimestamp)
        json.field("log_append_time", header.isLogAppendTime)
        json.field("leader_epoch", header.partitionLeaderEpoch)
        json.field("producer_id", header.producerID)
        json.field("producer_epoch", Int32(header.producerEpoch))
        json.field("base_sequence", header.baseSequence)
        json.field("transactional", header.isTransactional)
        json.field("control", header.isControl)
        json.field("delete_horizon", orNull: header.hasDeleteHorizon ? header.baseTimestamp : nil)
    }

    private static func marker(_ record: Record, _ header: RecordBatchHeader) -> String? {
        guard header.isControl else { return nil }
        guard let marker = try? ControlRecord(parsing: record) else { return "control" }
        return marker.outcome == .commit ? "commit" : "abort"
    }

    private static func line(_ record: Record, _ header: RecordBatchHeader, _ style: Style) -> String {
        var text = "\(record.offset) \(time(record.timestampMilliseconds))"
        if let marker = marker(record, header) { return text + " \(marker) marker" }
        if let state = StateRecord(topic: style.topic, key: record.key, value: record.value) {
            return text + " " + line(state, style)
        }
        if let key = record.key { text += " key=\(Payload.text(key))" }
        for own in record.headers { text += " \(own.name)=\(own.value.map(Payload.text) ?? "null")" }
        guard let value = record.value else { return text + " tombstone" }
        let payload = Payload(value)
        var json = JSONWriter(arrays: style.arrays)
        payload.write(to: &json)
        return text + " \(payload.schema) " + (payload.isDecoded ? json.text : Payload.text(value))
    }

    private static func line(_ state: StateRecord, _ style: Style) -> String {
        func text(_ fields: [StateRecord.Field]) -> String {
            var json = JSONWriter(arrays: style.arrays)
            write(fields, to: &json)
            return json.text
        }
        return "\(state.kind) \(text(state.key)) " + (state.value.map(text) ?? "removed")
    }

    private static func write(_ fields: [StateRecord.Field], to json: inout JSONWriter) {
        json.object { json in
            for field in fields {
                json.key(field.name)
                write(field.value, to: &json)
            }
        }
    }

    private static func write(_ value: StateRecord.Value, to json: inout JSONWriter) {
        switch value {
        case .text(let text): json.value(text)
        case .integer(let number): json.value(number)
        case .real(let number): json.value(number)
        case .fields(let fields): write(fields, to: &json)
        case .null: json.null()
        case .list(let values):
            json.array { json in
                for value in values { write(value, to: &json) }
            }
        }
    }

    private static func write(
        _ record: Record, _ header: RecordBatchHeader, _ style: Style, to json: inout JSONWriter
    ) {
        json.object { json in
            json.field("offset", record.offset)
            json.field("timestamp", record.timestampMilliseconds)
            if let marker = marker(record, header) {
                json.field("marker", marker)
                return
            }
            if let state = StateRecord(topic: style.topic, key: record.key, value: record.value) {
                json.field("kind", state.kind)
                json.key("key")
                write(state.key, to: &json)
                json.key("value")
                if let value = state.value { write(value, to: &json) } else { json.null() }
                return
            }
            json.field("key", orNull: record.key.map(Payload.text))
            json.key("headers")
            json.array { json in
                for own in record.headers {
                    json.object { json in
                        json.field("name", own.name)
                        json.field("value", orNull: own.value.map(Payload.text))
                    }
                }
            }
            guard let value = record.value else {
                json.key("value")
                json.null()
                return
            }
            let payload = Payload(value)
            json.field("schema", payload.schema)
            json.key("value")
            payload.write(to: &json)
        }
    }
}
