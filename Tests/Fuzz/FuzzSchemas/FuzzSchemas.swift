import Schemas

/// Any bytes as a message of the topic: decoded as JSON in both lengths, summed up in a line, its events counted.
///
/// Beyond "it does not crash": what a message unfolds into is bounded by its size, however its parts overlap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSchemas(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let line = MessageDecoder.summary(bytes)
    precondition(!line.utf8.isEmpty)
    _ = MessageDecoder.eventCount(bytes)
    for arrays in [JSONArrays.full, .shortened(3)] {
        guard let json = try? MessageDecoder.json(bytes, arrays: arrays) else { continue }
        precondition(json.utf8.count <= jsonBytesMax(count), "\(count) bytes became \(json.utf8.count) of JSON")
        precondition(json.utf8.first == UInt8(ascii: "{") && json.utf8.last == UInt8(ascii: "}"))
    }
    return 0
}

/// Every axis of a histogram may be the same bytes (32 axes), and a byte of an array may take 4 of JSON; names and
/// absent fields take a fixed amount.
private func jsonBytesMax(_ messageBytes: Int) -> Int { 10_000 + 32 * 8 * messageBytes }
