import Configuration
import StreamTools
import Streams
import System

/// `sluice play`: recorded messages again, and what all commands that send messages again share.
enum PlayCommand {
    static let speed = Flag(
        "--speed", value: "N|max",
        help: "Times the recorded speed, such as 10 or 0.5x, or max: as fast as it goes (default: max).")
    static let times = Flag(
        "--times", value: "original|shifted", kind: .choice(RecordPlayer.Times.allCases.map(\.rawValue)),
        help: "Keep the messages' times, or move them so that the first is now (default: original).")
    static let target = Flag(
        "--to-partition", value: "N", kind: .integer(0...Int(Int32.max)),
        help: "Send everything to this partition (default: each to its own).")

    static let command = Command(
        "play", "Copies messages to another topic or broker: keys, headers and times; at their own pace, or looped.",
        details: RangeFlags.details + "\n" + """
            host:port/topic as TARGET sends to another broker. A missing target is created with as many partitions. Messages
            of several partitions come in order of their times unless the speed is max.
            """,
        example: "sluice play LARMOR_events TEST_events -o run:1234 --speed 10 --times shifted",
        operands: "SOURCE TARGET", count: 2...2, kinds: [.topic, .topic],
        flags: BrokerConnection.flags + RangeFlags.flags + [
            speed, times, target,
            Flag(
                "--loop", value: "N|forever", help: "How often to play it (default: 1)."),
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let options = try options(invocation)
        let loops = try loops(invocation)
        let (source, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { source.close() }
        let (sink, target) = try BrokerConnection.connect(invocation, topic: invocation.operands[1])
        defer { sink.close() }
        let ranges = try RangeFlags.ranges(invocation, source, topic)
        return try play(source, ranges, sink, target, options, loops: loops)
    }

    /// Sends ranges of a topic to another one.
    static func play(
        _ source: any Streams, _ ranges: [RecordRange], _ sink: any Streams, _ target: String,
        _ options: RecordPlayer.Options, loops: Int
    ) throws -> Int32 {
        let stop = Signals.stopOnInterrupt()
        return try BrokerConnection.translated {
            let partitions = ranges.map(\.partition.partition)
            try prepare(sink, target, partitions: (partitions.max() ?? 0) + 1, partitions, options)
            let producer = try sink.makeProducer(ProducerOptions(acknowledgement: .durable))
            defer { producer.close() }
            let player = RecordPlayer(to: target, producer, options, stop: stop)
            var round = 0
            while round < loops, !stop.isRequested {
                try player.play(source, ranges) { progress($0, of: ranges, round) }
                player.rewind()
                round += 1
            }
            return finish(player, target, stop)
        }
    }

    /// The options of the flags that send messages again.
    static func options(_ invocation: Invocation) throws -> RecordPlayer.Options {
        var options = RecordPlayer.Options()
        if let text = invocation[speed.key], text != "max" {
            let number = text.hasSuffix("x") ? String(text.dropLast()) : text
            guard let factor = Units.number(number), (0.001...1e6).contains(factor) else {
                throw CommandError.usage("--speed must be max or a number from 0.001 to 1e6, not \"\(text)\"")
            }
            options.speed = .times(factor)
        }
        options.times = invocation[times.key].flatMap { RecordPlayer.Times(rawValue: $0) } ?? .original
        options.partition = try invocation.integer(target.key, in: 0...Int(Int32.max)).map { Int32($0) }
        return options
    }

    private static func loops(_ invocation: Invocation) throws -> Int {
        guard let text = invocation["--loop"], text != "forever" else { return invocation.has("--loop") ? Int.max : 1 }
        guard let count = Int(text), count > 0 else {
            throw CommandError.usage("--loop must be forever or a whole number from 1, not \"\(text)\"")
        }
        return count
    }

    /// Creates a target that is missing, and refuses one that lacks a partition.
    static func prepare(
        _ streams: any Streams, _ topic: String, partitions count: Int32, _ partitions: [Int32],
        _ options: RecordPlayer.Options
    ) throws {
        try streams.ensureTopic(TopicSpecification(topic, partitionCount: count))
        let present = try streams.topic(topic)?.partitionCount ?? 0
        if let missing = (options.partition.map { [$0] } ?? partitions).first(where: { $0 >= present }) {
            throw CommandError(
                "topic \(topic) has no partition \(missing), only \(present); --to-partition 0 sends everything to one",
                code: ExitCode.notFound)
        }
    }

    private static func progress(_ sent: ArchiveSummary, of ranges: [RecordRange], _ round: Int) {
        let total = ranges.reduce(Int64(0)) { $0 + ($1.count ?? 0) }
        let loop = round > 0 ? ", loop \(round + 1)" : ""
        Terminal.progress("\(sent.records) of \(total) messages, \(Quantity.short(Double(sent.bytes)))B\(loop)")
    }

    /// Says what was sent.
    static func finish(_ player: RecordPlayer, _ target: String, _ stop: StopSignal) -> Int32 {
        Terminal.clearProgress()
        let sent = player.sent
        Terminal.printError(
            "sent \(sent.records) message\(sent.records == 1 ? "" : "s"), \(sent.bytes) bytes, to \(target)")
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }
}
