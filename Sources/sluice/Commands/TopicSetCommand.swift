import StreamTools
import Streams

/// `sluice topic set`: the standard topics of an instrument.
enum TopicSetCommand {
    static let command = Command(
        "topic set", "Creates the standard topics of an instrument, those that are missing.",
        details: """
            What the facility's install script does: existing topics stay as they are, so it can be run at any time.
            --reset also gives existing ones the set's settings. Topics whose messages must keep their order have one
            partition, whatever --partitions says.
            """,
        example: "sluice topic set LARMOR --partitions 4", operands: "INSTRUMENT...", count: 1...100,
        kinds: [.instrument],
        flags: BrokerConnection.flags + [
            Flag(
                "--partitions", value: "N", kind: .integer(1...1000),
                help: "Partitions of topics with events, histograms and images (default: 1)."),
            Flag(
                "--replication", value: "N", kind: .integer(1...10),
                help: "Copies that the cluster shall keep (default: 1)."),
            Flag("--reset", help: "Also bring the settings of existing topics back to the set's."),
            Flag("--dry-run", help: "Only show what would be done."),
            Table.formatFlag,
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        let partitions = Int32(try invocation.integer("--partitions", in: 1...1000) ?? 1)
        let copies = Int16(try invocation.integer("--replication", in: 1...10) ?? 1)
        var table = Table(["topic", "partitions", "done", "settings", "holds"])
        try BrokerConnection.translated {
            let present = Dictionary(try streams.topics().map { ($0.name, $0.partitionCount) }) { $1 }
            for instrument in invocation.operands {
                for member in InstrumentTopics.all {
                    let name = instrument + member.suffix
                    let settings = member.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                    var count = member.isPartitioned ? partitions : 1
                    var done: String
                    if let existing = present[name] {
                        count = existing
                        done = try reset(invocation, streams, name, member) ? "reset" : "exists"
                        if !member.isPartitioned, existing != 1 { done += ", should have 1 partition" }
                    } else {
                        done = "created"
                        if !invocation.has("--dry-run") {
                            try streams.ensureTopic(
                                TopicSpecification(
                                    name, partitionCount: count, replicationFactor: copies,
                                    configuration: member.settings))
                        }
                    }
                    table.rows.append([
                        .text(name), .number(Int64(count)), .text(done),
                        settings.isEmpty ? .missing : .text(settings.joined(separator: " ")), .text(member.purpose),
                    ])
                }
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    /// Gives an existing topic the set's settings if that is asked for; returns whether anything was to change.
    private static func reset(
        _ invocation: Invocation, _ streams: any Streams, _ topic: String, _ member: InstrumentTopics.Member
    ) throws(StreamError) -> Bool {
        guard invocation.has("--reset"), !member.settings.isEmpty else { return false }
        let now = Dictionary(try streams.settings(topic: topic).map { ($0.name, $0.value) }) { $1 }
        let different = member.settings.filter { now[$0.key] != $0.value }
        guard !different.isEmpty else { return false }
        if !invocation.has("--dry-run") { try streams.alterSettings(topic: topic, different.mapValues { $0 }) }
        return true
    }
}
