import FlatBuffers
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
