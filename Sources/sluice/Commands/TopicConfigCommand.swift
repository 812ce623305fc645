import Streams

/// `sluice topic config`: the settings of a topic.
enum TopicConfigCommand {
    static let command = Command(
        "topic config", "Shows the settings of a topic, or changes some of them.",
        example: "sluice topic config LARMOR_rawEvents retention.ms=7200000", operands: "NAME [KEY=VALUE...]",
        count: 1...100, kinds: [.topic, .pair],
        flags: BrokerConnection.flags + [
            Flag("--unset", value: "KEY", repeatable: true, help: "Return a setting to its default."),
            Flag("--all", "-a", help: "Show also settings that nobody has changed."),
            Table.formatFlag,
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let (streams, topic) = try BrokerConnection.connect(invocation, topic: invocation.operands[0])
        defer { streams.close() }
        try BrokerConnection.checkTopic(topic, streams)
        var changes: [String: String?] = [:]
        for pair in invocation.operands.dropFirst() {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            changes[String(parts[0])] = .some(String(parts[1]))
        }
        for name in invocation.all("--unset") { changes.updateValue(nil, forKey: name) }
        let settings = try BrokerConnection.translated {
            if !changes.isEmpty { try streams.alterSettings(topic: topic, changes) }
            return try streams.settings(topic: topic)
        }
        var table = Table(["setting", "value", "from"])
        for setting in settings {
            guard invocation.has("--all") || setting.source == .topic || changes.keys.contains(setting.name) else {
                continue
            }
            table.rows.append([
                .text(setting.name), setting.value.map { .text($0) } ?? .missing, .text(setting.source.rawValue),
            ])
        }
        if table.rows.isEmpty, invocation["--format"] != "json" {
            Terminal.printError("\(topic) has no settings of its own; --all shows the broker's")
        } else {
            try table.print(invocation)
        }
        return ExitCode.success
    }
}
