import Foundation
import Schemas
import Testing

@Suite struct FuzzCorpusTests {
    /// The fuzzer changes bytes, but hardly finds another schema's name: each needs a message to begin with.
    @Test func everySchemaHasASeedThatIsAMessage() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let folder = tests.appendingPathComponent("Fuzz/corpus/FuzzSchemas")
        let seeds = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var decoded: Set<String> = []
        for seed in seeds {
            [UInt8](try Data(contentsOf: seed)).withUnsafeBytes { bytes in
                guard let schema = try? Schema.of(bytes), (try? schema.json(bytes, arrays: .full)) != nil else {
                    return
                }
                decoded.insert(schema.identifier)
            }
        }
        #expect(Set(Schema.all.map(\.identifier)).subtracting(decoded) == [])
    }
}
