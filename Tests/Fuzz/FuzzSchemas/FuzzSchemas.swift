import Schemas

/// Any bytes as a message of the topic: decoded as JSON in both lengths, summed up in a line, its events counted.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSchemas(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let line = MessageDecoder.summary(bytes)
    precondition(!line.utf8.isEmpty)
    _ = MessageDecoder.eventCount(bytes)
    for arrays in [JSONArrays.full, .shortened(3)] {
        guard let json = try? MessageDecoder.json(bytes, arrays: arrays) else { continue }
        precondition(json.utf8.first == UInt8(ascii: "{") && json.utf8.last == UInt8(ascii: "}"))
    }
    return 0
}
