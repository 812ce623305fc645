import Configuration

/// A command with the flags and operands that it was called with.
struct Invocation {
    let command: Command
    let operands: [String]
    private let values: [String: [String]]

    /// Sorts the words behind a command's name into flags and operands; everything behind `--` is an operand.
    init(_ command: Command, words: [String]) throws {
        self.command = command
        var operands: [String] = []
        var values: [String: [String]] = [:]
        var index = 0
        var onlyOperands = false
        while index < words.count {
            let word = words[index]
            index += 1
            guard !onlyOperands, word.hasPrefix("-"), word != "-", Units.number(word) == nil else {
                operands.append(word)
                continue
            }
            if word == "--" {
                onlyOperands = true
                continue
            }
            let (name, inline) = Self.split(word)
            guard let flag = command.flag(name) else { throw Self.unknown(name, of: command) }
            var value = "true"
            if let valueName = flag.valueName {
                if let inline {
                    value = inline
                } else if index < words.count {
                    value = words[index]
                    index += 1
                } else {
                    throw CommandError.usage("\(name) needs a value: \(name) \(valueName)")
                }
                if let must = flag.kind.complaint(value) {
                    throw CommandError.usage("\(name) must be \(must), not \"\(value)\"")
                }
            } else if inline != nil {
                throw CommandError.usage("\(name) takes no value")
            }
            guard flag.isRepeatable || values[flag.key] == nil else {
                throw CommandError.usage("\(name) is given twice")
            }
            values[flag.key, default: []].append(value)
        }
        guard command.operandCount.contains(operands.count) else {
            let fault =
                operands.count < command.operandCount.lowerBound ? "is missing an operand" : "has an operand too many"
            throw CommandError.usage("`sluice \(command.name)` \(fault): sluice \(command.name) \(command.operands)")
        }
        for (index, operand) in operands.enumerated() {
            guard let must = command.operandKind(index).complaint(operand) else { continue }
            throw CommandError.usage("`sluice \(command.name)` takes \(must), not \"\(operand)\"")
        }
        self.operands = operands
        self.values = values
    }

    private static func split(_ word: String) -> (name: String, value: String?) {
        if word.hasPrefix("--") {
            guard let equals = word.firstIndex(of: "=") else { return (word, nil) }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
        // A short flag may carry its value: -n5.
        guard word.count > 2 else { return (word, nil) }
        return (String(word.prefix(2)), String(word.dropFirst(2)))
    }

    private static func unknown(_ name: String, of command: Command) -> CommandError {
        let nearest = Suggestion.nearest(to: name, among: command.flags.flatMap(\.names))
        let hint = nearest.map { "; did you mean \($0)?" } ?? ""
        return .usage("`sluice \(command.name)` has no flag \(name)\(hint)")
    }

    /// The value of a flag, by its first name; nil when it was not given.
    subscript(_ flag: String) -> String? { all(flag).last }

    /// All values of a repeatable flag.
    func all(_ flag: String) -> [String] {
        precondition(command.flags.contains { $0.key == flag }, "`\(command.name)` declares no flag \(flag)")
        return values[flag] ?? []
    }

    /// Whether a switch was given.
    func has(_ flag: String) -> Bool { !all(flag).isEmpty }

    /// The value of a flag that holds `NAME=VALUE`, taken apart.
    func pairs(_ flag: String) -> [(name: String, value: String)] {
        all(flag).compactMap { text in
            text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
        }
    }

    /// A duration flag in milliseconds.
    func milliseconds(_ flag: String) throws -> Int? {
        try parsed(flag, "a duration such as 250ms, 10s or 5m", Units.milliseconds)
    }

    /// A number flag.
    func number(_ flag: String, in range: ClosedRange<Double>) throws -> Double? {
        try parsed(flag, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            Units.number(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A flag that holds a whole number.
    func integer(_ flag: String, in range: ClosedRange<Int>) throws -> Int? {
        try parsed(flag, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    private func parsed<T>(_ flag: String, _ expected: String, _ parse: (String) -> T?) throws -> T? {
        guard let text = self[flag] else { return nil }
        guard let value = parse(text) else { throw CommandError.usage("\(flag) must be \(expected), not \"\(text)\"") }
        return value
    }
}
