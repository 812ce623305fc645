/// Writes help texts from the command table.
enum Help {
    /// The list of all commands.
    static func overview(_ sections: [CommandSection]) -> String {
        let shown = sections.map { section in (section.title, section.commands.filter { !$0.isHidden }) }
        let width = (shown.flatMap(\.1).map(\.name.count).max() ?? 0) + 2
        let blocks = shown.filter { !$0.1.isEmpty }.map { title, commands in
            "\(title)\n" + commands.map { "  " + pad($0.name, width) + $0.summary + "\n" }.joined()
        }
        return """
            sluice: one binary that carries a beamline's data: a Kafka-compatible broker and the services around it.

              sluice demo          everything at once: a simulated run from the instrument to a NeXus file
              sluice up            the appliance, until Ctrl-C

            Commands (each has --help with an example):

            \(blocks.joined(separator: "\n"))
            Where a topic is asked for, host:port/topic names its broker too. Durations are 250ms, 10s, 5m; sizes 512KiB, 10MB.
            Data goes to standard output, everything else to standard error.
            Exit codes: 0 ok, 1 failed, 2 usage, 3 cannot connect, 4 not found, 5 timed out, 130 interrupted.

            """
    }

    /// One command's page.
    static func page(_ command: Command) -> String {
        var text = "\(command.summary)\n\nUsage:   sluice \(command.name)"
        if !command.operands.isEmpty { text += " \(command.operands)" }
        if !command.flags.isEmpty { text += " [flags]" }
        text += "\nExample: \(command.example)\n"
        if !command.aliases.isEmpty { text += "Also:    " + command.aliases.joined(separator: ", ") + "\n" }
        if !command.details.isEmpty { text += "\n" + command.details + "\n" }
        guard !command.flags.isEmpty else { return text }
        let names = command.flags.map { flag in
            let spelled = flag.names.sorted { $0.count < $1.count }.joined(separator: ", ")
            return flag.valueName.map { "\(spelled) \($0)" } ?? spelled
        }
        let width = min((names.map(\.count).max() ?? 0) + 2, 42)
        text += "\nFlags:\n"
        for (name, flag) in zip(names, command.flags) {
            let gap = name.count + 2 > width ? "  \(name)\n  " + pad("", width) : "  " + pad(name, width)
            text += gap + flag.help + "\n"
        }
        return text
    }

    /// The page of a group such as `topic`.
    static func group(_ word: String, _ commands: [Command]) -> String {
        let width = (commands.map(\.name.count).max() ?? 0) + 2
        return "sluice \(word) has these commands (each has --help):\n"
            + commands.map { "  " + pad($0.name, width) + $0.summary + "\n" }.joined()
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
