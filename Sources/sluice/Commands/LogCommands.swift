import CommitLog
import Observability
import RecordBatch
import Schemas
import System

/// `sluice log verify|segments|dump`: tools for the files of a log, with or without a broker.
enum LogCommands {
    static let all = [
        Command(
            "log verify",
            "Checks every batch of a data directory and lists what is damaged; exit code 1 when records are.",
            example: "sluice log verify storage", operands: "DIR", count: 1...1, kinds: [.directory],
            flags: [Table.formatFlag],
            run: verify),
        Command(
            "log segments", "Lists the segment files of a data directory or a partition.",
            example: "sluice log segments storage", operands: "DIR", count: 1...1, kinds: [.directory],
            flags: [Table.formatFlag],
            run: segments),
        LogDumpCommand.command,
    ]

    /// Opens a directory and says who works in it.
    static func open(_ path: String) throws -> OfflineDirectory {
        let directory: OfflineDirectory
        do throws(LogError) {
            directory = try OfflineDirectory(path)
        } catch {
            throw CommandError("\(error)", code: isMissing(error) ? ExitCode.notFound : ExitCode.failed)
        }
        guard !directory.partitions.isEmpty else {
            throw CommandError(
                "\(path) holds no partitions: name a data directory, or one NAME-NUMBER directory in its topics/",
                code: ExitCode.notFound)
        }
        if let holder = directory.holder {
            let process = holder.processID.map { "process \($0)" } ?? "a broker"
            Terminal.printError(
                "sluice: \(process) is writing there: what it appends or deletes now may be missing here")
        }
        return directory
    }

    private static func isMissing(_ error: LogError) -> Bool {
        if case .storage(let cause) = error { return cause.isNotFound }
        return false
    }

    private static func verify(_ invocation: Invocation) throws -> Int32 {
        let directory = try open(invocation.operands[0])
        var verifier = LogVerifier(isLive: directory.holder != nil)
        var table = Table([
            "finding", "topic", "partition", "segment", "first offset", "next offset", "position", "bytes", "detail",
        ])
        var isDamaged = false
        for partition in directory.partitions {
            let findings = try verifier.verify(partition)
            for finding in findings {
                isDamaged = isDamaged || finding.isDamage
                table.rows.append([
                    .text(finding.kind.rawValue), .text(finding.topic), .number(Int64(finding.partition)),
                    finding.segment.map { .number($0) } ?? .missing,
                    finding.offsets.map { .number($0.lowerBound) } ?? .missing,
                    finding.offsets.map { .number($0.upperBound) } ?? .missing,
                    .number(finding.position), .number(finding.bytes), .text(finding.detail),
                ])
            }
        }
        if !table.rows.isEmpty || invocation["--format"] == "json" { try table.print(invocation) }
        let counts = verifier.counts
        Terminal.printError(
            "\(isDamaged ? "damaged" : "intact"): \(directory.partitions.count) partitions, \(counts.segments) segments, "
                + "\(counts.batches) batches, \(counts.records) records, \(counts.bytes) bytes checked")
        return isDamaged ? ExitCode.failed : ExitCode.success
    }

    private static func segments(_ invocation: Invocation) throws -> Int32 {
        let directory = try open(invocation.operands[0])
        var table = Table([
            "topic", "partition", "base offset", "next offset", "bytes", "index bytes", "changed", "file",
        ])
        for partition in directory.partitions {
            for (index, segment) in partition.segments.enumerated() {
                let next =
                    index + 1 < partition.segments.count ? partition.segments[index + 1].baseOffset : nil
                let end = try next ?? segment.nextOffset()
                table.rows.append([
                    .text(partition.topic), .number(Int64(partition.partition)), .number(segment.baseOffset),
                    .number(end), .number(segment.bytes),
                    .number((segment.offsetIndexBytes ?? 0) + (segment.timeIndexBytes ?? 0)),
                    .text(Log.timestamp(segment.modifiedMilliseconds * 1_000_000)), .text(segment.path),
                ])
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }
}
