/// Every command, in the order of the overview.
enum CommandTable {
    static var all: [Command] {
        [StatusCommand.command] + TopicCommands.all + [ProduceCommand.command, ConsumeCommand.command]
            + ConfigCommands.all + [VersionCommand.command]
    }
}
