/// Every command, in the order of the overview.
enum CommandTable {
    static var all: [Command] {
        [UpCommand.command, DemoCommand.command, StatusCommand.command] + TopicCommands.all
            + [ProduceCommand.command, ConsumeCommand.command, ReplayCommand.command] + RunCommands.all
            + LogCommands.all + [BenchCommand.command] + ConfigCommands.all
            + [VersionCommand.command, WriteJobCommand.command]
    }
}
