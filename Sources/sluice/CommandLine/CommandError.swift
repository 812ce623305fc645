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
