import FlatBuffers
import Glibc
import Schemas

/// Any bytes as a message of the topic: as JSON in both lengths and back, summed up in a line, its events counted.
///
/// Beyond "it does not crash": the view and the JSON writer accept the same messages, what a message says makes a
/// message that says the same, and what it unfolds into is bounded by its size, however its parts overlap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSchemas(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    _ = MessageDecoder.eventCount(bytes)
    guard let schema = try? Schema.of(bytes) else { return 0 }
    let line = try? schema.summary(bytes)
    Reach.count(schema, isDecoded: line != nil)
    _ = try? schema.json(bytes, arrays: .shortened(3))
    do throws(SchemaError) {
        let json = try schema.json(bytes, arrays: .full)
        precondition(line != nil, "the view refuses what became \(json)")
        precondition(json.utf8.count <= jsonBytesMax(count), "\(count) bytes became \(json.utf8.count) of JSON")
        checkReturn(json, schema)
    } catch {
        if case .malformed(_, let cause) = error, cause.reason == .unfolds { return 0 }
        precondition(line == nil, "the view accepts \(line ?? ""): \(error)")
    }
    return 0
}

/// How far the inputs got: how many claimed each schema, and how many of these were messages of it. Told at the end.
private enum Reach {
    // Unsafe: libFuzzer calls from one thread.
    nonisolated(unsafe) private static var claimed: [String: Int] = [:]
    nonisolated(unsafe) private static var decoded: [String: Int] = [:]

    static func count(_ schema: Schema, isDecoded: Bool) {
        if claimed.isEmpty { atexit { Reach.report() } }
        claimed[schema.identifier, default: 0] += 1
        if isDecoded { decoded[schema.identifier, default: 0] += 1 }
    }

    private static func report() {
        let all = Schema.all.map { ($0.identifier, decoded[$0.identifier] ?? 0, claimed[$0.identifier] ?? 0) }
        let counts = all.sorted { $0.1 < $1.1 }.map { "\($0.0) \($0.1)/\($0.2)" }.joined(separator: ", ")
        print("schemas: \(all.count { $0.1 > 0 }) of \(all.count) decoded; inputs decoded/seen: \(counts)")
    }
}

private func checkReturn(_ json: String, _ schema: Schema) {
    do throws(MessageJSONError) {
        let again = try schema.encode(json: json)
        let text = again.withUnsafeBytes { try? schema.json($0, arrays: .full) }
        precondition(text == json, "\(json) became \(text ?? "nothing")")
    } catch {
        preconditionFailure("\(json) is refused: \(error)")
    }
}

/// A byte of a time may take 7 of JSON, and each may be used 64 times; names and absent fields take a fixed amount.
private func jsonBytesMax(_ messageBytes: Int) -> Int { 10_000 + 8 * 64 * (messageBytes + 64) }
