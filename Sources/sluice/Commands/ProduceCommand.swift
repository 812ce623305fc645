import Schemas
import StreamTools
import Streams
import System

/// `sluice produce`: lines, files or JSON as messages.
enum ProduceCommand {
    static let command = Command(
        "produce", "Sends lines of standard input, whole files, or JSON by schema as messages.",
        details: """
            With --schema each line is a message as JSON and is sent as a FlatBuffer; --json gives one on the command line.
            Fields are those of `sluice schema show ID`. A missing topic is created if the broker does that.
            """,
        example: "echo 'greeting:hello' | sluice produce TEST_topic --key-delimiter :", operands: "TOPIC [FILE...]",
        count: 1...1000, kinds: [.topic, .file],
        flags: BrokerConnection.flags + [
            Flag("--key", "-k", value: "KEY", help: "The key of every message."),
            Flag("--key-delimiter", "-K", value: "TEXT", help: "What stands between key and message in each line."),
            Flag("--delimiter", "-D", value: "TEXT", help: "What stands between messages (default: a line end)."),
            Flag(
                "--header", "-H", value: "NAME=VALUE", kind: .pair, repeatable: true, help: "A header of every message."
            ),
            Flag(
                "--partition", "-p", value: "N", kind: .integer(0...Int(Int32.max)),
                help: "The partition (default: chosen by key, 0 without one)."),
            Flag(
                "--timestamp", "-t", value: "TIME", help: "The messages' time: a date, or ms since 1970 (default: now)."
            ),
            Flag(
                "--schema", value: "ID", kind: .choice(Schema.all.map(\.identifier)),
                help: "Messages are JSON and are sent in this schema."),
            Flag("--json", value: "TEXT", repeatable: true, help: "A message as JSON."),
            Flag("--tombstone", help: "Send one message without a value, which deletes its key."),
            Flag(
                "--acks", value: "all|1|0", kind: .choice(["all", "-1", "1", "0"]),
                help: "When a message counts as delivered (default: all)."),
        ], run: run)

    /// A message longer than this is refused.
    private static let messageBytesMax = 200 << 20
    private static let flushMilliseconds = 60_000

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        let acknowledgement: Acknowledgement =
            switch invocation["--acks"] ?? "all" {
            case "1": .written
            case "0": .none
            default: .durable
            }
        let producer = try BrokerConnection.translated {
            try streams.makeProducer(ProducerOptions(acknowledgement: acknowledgement))
        }
        defer { producer.close() }
        var sender = try MessageSender(invocation, producer, topic)
        let stop = Signals.stopOnInterrupt()
        let files = invocation.operands.dropFirst()
        let jsons = invocation.all("--json")
        if invocation.has("--tombstone") {
            try sender.send(nil)
        } else if !jsons.isEmpty {
            for json in jsons { try Array(json.utf8).withUnsafeBytes { try sender.send($0) } }
        } else if files.isEmpty {
            let delimiter = try escaped(invocation["--delimiter"]) ?? [UInt8(ascii: "\n")]
            guard !delimiter.isEmpty else { throw CommandError.usage("--delimiter must not be empty") }
            try StandardInput.forEachPiece(delimiter, limit: messageBytesMax) { piece in
                if !stop.isRequested { try sender.send(piece) }
            }
        } else {
            for path in files { try file(path).withUnsafeBytes { try sender.send($0) } }
        }
        try BrokerConnection.translated { try producer.flush(timeoutMilliseconds: flushMilliseconds) }
        Terminal.printError("sent \(sender.count) message\(sender.count == 1 ? "" : "s") to \(topic)")
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func file(_ path: String) throws -> [UInt8] {
        do throws(SystemError) {
            return try LocalFileSystem().contents(path, limit: messageBytesMax)
        } catch {
            throw CommandError(
                "cannot read \(path): \(error.reason)", code: error.isNotFound ? ExitCode.notFound : ExitCode.failed)
        }
    }

    /// Text with `\n`, `\t`, `\0` and `\xHH` as what they mean.
    static func escaped(_ text: String?) throws -> [UInt8]? {
        guard let text else { return nil }
        do throws(TemplateSyntaxError) {
            return try RecordTemplate.literal(text)
        } catch {
            throw CommandError.usage("\"\(text)\" \(error)")
        }
    }
}

/// Sends messages with what the flags say of all of them.
private struct MessageSender {
    private let producer: any StreamProducer
    private let topic: String
    private let headers: [StreamHeader]
    private let partition: Int32?
    private let timestamp: Int64?
    private let key: [UInt8]?
    private let keyDelimiter: [UInt8]?
    private let schema: String?
    private let isJSON: Bool
    private(set) var count = 0

    init(_ invocation: Invocation, _ producer: any StreamProducer, _ topic: String) throws {
        self.producer = producer
        self.topic = topic
        headers = invocation.pairs("--header").map { StreamHeader(key: $0.name, value: Array($0.value.utf8)) }
        partition = try invocation.integer("--partition", in: 0...Int(Int32.max)).map(Int32.init)
        key = invocation["--key"].map { Array($0.utf8) }
        keyDelimiter = try ProduceCommand.escaped(invocation["--key-delimiter"])
        schema = invocation["--schema"]
        isJSON = schema != nil || !invocation.all("--json").isEmpty
        timestamp = try invocation["--timestamp"].map { text in
            guard let time = Moment.milliseconds(text, nowMilliseconds: SystemClock().wallMilliseconds), time >= 0
            else {
                throw CommandError.usage("--timestamp must be a date or ms since 1970, not \"\(text)\"")
            }
            return time
        }
    }

    /// Sends one message, which may carry its key in front; nil is a tombstone.
    mutating func send(_ piece: UnsafeRawBufferPointer?) throws {
        guard let piece, let keyDelimiter, let end = Self.find(keyDelimiter, piece) else {
            return try send(key: key, piece)
        }
        let rest = UnsafeRawBufferPointer(rebasing: piece[(end + keyDelimiter.count)...])
        try send(key: Array(piece[..<end]), rest)
    }

    private mutating func send(key: [UInt8]?, _ value: UnsafeRawBufferPointer?) throws {
        if isJSON, let value {
            let message: [UInt8]
            do {
                message = try CodecCommands.message(String(decoding: value, as: UTF8.self), schema: schema)
            } catch let error as CommandError {
                throw CommandError("message \(count + 1): \(error.message)", code: error.code)
            }
            try message.withUnsafeBytes { try deliver(key: key, $0) }
        } else {
            try deliver(key: key, value)
        }
        count += 1
    }

    private func deliver(key: [UInt8]?, _ value: UnsafeRawBufferPointer?) throws {
        func go(_ key: UnsafeRawBufferPointer?) throws {
            try BrokerConnection.translated {
                try producer.send(
                    topic: topic, partition: partition, key: key, value: value, headers: headers,
                    timestampMilliseconds: timestamp, delivered: nil)
            }
        }
        if let key { try key.withUnsafeBytes { try go($0) } } else { try go(nil) }
    }

    private static func find(_ delimiter: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !delimiter.isEmpty, bytes.count >= delimiter.count else { return nil }
        return (0...(bytes.count - delimiter.count)).first { start in
            bytes[start..<(start + delimiter.count)].elementsEqual(delimiter)
        }
    }
}
