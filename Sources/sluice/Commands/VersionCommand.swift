import Schemas

/// `sluice version`.
enum VersionCommand {
    /// The program's version, by semantic versioning.
    static let version = "0.1.0"

    static let command = Command(
        "version", "Prints the version.", example: "sluice version", flags: [Table.formatFlag], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        if invocation["--format"] == "json" {
            var writer = JSONWriter()
            writer.object { $0.field("version", version) }
            Terminal.print(writer.text)
        } else {
            Terminal.print("sluice \(version)")
        }
        return ExitCode.success
    }
}
