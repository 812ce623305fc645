import Glibc
import Streams
import System

/// `sluice produce`: lines of standard input or of files as messages.
enum ProduceCommand {
    static let command = Command(
        "produce", "Sends each line of standard input, or whole files, as a message.",
        example: "echo hello | sluice produce TEST_topic -k greeting", operands: "TOPIC [FILE...]", count: 1...1000,
        kinds: [.topic, .file],
        flags: BrokerConnection.flags + [
            Flag("--key", "-k", value: "KEY", help: "The key of every message."),
            Flag(
                "--header", "-H", value: "NAME=VALUE", kind: .pair, repeatable: true, help: "A header of every message."
            ),
            Flag("--partition", "-p", value: "N", help: "The partition (default: chosen by key, 0 without one)."),
            Flag("--timestamp", "-t", value: "MS", help: "The timestamp in ms since the epoch (default: now)."),
            Flag("--acks", value: "all|1|0", help: "When a message counts as delivered (default: all)."),
        ], run: run)

    /// A line longer than this is refused.
    private static let lineBytesMax = 200 << 20

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        let acknowledgement: Acknowledgement
        switch invocation["--acks"] ?? "all" {
        case "all", "-1": acknowledgement = .durable
        case "1": acknowledgement = .written
        case "0": acknowledgement = .none
        case let other: throw CommandError.usage("--acks must be all, 1 or 0, not \"\(other)\"")
        }
        let headers = try invocation.all("--header").map { text in
            guard let equals = text.firstIndex(of: "=") else {
                throw CommandError.usage("--header needs NAME=VALUE, not \"\(text)\"")
            }
            return StreamHeader(
                key: String(text[..<equals]), value: Array(text[text.index(after: equals)...].utf8))
        }
        let partition = try invocation.integer("--partition", in: 0...Int(Int32.max)).map(Int32.init)
        let timestamp = try invocation.integer("--timestamp", in: 0...Int.max).map(Int64.init)
        let key = invocation["--key"].map { Array($0.utf8) }
        let producer = try BrokerConnection.translated {
            try streams.makeProducer(ProducerOptions(acknowledgement: acknowledgement))
        }
        defer { producer.close() }
        var count = 0
        func send(_ value: UnsafeRawBufferPointer) throws {
            func go(_ key: UnsafeRawBufferPointer?) throws {
                try BrokerConnection.translated {
                    try producer.send(
                        topic: topic, partition: partition, key: key, value: value, headers: headers,
                        timestampMilliseconds: timestamp, delivered: nil)
                }
            }
            if let key { try key.withUnsafeBytes { try go($0) } } else { try go(nil) }
            count += 1
        }
        let files = invocation.operands.dropFirst()
        if files.isEmpty {
            try forEachLine(send)
        } else {
            for path in files {
                try LocalFileSystem().contents(path, limit: lineBytesMax).withUnsafeBytes { try send($0) }
            }
        }
        try BrokerConnection.translated { try producer.flush(timeoutMilliseconds: 30_000) }
        Terminal.printError("sent \(count) message\(count == 1 ? "" : "s") to \(topic)")
        return ExitCode.success
    }

    /// Hands the lines of standard input to `body`, without their line ends.
    private static func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { bytes in
                retryingInterrupts { read(STDIN_FILENO, bytes.baseAddress, bytes.count) }
            }
            guard count >= 0 else { throw SystemError("read", "standard input") }
            if count == 0 { break }
            for piece in chunk[..<count].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .enumerated()
            {
                if piece.offset > 0 {
                    try pending.withUnsafeBytes { try body($0) }
                    pending.removeAll(keepingCapacity: true)
                }
                pending += piece.element
            }
            guard pending.count <= lineBytesMax else {
                throw CommandError("a line is longer than \(lineBytesMax) bytes")
            }
        }
        if !pending.isEmpty { try pending.withUnsafeBytes { try body($0) } }
    }
}
