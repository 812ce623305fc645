import Bytes

/// What one step of a streaming decompressor did.
struct DecompressionStep {
    /// Bytes written into the room it was given.
    var written: Int
    /// Whether the input is used up and its last frame is complete.
    var isComplete: Bool
}

extension ByteWriter {
    /// The smallest room given to a step, bytes.
    private static var roomMin: Int { 16 << 10 }

    /// Runs `step` until it is complete, with room that grows with what came out, and throws once that is above `limit`.
    ///
    /// `expected` is the first room, for formats that state a size; the caller has bounded it. A step that is not
    /// complete must have filled its room or thrown.
    mutating func drain(
        _ codec: CompressionCodec, expected: Int, limit: Int,
        _ step: (UnsafeMutableRawBufferPointer) throws(CompressionError) -> DecompressionStep
    ) throws(CompressionError) {
        let start = count
        var room = max(expected, Self.roomMin)
        while true {
            // One byte more than allowed, so that an output of exactly `limit` bytes can show that it ends there.
            let allowed = limit - (count - start) + 1
            var isComplete = false
            _ = try fill(room: min(room, allowed)) { (buffer) throws(CompressionError) in
                let result = try step(buffer)
                isComplete = result.isComplete
                return result.written
            }
            guard count - start <= limit else { throw .outputTooLarge(codec, limit: limit) }
            if isComplete { return }
            room = max(Self.roomMin, count - start)
        }
    }
}
