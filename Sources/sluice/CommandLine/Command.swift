/// What the process ends with.
enum ExitCode {
    static let success: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let cannotConnect: Int32 = 3
    static let notFound: Int32 = 4
    static let timedOut: Int32 = 5
    static let interrupted: Int32 = 130
}

/// Ends a command with one line on standard error and an exit code.
struct CommandError: Error {
    let code: Int32
    let message: String

    init(_ message: String, code: Int32 = ExitCode.failed) {
        self.message = message
        self.code = code
    }

    /// A mistake in how the command was called.
    static func usage(_ message: String) -> CommandError { CommandError(message, code: ExitCode.usage) }
}

/// One flag of a command. All its names mean the same.
struct Flag: Sendable {
    let names: [String]
    /// What stands for the value in the help; nil for a switch without a value.
    let valueName: String?
    let help: String
    let isRepeatable: Bool

    init(_ names: String..., value valueName: String? = nil, repeatable: Bool = false, help: String) {
        self.names = names
        self.valueName = valueName
        self.help = help
        self.isRepeatable = repeatable
    }

    /// The first name, which identifies the flag.
    var key: String { names[0] }
}

/// One command of the program: how it is called, what it does, and the code that does it.
struct Command: Sendable {
    /// The words that name it, such as `["topic", "create"]`.
    let path: [String]
    /// What it does, in one line.
    let summary: String
    /// A real call.
    let example: String
    /// Names of the operands for the help, such as `NAME...`; empty for none.
    let operands: String
    /// How many operands it takes.
    let operandCount: ClosedRange<Int>
    let flags: [Flag]
    /// Not shown in lists.
    let isHidden: Bool
    let run: @Sendable (Invocation) throws -> Int32

    init(
        _ path: String, _ summary: String, example: String, operands: String = "", count: ClosedRange<Int> = 0...0,
        flags: [Flag] = [], isHidden: Bool = false, run: @escaping @Sendable (Invocation) throws -> Int32
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.summary = summary
        self.example = example
        self.operands = operands
        self.operandCount = count
        self.flags = flags
        self.isHidden = isHidden
        self.run = run
    }

    /// The words that name it, as they are typed.
    var name: String { path.joined(separator: " ") }
}
