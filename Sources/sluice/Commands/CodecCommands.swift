import Glibc
import Schemas
import StreamTools
import System

/// `sluice decode` and `sluice encode`: one FlatBuffer to JSON and back.
enum CodecCommands {
    static let all = [
        Command(
            "decode", "Shows one message, from a file, standard input or digits, as JSON.",
            details: "Whole arrays are shown, so that `sluice encode` makes the same message of it.",
            example: "sluice consume LARMOR_runInfo -n 1 -f raw | sluice decode", operands: "[FILE|-]", count: 0...1,
            kinds: [.file],
            flags: [
                Flag("--hex", value: "DIGITS", help: "The message as hexadecimal digits; spaces and 0x are ignored."),
                Flag("--base64", value: "TEXT", help: "The message in base64."),
                Flag(
                    "--schema", value: "ID", kind: .choice(Schema.all.map(\.identifier)),
                    help: "Fail unless it is of this schema."),
                Flag("--short", help: "Only the first values of arrays."),
            ], run: decode),
        Command(
            "encode", "Makes one message from JSON, from a file, standard input or the command line.",
            details: """
                Fields are those that `sluice schema show ID` lists; dates such as reference_time_iso may stand for times.
                The bytes go to standard output; a terminal gets hexadecimal digits.
                """,
            example:
                #"sluice encode --schema f144 --json '{"source_name":"T","timestamp":1,"value_type":"Double","value":1.5}'"#,
            operands: "[FILE|-]", count: 0...1, kinds: [.file],
            flags: [
                Flag(
                    "--schema", value: "ID", kind: .choice(Schema.all.map(\.identifier)),
                    help: "The schema (default: the JSON's own \"schema\")."),
                Flag("--json", value: "TEXT", help: "The message as JSON."),
                Flag(
                    "--to", value: "raw|hex|base64", kind: .choice(["raw", "hex", "base64"]),
                    help: "How to write it (default: raw, hex on a terminal)."),
            ], run: encode),
    ]

    /// Messages longer than this are refused.
    private static let messageBytesMax = 512 << 20

    private static func decode(_ invocation: Invocation) throws -> Int32 {
        let bytes: [UInt8]
        if let digits = invocation["--hex"] {
            guard let parsed = Hexadecimal.bytes(digits) else {
                throw CommandError.usage("--hex must be an even number of hexadecimal digits")
            }
            bytes = parsed
        } else if let text = invocation["--base64"] {
            guard let parsed = Base64.bytes(text) else { throw CommandError.usage("--base64 is not base64") }
            bytes = parsed
        } else {
            bytes = try input(invocation)
        }
        return try bytes.withUnsafeBytes { bytes in
            var json = JSONWriter(arrays: invocation.has("--short") ? .shortened(ConsumeCommand.shownElements) : .full)
            if let wanted = invocation["--schema"], SchemaIdentifier.of(bytes) != wanted {
                throw CommandError("the message is of schema \(SchemaIdentifier.of(bytes) ?? "none"), not \(wanted)")
            }
            do throws(SchemaError) {
                try MessageDecoder.write(bytes, to: &json)
            } catch {
                throw CommandError("cannot decode \(bytes.count) bytes: \(error)")
            }
            Terminal.print(json.text)
            return ExitCode.success
        }
    }

    private static func encode(_ invocation: Invocation) throws -> Int32 {
        let text = try invocation["--json"] ?? String(decoding: input(invocation), as: UTF8.self)
        let message = try message(text, schema: invocation["--schema"])
        switch invocation["--to"] ?? (isatty(STDOUT_FILENO) == 1 ? "hex" : "raw") {
        case "hex": Terminal.print(Hexadecimal.text(message))
        case "base64": Terminal.print(Base64.text(message))
        default: message.withUnsafeBytes { Terminal.write($0) }
        }
        return ExitCode.success
    }

    /// The message that JSON describes, in a schema or in the one that it names itself.
    static func message(_ text: String, schema name: String?) throws -> [UInt8] {
        let node: JSONNode
        do throws(JSONError) { node = try JSONParser.parse(text) } catch { throw CommandError("\(error)") }
        guard let name = name ?? node["schema"]?.text else {
            throw CommandError.usage("which schema? Say --schema ID, or \"schema\" in the JSON")
        }
        guard let schema = Schema.named(name) else {
            throw CommandError("there is no schema \(name); `sluice schema list` shows all", code: ExitCode.notFound)
        }
        do throws(MessageJSONError) { return try schema.encode(node) } catch { throw CommandError("\(name): \(error)") }
    }

    private static func input(_ invocation: Invocation) throws -> [UInt8] {
        guard let path = invocation.operands.first, path != "-" else {
            return try StandardInput.all(limit: messageBytesMax)
        }
        do throws(SystemError) {
            return try LocalFileSystem().contents(path, limit: messageBytesMax)
        } catch {
            throw CommandError(
                "cannot read \(path): \(error.reason)", code: error.isNotFound ? ExitCode.notFound : ExitCode.failed)
        }
    }
}
