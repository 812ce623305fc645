import Foundation
import Testing

/// A message that other people's encoders made, with what they say is in it.
struct GoldenMessage: Sendable, CustomTestStringConvertible {
    let schema: String
    let name: String
    let bytes: [UInt8]
    /// Its fields as JSON, under their names in the .fbs files; union members as objects around their `value`.
    let fieldsJSON: Data

    var testDescription: String { "\(schema) \(name)" }

    /// `golden.json`, beside this file.
    static let all: [GoldenMessage] = {
        do { return try load() } catch { fatalError("golden.json is unreadable: \(error)") }
    }()

    static func of(_ schema: String, _ name: String) throws -> GoldenMessage {
        try #require(all.first { $0.schema == schema && $0.name == name })
    }

    private static func load() throws -> [GoldenMessage] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("golden.json")
        let items = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [[String: Any]]
        return try #require(items).map { item in
            let hex = Array(try #require(item["hex"] as? String).utf8)
            let bytes = try stride(from: 0, to: hex.count, by: 2).map { index in
                try #require(UInt8(String(decoding: hex[index..<index + 2], as: UTF8.self), radix: 16))
            }
            return GoldenMessage(
                schema: try #require(item["id"] as? String), name: try #require(item["name"] as? String), bytes: bytes,
                fieldsJSON: try JSONSerialization.data(withJSONObject: try #require(item["flatc_json"])))
        }
    }
}
