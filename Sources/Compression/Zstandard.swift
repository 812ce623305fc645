import Bytes
import CZstd

/// Zstandard frames (RFC 8878), one or several in a row.
enum Zstandard {
    /// The largest window that is accepted, as a power of two: the default of every client's library.
    static let windowLogMax: Int32 = 27
    /// Stated sizes up to this, or up to `trustedRatio` times the input, are given as room at once.
    private static let trustedBytesMax = 1 << 20
    private static let trustedRatio = 16

    static func decompress(
        _ input: UnsafeRawBufferPointer, limit: Int, into output: inout ByteWriter
    ) throws(CompressionError) {
        try checkWindow(input)
        let stated = ZSTD_getFrameContentSize(input.baseAddress, input.count)
        let hasSize = stated < UInt64.max - 1
        if hasSize && stated > UInt64(limit) { throw .outputTooLarge(.zstd, limit: limit) }
        let expected = min(
            hasSize ? Int(stated) : input.count * 4, max(trustedBytesMax, input.count * trustedRatio))
        try ZstandardContexts.withContext { (context) throws(CompressionError) in
            try decompress(input, context, expected: expected, limit: limit, into: &output)
        }
    }

    private static func decompress(
        _ input: UnsafeRawBufferPointer, _ context: OpaquePointer, expected: Int, limit: Int,
        into output: inout ByteWriter
    ) throws(CompressionError) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        try output.drain(.zstd, expected: expected, limit: limit) { (room) throws(CompressionError) in
            var target = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            while target.pos < target.size {
                let before = (source.pos, target.pos)
                let hint = ZSTD_decompressStream(context, &target, &source)
                guard ZSTD_isError(hint) == 0 else {
                    let detail = ZSTD_getErrorName(hint).map { String(cString: $0) } ?? "not zstd"
                    throw .malformed(.zstd, detail: detail, position: source.pos)
                }
                if hint == 0 && source.pos == source.size {
                    return DecompressionStep(written: target.pos, isComplete: true)
                }
                if before == (source.pos, target.pos) { throw .truncated(.zstd) }
            }
            return DecompressionStep(written: target.pos, isComplete: false)
        }
    }

    /// Refuses a first frame whose window is above the maximum even where the library would not need the window: a
    /// client that reads in pieces would.
    private static func checkWindow(_ input: UnsafeRawBufferPointer) throws(CompressionError) {
        guard input.count >= 6, UInt32(littleEndian: input.loadUnaligned(as: UInt32.self)) == ZSTD_MAGICNUMBER else {
            return
        }
        let isSingleSegment = input[4] & 0x20 != 0
        let exponent = Int32(input[5] >> 3) + 10
        let mantissa = input[5] & 7
        guard !isSingleSegment, exponent > windowLogMax || (exponent == windowLogMax && mantissa > 0) else { return }
        throw .malformed(.zstd, detail: "window above 2^\(windowLogMax) bytes", position: 5)
    }

    static func compress(_ input: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(CompressionError) {
        _ = try output.fill(room: ZSTD_compressBound(input.count)) { (room) throws(CompressionError) in
            let written = ZSTD_compress(
                room.baseAddress, room.count, input.baseAddress, input.count, ZSTD_CLEVEL_DEFAULT)
            guard ZSTD_isError(written) == 0 else {
                let detail = ZSTD_getErrorName(written).map { String(cString: $0) } ?? "unknown error"
                throw .library(.zstd, detail: detail)
            }
            return written
        }
    }
}
