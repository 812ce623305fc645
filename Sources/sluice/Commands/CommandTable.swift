/// Every command, by section, in the order of the overview.
enum CommandTable {
    static let sections = [
        CommandSection("The appliance", [UpCommand.command, DemoCommand.command, StatusCommand.command]),
        CommandSection("Topics and groups", TopicCommands.all + GroupCommands.all),
        CommandSection(
            "Data by hand",
            [
                ConsumeCommand.command, ProduceCommand.command, SniffCommand.command, CountCommand.command,
                PlayCommand.command,
            ] + ArchiveCommands.all + [MirrorCommand.command, HowlCommand.command] + CodecCommands.all
                + SchemaCommands.all),
        CommandSection("Instrument and runs", [ReplayCommand.command] + RunCommands.all),
        CommandSection("Files of the log", LogCommands.all),
        CommandSection("saluki's words", SalukiCommands.all),
        CommandSection(
            "This program",
            ConfigCommands.all + [BenchCommand.command] + CompletionCommands.all
                + [VersionCommand.command, WriteJobCommand.command]),
    ]

    static var all: [Command] { sections.flatMap(\.commands) }
}
