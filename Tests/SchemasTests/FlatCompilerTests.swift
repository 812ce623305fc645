import Foundation
import Schemas
import TestSupport
import Testing

/// Cross-checks with the FlatBuffers compiler for every schema, both ways, by .fbs files made from our descriptions.
///
/// This covers the schemas that the official package does not know. That the descriptions have the right slots is
/// checked by the golden messages, which were made from the facilities' own files.
@Suite(.enabled(if: FlatCompiler.isInstalled, "flatc is not installed"))
struct FlatCompilerTests {
    @Test(arguments: Schema.all.map(\.identifier))
    func itReadsWhatWeWrite(identifier: String) throws {
        let compiler = try FlatCompiler(identifier)
        var messages = RandomMessages(seed: 72)
        for index in 0..<12 {
            let all = messages.round().filter { bytes in
                bytes.withUnsafeBytes { SchemaIdentifier.of($0) } == identifier
            }
            for bytes in all {
                let theirs = try compiler.json(bytes, index)
                let ours = try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
                let found = try JSONSerialization.jsonObject(with: Data(ours.utf8))
                #expect(
                    differences(expected: withoutUnionObjects(theirs), found: found, tolerance: 1e-5) == [],
                    "message \(index)")
            }
        }
    }

    @Test(arguments: GoldenMessage.all)
    func weReadWhatItWrites(message: GoldenMessage) throws {
        let compiler = try FlatCompiler(message.schema)
        let bytes = try compiler.message(message.fieldsJSON)
        func json(_ bytes: [UInt8]) throws -> Any {
            let text = try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
            return try JSONSerialization.jsonObject(with: Data(text.utf8))
        }
        let (expected, found) = (try json(message.bytes), try json(bytes))
        #expect(differences(expected: expected, found: found, tolerance: 1e-11) == [])
    }
}

/// Debian's `flatc` with one schema.
struct FlatCompiler {
    static let path = "/usr/bin/flatc"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

    private let directory = TemporaryDirectory()

    /// Writes the schema's .fbs file.
    init(_ identifier: String) throws {
        let schema = try #require(Schema.named(identifier))
        try Data(schema.definition.fbs.utf8).write(to: URL(fileURLWithPath: directory.file("schema.fbs")))
    }

    private func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.arguments = arguments
        process.standardOutput = FileHandle.standardError
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "flatc \(arguments)")
    }

    /// The message as flatc's JSON, defaults too.
    func json(_ bytes: [UInt8], _ index: Int) throws -> Any {
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file("\(index).bin")))
        try run("--json", "--strict-json", "--defaults-json", "schema.fbs", "--", "\(index).bin")
        let data = try Data(contentsOf: URL(fileURLWithPath: directory.file("\(index).json")))
        // flatc writes what JSON lacks as bare words.
        let text = String(decoding: data, as: UTF8.self).replacingOccurrences(
            of: #"(?<=[:\[,\s])(-?)(nan|inf)(?=[,\s\]\}])"#, with: #""$1$2""#, options: .regularExpression)
        return FlatCompiler.withWords(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    private static func withWords(_ value: Any) -> Any {
        switch value {
        case "nan" as String, "-nan" as String: "NaN"
        case "inf" as String: "Infinity"
        case "-inf" as String: "-Infinity"
        case let object as [String: Any]: object.mapValues(withWords)
        case let array as [Any]: array.map(withWords)
        default: value
        }
    }

    /// The message that flatc makes of JSON.
    func message(_ json: Data) throws -> [UInt8] {
        let text = try Self.unionTypesFirst(JSONSerialization.jsonObject(with: json))
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file("message.json")))
        try run("--binary", "schema.fbs", "message.json")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.file("message.bin"))))
    }

    /// The value as JSON in which a union's type comes just before the union, as flatc wants it.
    private static func unionTypesFirst(_ value: Any) throws -> String {
        if let object = value as? [String: Any] {
            let names = object.keys.map { $0.hasSuffix("_type") ? ($0.dropLast(5), 0, $0) : ($0[...], 1, $0) }
                .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
            let members = try names.map { "\"\($0)\": \(try unionTypesFirst(object[$0] as Any))" }
            return "{\(members.joined(separator: ", "))}"
        }
        if let array = value as? [Any] {
            return "[\(try array.map(unionTypesFirst).joined(separator: ", "))]"
        }
        return String(
            decoding: try JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed), as: UTF8.self)
    }
}
