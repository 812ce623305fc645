import Bytes
import Compression
import Testing

@Suite struct HostileInputTests {
    @Test(arguments: compressedCodecs)
    func everyTruncationThrows(codec: CompressionCodec) throws {
        let input = (0..<600).map { UInt8(truncatingIfNeeded: $0 * $0 / 5) }
        let packed = try compress(codec, input)
        for count in 0..<packed.count {
            // The Java framing has no end mark, so a cut between its blocks is not visible here; the batch's CRC and
            // record count see it.
            if codec == .snappy && count == 16 { continue }
            #expect(throws: CompressionError.self, "cut at \(count)") {
                try decompress(codec, Array(packed[..<count]))
            }
        }
    }

    @Test(arguments: compressedCodecs)
    func junkThrows(codec: CompressionCodec) throws {
        let junk = samples()[5]
        #expect(throws: CompressionError.self) { try decompress(codec, junk) }
        let packed = try compress(codec, samples()[4])
        let damaged = Array(packed[..<20]) + junk
        #expect(throws: CompressionError.self) { try decompress(codec, damaged) }
        if codec != .snappy {
            #expect(throws: CompressionError.self) { try decompress(codec, packed + [1, 2, 3, 4, 5]) }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func theLimitIsExact(codec: CompressionCodec) throws {
        let input = samples()[4]
        let packed = try compress(codec, input)
        #expect(try decompress(codec, packed, limit: input.count) == input)
        #expect(throws: CompressionError.outputTooLarge(codec, limit: input.count - 1)) {
            try decompress(codec, packed, limit: input.count - 1)
        }
        #expect(throws: CompressionError.outputTooLarge(codec, limit: 0)) { try decompress(codec, packed, limit: 0) }
    }

    @Test(arguments: compressedCodecs)
    func aBombEndsAtTheLimit(codec: CompressionCodec) throws {
        let packed = try compress(codec, [UInt8](repeating: 0, count: 8 << 20))
        var output = ByteWriter()
        output.utf8("kept")
        #expect(throws: CompressionError.outputTooLarge(codec, limit: 1 << 20)) {
            try packed.withUnsafeBufferPointer { (bytes) throws(CompressionError) in
                try codec.decompress(UnsafeRawBufferPointer(bytes), limit: 1 << 20, into: &output)
            }
        }
        #expect(output.array == Array("kept".utf8))
        #expect(output.allocated <= 4 << 20)
    }

    @Test func theRatioEndsABombBelowTheLimit() throws {
        // A zstd block of one repeated byte is 4 bytes
        // for 128 KiB.
        var bomb: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]
        for _ in 0..<400 { bomb += [0x02, 0x00, 0x10, 0x00] }
        bomb += [0x03, 0x00, 0x10, 0x00]
        #expect(throws: CompressionError.outputTooLarge(.zstd, limit: CompressionCodec.unratedBytesMax)) {
            try decompress(.zstd, bomb)
        }
        #expect(try decompress(.zstd, Array(bomb[..<10] + bomb.suffix(4))).count == 256 << 10)
    }

    @Test func snappyClaimsAreChecked() {
        #expect(throws: CompressionError.outputTooLarge(.snappy, limit: CompressionCodec.unratedBytesMax)) {
            try decompress(.snappy, [0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])
        }
        // 16 MiB out of five bytes.
        #expect(throws: CompressionError.self) { try decompress(.snappy, [0x80, 0x80, 0x80, 0x08, 0]) }
        let header: [UInt8] = [0x82] + Array("SNAPPY".utf8) + [0, 0, 0, 0, 1, 0, 0, 0, 1]
        for length: [UInt8] in [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0, 0, 0, 9]] {
            #expect(throws: CompressionError.self) { try decompress(.snappy, header + length + [1, 0, 65]) }
        }
    }

    @Test func zstdWindowsAndSizesAreChecked() {
        // Window of 8 GiB, no stated size.
        #expect(throws: CompressionError.self) {
            try decompress(.zstd, [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb8, 0x01, 0x00, 0x00])
        }
        // A stated size of 2^62 with single segment.
        #expect(throws: CompressionError.outputTooLarge(.zstd, limit: CompressionCodec.unratedBytesMax)) {
            try decompress(.zstd, [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x01, 0x00, 0x00])
        }
    }

    @Test func everyByteFlipIsSafe() throws {
        let input = (0..<400).map { UInt8(truncatingIfNeeded: $0 * $0 / 5) }
        for codec in compressedCodecs {
            let packed = try compress(codec, input)
            for index in packed.indices {
                for bit in [UInt8(1), 0x80] {
                    var flipped = packed
                    flipped[index] ^= bit
                    // Not every format sees every flip; it must end, within its limit.
                    let output = try? decompress(codec, flipped, limit: 1 << 20)
                    #expect((output?.count ?? 0) <= 1 << 20)
                }
            }
        }
    }
}
