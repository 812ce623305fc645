import Foundation
import Schemas
import Testing

/// A Python with the package `streaming_data_types`; `make test` sets it.
private let python = ProcessInfo.processInfo.environment["SLUICE_TEST_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }

/// Cross-checks with the official Python package, both ways.
@Suite(.enabled(if: python != nil, "SLUICE_TEST_PYTHON names no Python with streaming_data_types"))
struct OfficialPackageTests {
    private func withTemporaryDirectory(_ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("schemas-\(Foundation.UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory)
    }

    /// Runs a script that lies beside this file, and returns what it printed.
    private func run(_ script: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script).path
        process.arguments = ["-B", path] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script) failed, see its standard error")
        return data
    }

    private func ourJSON(_ bytes: [UInt8]) throws -> Any {
        let text = try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
        return try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test func theyDecodeWhatWeEncode() throws {
        var messages = RandomMessages(seed: 44)
        var encoded: [[UInt8]] = []
        for _ in 0..<40 { encoded += messages.round() }
        for tag in 1...20 { encoded.append(messages.f144(messages.value(tag: tag))) }
        try withTemporaryDirectory { directory in
            for (index, bytes) in encoded.enumerated() {
                try Data(bytes).write(to: directory.appendingPathComponent("\(index).bin"))
            }
            let output = try JSONSerialization.jsonObject(with: run("official_decode.py", [directory.path]))
            let theirs = try #require(output as? [String: [String: Any]])
            #expect(theirs.count == encoded.count)
            for (index, bytes) in encoded.enumerated() {
                let fields = try #require(theirs["\(index).bin"])
                #expect(!fields.isEmpty)
                #expect(differences(expected: fields, found: try ourJSON(bytes)) == [], "message \(index)")
            }
        }
    }

    @Test func weDecodeWhatTheyEncode() throws {
        try withTemporaryDirectory { directory in
            _ = try run("official_encode.py", [directory.path, "44", "40"])
            let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            let encoded = files.filter { $0.pathExtension == "bin" }
            #expect(encoded.count == 11 * 40)
            for file in encoded {
                let fields = try JSONSerialization.jsonObject(
                    with: Data(contentsOf: file.deletingPathExtension().appendingPathExtension("json")))
                let found = try ourJSON([UInt8](Data(contentsOf: file)))
                #expect(differences(expected: fields, found: found) == [], "\(file.lastPathComponent)")
            }
        }
    }
}
