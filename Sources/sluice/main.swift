import Glibc

Signals.prepare()
exit(Dispatcher(sections: CommandTable.sections).run(Array(CommandLine.arguments.dropFirst())))
