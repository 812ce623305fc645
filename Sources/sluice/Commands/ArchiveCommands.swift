import StreamTools
import Streams
import System

/// `sluice bury` and `sluice dig`: messages to a file and back.
enum ArchiveCommands {
    static let all = [
        Command(
            "bury", "Saves messages with keys, headers, times and offsets in a compressed, checked file.",
            details: RangeFlags.details + "\n" + """
                The file must not exist yet. Its format is described in Sources/StreamTools/README.md; a checksum covers
                every part, and an end mark tells that nothing is missing. With --follow it goes on until Ctrl-C, and the
                file is whole then too.
                """,
            example: "sluice bury LARMOR_events run1234.sluice -o run:1234", operands: "TOPIC FILE", count: 2...2,
            kinds: [.topic, .file],
            flags: BrokerConnection.flags + RangeFlags.flags + [
                Flag("--follow", help: "Go on with what comes, until Ctrl-C.")
            ], run: bury),
        Command(
            "dig", "Sends the messages of a file that `sluice bury` made, or tells what is in it.",
            details: """
                The whole file is checked before the first message is sent. Without TOPIC they go to the topic that they
                came from; a missing topic is created with as many partitions.
                """,
            example: "sluice dig run1234.sluice TEST_events --speed 1 --times shifted", operands: "FILE [TOPIC]",
            count: 1...2, kinds: [.file, .topic],
            flags: BrokerConnection.flags + [
                PlayCommand.speed, PlayCommand.times, PlayCommand.target,
                Flag("--check", help: "Only check the file and tell what is in it."),
                Table.formatFlag,
            ], run: dig),
    ]

    private static func bury(_ invocation: Invocation) throws -> Int32 {
        // Asked first: nobody wants to wait for the broker to hear that.
        try refuseExisting(invocation.operands[1])
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        let follows = invocation.has("--follow")
        let ranges = try RangeFlags.ranges(invocation, streams, topic, follows: follows)
        return try bury(streams, topic, ranges, in: invocation.operands[1], follows: follows)
    }

    private static func refuseExisting(_ path: String) throws {
        guard !LocalFileSystem().exists(path) else { throw CommandError("\(ArchiveError.exists(path))") }
    }

    /// Writes ranges of a topic into a new file.
    static func bury(
        _ streams: any Streams, _ topic: String, _ ranges: [RecordRange], in path: String, follows: Bool
    ) throws -> Int32 {
        try refuseExisting(path)
        let count = try BrokerConnection.translated { try streams.topic(topic)?.partitionCount ?? 1 }
        let reader = try BrokerConnection.translated { try RangeReader(streams, ranges) }
        defer { reader.close() }
        let stop = Signals.stopOnInterrupt()
        let writer = try ArchiveWriter(
            path,
            ArchiveDescription(
                topic: topic, partitionCount: count, createdMilliseconds: SystemClock().wallMilliseconds))
        do {
            var failure: ArchiveError?
            while !reader.isAtEnd, !stop.isRequested {
                _ = try BrokerConnection.translated {
                    try reader.read(waitMilliseconds: 200) { record, range in
                        guard failure == nil else { return }
                        do throws(ArchiveError) { try writer.append(record, range.partition) } catch { failure = error }
                    }
                }
                if let failure { throw failure }
                Terminal.progress("\(writer.summary.records) messages, \(Quantity.short(Double(writer.fileBytes)))B")
            }
            try writer.finish()
        } catch {
            // Half a file that nobody asked for helps nobody.
            try? LocalFileSystem().remove(path)
            throw error
        }
        Terminal.clearProgress()
        let summary = writer.summary
        Terminal.printError(
            "buried \(summary.records) message\(summary.records == 1 ? "" : "s"), \(summary.bytes) bytes, in \(path), "
                + "\(writer.fileBytes) bytes")
        return stop.isRequested && !follows ? ExitCode.interrupted : ExitCode.success
    }

    private static func dig(_ invocation: Invocation) throws -> Int32 {
        let path = invocation.operands[0]
        if invocation.has("--check") { return try check(invocation, path) }
        return try dig(path, PlayCommand.options(invocation)) { archive in
            let named = invocation.operands.count > 1 ? invocation.operands[1] : archive.topic
            return try BrokerConnection.connect(invocation, topic: named)
        }
    }

    private static func open(_ path: String) throws -> ArchiveReader {
        guard LocalFileSystem().exists(path) else {
            throw CommandError("\(path) does not exist", code: ExitCode.notFound)
        }
        return try ArchiveReader(path)
    }

    private static func check(_ invocation: Invocation, _ path: String) throws -> Int32 {
        struct Part {
            let first: Int64
            var last: Int64
            var count: Int64 = 0
        }
        let archive = try open(path)
        let stop = Signals.stopOnInterrupt()
        var parts: [Int32: Part] = [:]
        let summary = try archive.read { record, partition in
            var part = parts[partition.partition] ?? Part(first: record.offset, last: record.offset)
            part.last = record.offset
            part.count += 1
            parts[partition.partition] = part
            return !stop.isRequested
        }
        var table = Table(["topic", "partition", "first offset", "last offset", "messages"])
        for (partition, part) in parts.sorted(by: { $0.key < $1.key }) {
            table.rows.append([
                .text(archive.description.topic), .number(Int64(partition)), .number(part.first), .number(part.last),
                .number(part.count),
            ])
        }
        try table.print(invocation)
        if stop.isRequested { return ExitCode.interrupted }
        Terminal.printError("\(path) is whole: \(summary.records) messages, \(summary.bytes) bytes")
        return ExitCode.success
    }

    /// Sends the messages of a file to where `connect` leads.
    static func dig(
        _ path: String, _ options: RecordPlayer.Options,
        _ connect: (ArchiveDescription) throws -> (any Streams, String)
    ) throws -> Int32 {
        let archive = try open(path)
        let stop = Signals.stopOnInterrupt()
        // All of it is checked before any of it is sent.
        var partitions: Set<Int32> = []
        try archive.read { _, partition in
            partitions.insert(partition.partition)
            return !stop.isRequested
        }
        let (streams, topic) = try connect(archive.description)
        defer { streams.close() }
        let producer = try BrokerConnection.translated {
            try PlayCommand.prepare(
                streams, topic, partitions: archive.description.partitionCount, partitions.sorted(), options)
            return try streams.makeProducer(ProducerOptions(acknowledgement: .durable))
        }
        defer { producer.close() }
        let player = RecordPlayer(to: topic, producer, options, stop: stop)
        do throws(PlayerError) {
            try player.play(archive) { sent in
                Terminal.progress("\(sent.records) messages, \(Quantity.short(Double(sent.bytes)))B")
            }
        } catch {
            if case .stream(let cause) = error { try BrokerConnection.translated { throw cause } }
            throw error
        }
        return PlayCommand.finish(player, topic, stop)
    }
}
