import Glibc

Signals.prepare()
exit(Dispatcher(commands: CommandTable.all).run(Array(CommandLine.arguments.dropFirst())))
