import Foundation
import Schemas
import TestSupport
import Testing

/// Cross-checks with the official Python package, both ways.
@Suite(.needsPython)
struct OfficialPackageTests {
    private func ourJSON(_ bytes: [UInt8]) throws -> Any {
        let text = try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
        return try JSONSerialization.jsonObject(with: Data(text.utf8))
    }

    @Test func theyDecodeWhatWeEncode() throws {
        var messages = RandomMessages(seed: 44)
        var encoded: [[UInt8]] = []
        for _ in 0..<40 { encoded += messages.round() }
        for tag in 1...20 { encoded.append(messages.f144(messages.value(tag: tag))) }
        let directory = TemporaryDirectory()
        for (index, bytes) in encoded.enumerated() {
            try Data(bytes).write(to: URL(fileURLWithPath: directory.file("\(index).bin")))
        }
        let output = try PythonScript(file: "official_decode.py").output(directory.path)
        let theirs = try #require(JSONSerialization.jsonObject(with: Data(output)) as? [String: [String: Any]])
        // All but the ISIS and muon schemas, which the package does not know; see `FlatCompilerTests`.
        #expect(theirs.count == 20 + 40 * 29)
        for (index, bytes) in encoded.enumerated() {
            guard let fields = theirs["\(index).bin"] else { continue }
            #expect(!fields.isEmpty)
            let found = try ourJSON(bytes)
            #expect(differences(expected: fields, found: found) == [], "message \(index)")
        }
    }

    @Test func weDecodeWhatTheyEncode() throws {
        let directory = TemporaryDirectory()
        _ = try PythonScript(file: "official_encode.py").output(directory.path, "44", "40")
        let files = try FileManager.default.contentsOfDirectory(
            at: URL(fileURLWithPath: directory.path), includingPropertiesForKeys: nil)
        let encoded = files.filter { $0.pathExtension == "bin" }
        #expect(encoded.count == 28 * 40)
        for file in encoded {
            let fields = try JSONSerialization.jsonObject(
                with: Data(contentsOf: file.deletingPathExtension().appendingPathExtension("json")))
            let found = try ourJSON([UInt8](Data(contentsOf: file)))
            #expect(differences(expected: fields, found: found) == [], "\(file.lastPathComponent)")
        }
    }
}
