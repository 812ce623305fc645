import Bytes
import CZlib

/// RFC 1952 members, one or several in a row.
enum Gzip {
    /// Window of 32 KiB, with a gzip header instead of a zlib one (zlib manual, `inflateInit2`).
    private static let windowBits: Int32 = 15 + 16

    /// Header of 10 bytes, an empty block of 2, checksum and size.
    private static let memberBytesMin = 20

    private static func isGzip(_ input: UnsafeRawBufferPointer) -> Bool { input[0] == 0x1f && input[1] == 0x8b }

    static func decompress(
        _ input: UnsafeRawBufferPointer, limit: Int, into output: inout ByteWriter
    ) throws(CompressionError) {
        // The last four bytes state the size of the last member modulo 2^32, so the output is at least as large.
        guard input.count >= memberBytesMin else { throw .truncated(.gzip) }
        let stated = Int(UInt32(littleEndian: input.loadUnaligned(fromByteOffset: input.count - 4, as: UInt32.self)))
        guard stated <= limit || !isGzip(input) else { throw .outputTooLarge(.gzip, limit: limit) }
        // On the heap, because zlib checks that its state comes back at the same address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .library(.gzip, detail: "no memory for inflate")
        }
        defer { inflateEnd(stream) }
        stream.pointee.next_in = pointer(input)
        stream.pointee.avail_in = uInt(input.count)
        try output.drain(.gzip, expected: input.count * 4, limit: limit) { (room) throws(CompressionError) in
            stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = uInt(room.count)
            var isComplete = false
            while stream.pointee.avail_out > 0 && !isComplete {
                switch inflate(stream, Z_NO_FLUSH) {
                case Z_OK: break
                case Z_STREAM_END:
                    isComplete = stream.pointee.avail_in == 0
                    if !isComplete { inflateReset(stream) }
                case Z_BUF_ERROR: throw .truncated(.gzip)
                case Z_MEM_ERROR: throw .library(.gzip, detail: "no memory for inflate")
                default:
                    let detail = stream.pointee.msg.map { String(cString: $0) } ?? "not gzip"
                    throw .malformed(.gzip, detail: detail, position: input.count - Int(stream.pointee.avail_in))
                }
            }
            return DecompressionStep(written: room.count - Int(stream.pointee.avail_out), isComplete: isComplete)
        }
    }

    static func compress(_ input: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(CompressionError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .library(.gzip, detail: "no memory for deflate") }
        defer { deflateEnd(stream) }
        let bound = Int(deflateBound(stream, uLong(input.count)))
        _ = try output.fill(room: bound) { (room) throws(CompressionError) in
            stream.pointee.next_in = pointer(input)
            stream.pointee.avail_in = uInt(input.count)
            stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = uInt(room.count)
            let status = deflate(stream, Z_FINISH)
            guard status == Z_STREAM_END else { throw .library(.gzip, detail: "deflate ended with \(status)") }
            return room.count - Int(stream.pointee.avail_out)
        }
    }

    /// zlib's input pointer is not const in its signature, but zlib never writes through it.
    private static func pointer(_ input: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: UInt8.self)
    }
}
