import Configuration
import Glibc

/// Finds the command that the words name, and runs it.
struct Dispatcher {
    let sections: [CommandSection]

    private var commands: [Command] { sections.flatMap(\.commands) }

    /// Runs the command that `words` (without the program's name) call; returns the exit code.
    func run(_ words: [String]) -> Int32 {
        do {
            return try dispatch(words)
        } catch let error as CommandError {
            Terminal.printError("sluice: \(error.message)")
            return error.code
        } catch {
            Terminal.printError("sluice: \(error)")
            return ExitCode.failed
        }
    }

    private func dispatch(_ words: [String]) throws -> Int32 {
        guard let first = words.first else {
            Terminal.printError(Help.overview(sections), terminator: "")
            return ExitCode.usage
        }
        if ["help", "--help", "-h"].contains(first) { return try help(Array(words.dropFirst())) }
        if first == "--version" { return try dispatch(["version"]) }
        guard !first.hasPrefix("-") else {
            throw CommandError.usage(
                "flags come behind the command: sluice COMMAND \(first) ...; `sluice help` lists them")
        }
        guard let command = find(words) else {
            let group = commands.filter { $0.path.first == first && !$0.isHidden }
            guard group.isEmpty else {
                let asked = words.dropFirst().first
                if asked == "--help" || asked == "-h" {
                    Terminal.print(Help.group(first, group), terminator: "")
                    return ExitCode.success
                }
                let nearest = asked.flatMap {
                    Suggestion.nearest(to: $0, among: group.flatMap { $0.paths.compactMap(\.last) })
                }
                let hint = nearest.map { "; did you mean `sluice \(first) \($0)`?" } ?? ""
                let complaint =
                    asked.map { "`sluice \(first)` has no command \($0)\(hint)" } ?? "`sluice \(first)` needs a command"
                throw CommandError.usage(complaint + "\n" + Help.group(first, group))
            }
            throw unknown(first)
        }
        let rest = Array(words.dropFirst(command.path.count))
        if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            Terminal.print(Help.page(command), terminator: "")
            return ExitCode.success
        }
        return try command.run(Invocation(command, words: rest))
    }

    private func help(_ words: [String]) throws -> Int32 {
        guard let first = words.first else {
            Terminal.print(Help.overview(sections), terminator: "")
            return ExitCode.success
        }
        if let command = find(words) {
            Terminal.print(Help.page(command), terminator: "")
            return ExitCode.success
        }
        let group = commands.filter { $0.path.first == first && !$0.isHidden }
        guard !group.isEmpty else { throw unknown(first) }
        Terminal.print(Help.group(first, group), terminator: "")
        return ExitCode.success
    }

    /// The command with the longest name that the words begin with.
    private func find(_ words: [String]) -> Command? {
        commands.filter { $0.match(words) != nil }.max { $0.path.count < $1.path.count }
    }

    private func unknown(_ word: String) -> CommandError {
        let names = Set(commands.filter { !$0.isHidden }.flatMap { $0.paths.compactMap(\.first) }).sorted()
        let hint = Suggestion.nearest(to: word, among: names).map { "; did you mean `sluice \($0)`?" }
        return .usage("there is no command \(word)\(hint ?? "; `sluice help` lists all")")
    }
}
