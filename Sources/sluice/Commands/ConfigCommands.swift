import Configuration
import Glibc
import System

/// `sluice config show|check`, and how every command gets its settings.
enum ConfigCommands {
    static let configFlag = Flag(
        "--config", "-c", value: "FILE", kind: .file,
        help: "Settings in TOML (default: SLUICE_CONFIG); config/sluice.toml shows every key.")
    static let setFlag = Flag(
        "--set", value: "KEY=VALUE", kind: .pair, repeatable: true,
        help: "One setting, such as kafka.auto_create=false.")
    static let flags = [configFlag, setFlag]

    static let all = [
        Command(
            "config show", "Prints every setting with its value and origin.",
            example: "sluice config show --set kafka.auto_create=false", flags: flags, run: show),
        Command(
            "config check", "Checks a configuration file.", example: "sluice config check config/sluice.toml",
            operands: "FILE", count: 1...1, kinds: [.file], run: check),
    ]

    /// A configuration file larger than this is refused.
    private static let fileBytesMax = 1 << 20

    /// The settings of a command: defaults, file, environment, `--set`, and the command's own flags last.
    ///
    /// - Parameters:
    ///   - own: setting and flag of the command's own flags that stand for settings.
    ///   - fixed: settings that the command itself decides.
    ///   - usual: the command's own defaults, which everything else overrides.
    static func load(
        _ invocation: Invocation, own: [(key: String, flag: String)] = [], fixed: [(key: String, value: String)] = [],
        usual: [(key: String, value: String)] = []
    ) throws -> Configuration {
        var flags: [(key: String, value: String, flag: String)] = []
        for (name, value) in invocation.pairs("--set") { flags.append((name, value, "--set")) }
        for (key, flag) in own {
            if let value = invocation[flag] { flags.append((key, value, flag)) }
        }
        for (key, value) in fixed { flags.append((key, value, "sluice \(invocation.command.name)")) }
        let path = invocation["--config"] ?? getenv("SLUICE_CONFIG").map { String(cString: $0) }
        do {
            return try Configuration(
                usual: usual.map { ($0.key, $0.value, "sluice \(invocation.command.name)") },
                file: try path.map { ($0, try read($0)) }, environment: Environment.all, flags: flags)
        } catch let error as ConfigurationError {
            throw CommandError.usage(error.description)
        }
    }

    private static func read(_ path: String) throws -> String {
        let bytes: [UInt8]
        do {
            bytes = try LocalFileSystem().contents(path, limit: fileBytesMax)
        } catch {
            throw CommandError(
                "cannot read \(path): \(error.reason)", code: error.isNotFound ? ExitCode.notFound : ExitCode.failed)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func show(_ invocation: Invocation) throws -> Int32 {
        let configuration = try load(invocation)
        for setting in Setting.all {
            let value = configuration[setting.key]
            let line = "\(setting.key) = \(setting.literal(value.text))"
            Terminal.print(Help.pad(line, 48) + "  # " + value.origin)
        }
        return ExitCode.success
    }

    private static func check(_ invocation: Invocation) throws -> Int32 {
        let path = invocation.operands[0]
        let text = try read(path)
        do {
            _ = try Configuration(file: (path, text))
        } catch {
            throw CommandError(error.description)
        }
        Terminal.print("\(path) is right")
        return ExitCode.success
    }
}

extension Setting {
    /// A value as it stands in a TOML file.
    func literal(_ text: String) -> String {
        switch kind {
        case .boolean, .number: text
        case .list: "[" + text.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        default: "\"\(text)\""
        }
    }
}

/// The process's environment.
enum Environment {
    /// All names and values.
    static var all: [String: String] {
        var values: [String: String] = [:]
        var cursor = environ
        while let entry = cursor.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            cursor += 1
        }
        return values
    }
}
