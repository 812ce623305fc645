import Glibc
import System

// Every partition and every connection needs a descriptor.
DescriptorTable.prepare(room: 4096)
Signals.prepare()
exit(Dispatcher(sections: CommandTable.sections).run(Array(CommandLine.arguments.dropFirst())))
