/// What can follow the words that were typed so far, read off the command table.
///
/// A value type without side effects but for `names`, which asks a broker.
struct Completion {
    /// A word that can stand there, with what it means.
    struct Candidate: Equatable {
        let word: String
        let meaning: String
    }

    /// What the shell shall offer.
    enum Answer: Equatable {
        case words([Candidate])
        case files
        case directories
    }

    let commands: [Command]
    /// The names of a kind that a broker knows; the words so far say which broker.
    let names: (ValueKind, _ words: [String]) -> [String]

    /// What can take the place of the last of `words`, which may be empty; the others are complete.
    func answer(_ words: [String]) -> Answer {
        let typed = words.last ?? ""
        var before = Array(words.dropLast())
        if before.first == "help" { before.removeFirst() }
        let shown = commands.filter { !$0.isHidden }
        let found = shown.filter { $0.match(before) != nil }.max { $0.path.count < $1.path.count }
        guard let command = found else { return .words(subcommands(shown, before, typed)) }
        return answer(command, Array(before.dropFirst(command.path.count)), typed)
    }

    /// The next word of every command that begins with `before`.
    private func subcommands(_ shown: [Command], _ before: [String], _ typed: String) -> [Candidate] {
        var candidates: [Candidate] = []
        for command in shown {
            for path in command.paths where path.starts(with: before) && path.count > before.count {
                let word = path[before.count]
                guard word.hasPrefix(typed), !candidates.contains(where: { $0.word == word }) else { continue }
                let isWhole = path.count == before.count + 1
                let meaning = isWhole ? command.summary : "commands on a \(word)"
                candidates.append(Candidate(word: word, meaning: meaning))
            }
        }
        if before.isEmpty, "help".hasPrefix(typed) {
            candidates.append(Candidate(word: "help", meaning: "Lists the commands, or explains one."))
        }
        return candidates
    }

    private func answer(_ command: Command, _ before: [String], _ typed: String) -> Answer {
        let isOver = before.contains("--")
        if !isOver, let last = before.last, let flag = command.flag(last), flag.valueName != nil {
            return value(flag.kind, typed, before)
        }
        if !isOver, typed.hasPrefix("--"), let equals = typed.firstIndex(of: "=") {
            let name = String(typed[..<equals])
            guard let flag = command.flag(name), flag.valueName != nil else { return .words([]) }
            let answer = value(flag.kind, String(typed[typed.index(after: equals)...]), before)
            guard case .words(let candidates) = answer else { return answer }
            return .words(candidates.map { Candidate(word: name + "=" + $0.word, meaning: $0.meaning) })
        }
        if !isOver, typed.hasPrefix("-") { return .words(flags(command, before, typed)) }
        let index = operandCount(command, before)
        guard index < command.operandCount.upperBound else { return .words([]) }
        return value(command.operandKind(index), typed, before)
    }

    private func flags(_ command: Command, _ before: [String], _ typed: String) -> [Candidate] {
        let free = command.flags.filter { flag in flag.isRepeatable || !before.contains { flag.names.contains($0) } }
        let help = Flag("--help", help: "Explains this command.")
        return (free + [help]).flatMap { flag in
            // One name is enough until the typed letters ask for another.
            let fitting = flag.names.filter { $0.hasPrefix(typed) }
            let chosen = typed == "-" || typed == "--" ? Array(fitting.prefix(1)) : fitting
            return chosen.map { Candidate(word: $0, meaning: flag.help) }
        }
    }

    /// How many operands `before` holds.
    private func operandCount(_ command: Command, _ before: [String]) -> Int {
        var count = 0
        var index = 0
        while index < before.count {
            let word = before[index]
            index += 1
            if word == "--" { return count + before.count - index }
            guard word.hasPrefix("-"), word != "-" else {
                count += 1
                continue
            }
            if let flag = command.flag(word), flag.valueName != nil { index += 1 }
        }
        return count
    }

    private func value(_ kind: ValueKind, _ typed: String, _ before: [String]) -> Answer {
        func starting(_ words: [String], with prefix: String = "") -> Answer {
            .words(words.filter { (prefix + $0).hasPrefix(typed) }.map { Candidate(word: prefix + $0, meaning: "") })
        }
        switch kind {
        case .choice(let words): return starting(words)
        case .choices(let words):
            let done = typed.lastIndex(of: ",").map { String(typed[...$0]) } ?? ""
            let used = Set(done.split(separator: ",").map(String.init))
            return starting(words.filter { !used.contains($0) }, with: done)
        case .topic, .group, .instrument: return starting(names(kind, before))
        case .file: return .files
        case .directory: return .directories
        case .text, .integer, .number, .duration, .size, .pair: return .words([])
        }
    }
}
