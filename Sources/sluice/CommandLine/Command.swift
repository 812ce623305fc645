/// One command of the program: how it is called, what it does, and the code that does it.
///
/// Everything that is said of a command comes from here: parsing, help, suggestions, completion, the list in docs/.
struct Command: Sendable {
    /// The words that name it, such as `["topic", "create"]`.
    let path: [String]
    /// Other words for the last one.
    let aliases: [String]
    /// What it does, in one line.
    let summary: String
    /// What else there is to know, as paragraphs.
    let details: String
    /// A real call.
    let example: String
    /// Names of the operands for the help, such as `NAME...`; empty for none.
    let operands: String
    /// How many operands it takes.
    let operandCount: ClosedRange<Int>
    /// What each operand is; the last of these stands for all that follow.
    let operandKinds: [ValueKind]
    let flags: [Flag]
    /// Not shown in lists.
    let isHidden: Bool
    let run: @Sendable (Invocation) throws -> Int32

    init(
        _ path: String, _ summary: String, aliases: [String] = [], details: String = "", example: String,
        operands: String = "", count: ClosedRange<Int> = 0...0, kinds: [ValueKind] = [.text], flags: [Flag] = [],
        isHidden: Bool = false, run: @escaping @Sendable (Invocation) throws -> Int32
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.aliases = aliases
        self.summary = summary
        self.details = details
        self.example = example
        self.operands = operands
        self.operandCount = count
        self.operandKinds = kinds
        self.flags = flags
        self.isHidden = isHidden
        self.run = run
    }

    /// The words that name it, as they are typed.
    var name: String { path.joined(separator: " ") }

    /// Every way to name it.
    var paths: [[String]] { [path] + aliases.map { path.dropLast() + [$0] } }

    /// How many of `words` name this command; nil when they do not.
    func match(_ words: [String]) -> Int? {
        paths.contains { words.starts(with: $0) } ? path.count : nil
    }

    /// The flag of this name.
    func flag(_ name: String) -> Flag? { flags.first { $0.names.contains(name) } }

    /// What the operand at `index` is.
    func operandKind(_ index: Int) -> ValueKind {
        operandKinds.isEmpty ? .text : operandKinds[min(index, operandKinds.count - 1)]
    }
}

/// Commands that belong together, under a title in the overview.
struct CommandSection: Sendable {
    let title: String
    let commands: [Command]

    init(_ title: String, _ commands: [Command]) {
        self.title = title
        self.commands = commands
    }
}
