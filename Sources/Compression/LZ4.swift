import Bytes
import CLZ4

/// LZ4 frames, one or several in a row.
enum LZ4 {
    static func decompress(
        _ input: UnsafeRawBufferPointer, limit: Int, into output: inout ByteWriter
    ) throws(CompressionError) {
        var created: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))) == 0, let context = created
        else {
            throw .library(.lz4, detail: "no memory for a context")
        }
        defer { LZ4F_freeDecompressionContext(context) }
        guard let source = input.baseAddress else { throw .truncated(.lz4) }
        var position = 0
        try output.drain(.lz4, expected: input.count * 4, limit: limit) { (room) throws(CompressionError) in
            guard let target = room.baseAddress else { return DecompressionStep(written: 0, isComplete: false) }
            var written = 0
            while written < room.count {
                var produced = room.count - written
                var consumed = input.count - position
                let hint = LZ4F_decompress(
                    context, target + written, &produced, source + position, &consumed, nil)
                guard LZ4F_isError(hint) == 0 else {
                    let detail = LZ4F_getErrorName(hint).map { String(cString: $0) } ?? "not an LZ4 frame"
                    throw .malformed(.lz4, detail: detail, position: position)
                }
                position += consumed
                written += produced
                if hint == 0 && position == input.count {
                    return DecompressionStep(written: written, isComplete: true)
                }
                if produced == 0 && consumed == 0 { throw .truncated(.lz4) }
            }
            return DecompressionStep(written: written, isComplete: false)
        }
    }

    static func compress(_ input: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(CompressionError) {
        var preferences = LZ4F_preferences_t()
        // Kafka's Java reader refuses blocks that depend on each other.
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        let bound = LZ4F_compressFrameBound(input.count, &preferences)
        _ = try output.fill(room: bound) { (room) throws(CompressionError) in
            let written = LZ4F_compressFrame(room.baseAddress, room.count, input.baseAddress, input.count, &preferences)
            guard LZ4F_isError(written) == 0 else {
                let detail = LZ4F_getErrorName(written).map { String(cString: $0) } ?? "unknown error"
                throw .library(.lz4, detail: detail)
            }
            return written
        }
    }
}
