import Bytes
import CSnappy

/// Snappy blocks, bare or in the framing of snappy-java ("xerial"), which is what Kafka's Java client writes.
///
/// Framing, big-endian:
/// ```
/// 0 bytes  82 'S' 'N' 'A' 'P' 'P' 'Y' 00
/// 8 int32  version (1)    12 int32 lowest version that can read it (1)
/// 16 repeated: int32 length, snappy block of that many bytes
/// ```
enum Snappy {
    private static let magic: UInt64 = 0x8253_4e41_5050_5900
    private static let framingHeaderSize = 16
    /// Input bytes of one block, as snappy-java cuts them.
    private static let blockBytes = 32 << 10
    /// The format's densest element is a copy of 64 bytes in 3 bytes, so no honest block claims more than this.
    private static let ratioMax = 22

    static func decompress(
        _ input: UnsafeRawBufferPointer, limit: Int, into output: inout ByteWriter
    ) throws(CompressionError) {
        guard isFramed(input) else {
            try decompressBlock(input, position: 0, start: output.count, limit: limit, into: &output)
            return
        }
        let start = output.count
        var position = framingHeaderSize
        while position < input.count {
            // Streams that were joined carry the framing's header again.
            if isFramed(UnsafeRawBufferPointer(rebasing: input[position...])) {
                position += framingHeaderSize
                continue
            }
            guard input.count - position >= 4 else { throw .truncated(.snappy) }
            let length = Int(Int32(bigEndian: input.loadUnaligned(fromByteOffset: position, as: Int32.self)))
            position += 4
            guard length > 0 else {
                throw .malformed(.snappy, detail: "block of \(length) bytes", position: position - 4)
            }
            guard length <= input.count - position else { throw .truncated(.snappy) }
            let block = UnsafeRawBufferPointer(rebasing: input[position..<position + length])
            try decompressBlock(block, position: position, start: start, limit: limit, into: &output)
            position += length
        }
    }

    private static func isFramed(_ input: UnsafeRawBufferPointer) -> Bool {
        input.count >= framingHeaderSize && UInt64(bigEndian: input.loadUnaligned(as: UInt64.self)) == magic
    }

    private static func decompressBlock(
        _ block: UnsafeRawBufferPointer, position: Int, start: Int, limit: Int, into output: inout ByteWriter
    ) throws(CompressionError) {
        guard let source = block.baseAddress?.assumingMemoryBound(to: CChar.self) else { throw .truncated(.snappy) }
        var claimed = 0
        guard snappy_uncompressed_length(source, block.count, &claimed) == SNAPPY_OK else {
            throw .malformed(.snappy, detail: "no length at the start of a block", position: position)
        }
        guard claimed <= limit - (output.count - start) else { throw .outputTooLarge(.snappy, limit: limit) }
        guard claimed <= block.count * ratioMax else {
            throw .malformed(
                .snappy, detail: "\(block.count) bytes claim to hold \(claimed)", position: position)
        }
        _ = try output.fill(room: claimed) { (room) throws(CompressionError) in
            var written = room.count
            let target = room.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard snappy_uncompress(source, block.count, target, &written) == SNAPPY_OK else {
                throw .malformed(.snappy, detail: "broken block", position: position)
            }
            return written
        }
    }

    static func compress(_ input: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(CompressionError) {
        output.int64(Int64(bitPattern: magic))
        output.int32(1)
        output.int32(1)
        var position = 0
        while position < input.count {
            let count = min(blockBytes, input.count - position)
            let block = UnsafeRawBufferPointer(rebasing: input[position..<position + count])
            let lengthPosition = output.count
            output.int32(0)
            let written = try output.fill(
                room: snappy_max_compressed_length(count)
            ) { (room) throws(CompressionError) in
                var written = room.count
                let source = block.baseAddress?.assumingMemoryBound(to: CChar.self)
                let target = room.baseAddress?.assumingMemoryBound(to: CChar.self)
                guard snappy_compress(source, count, target, &written) == SNAPPY_OK else {
                    throw .library(.snappy, detail: "a block of \(count) bytes did not fit its own bound")
                }
                return written
            }
            output.patchInt32(Int32(written), at: lengthPosition)
            position += count
        }
    }
}
