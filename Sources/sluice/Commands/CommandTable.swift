/// Every command, by section, in the order of the overview.
enum CommandTable {
    static let sections = [
        CommandSection("The appliance", [UpCommand.command, DemoCommand.command, StatusCommand.command]),
        CommandSection("Topics and groups", TopicCommands.all),
        CommandSection("Data by hand", [ProduceCommand.command, ConsumeCommand.command]),
        CommandSection("Instrument and runs", [ReplayCommand.command] + RunCommands.all),
        CommandSection("Files of the log", LogCommands.all),
        CommandSection(
            "This program",
            ConfigCommands.all + [BenchCommand.command] + CompletionCommands.all
                + [VersionCommand.command, WriteJobCommand.command]),
    ]

    static var all: [Command] { sections.flatMap(\.commands) }
}
