import Bytes
import Compression
import Foundation
import Synchronization
import TestSupport
import Testing

/// Deterministic data of several kinds: empty, tiny, repetitive, text-like and random.
func samples() -> [[UInt8]] {
    var state: UInt64 = 42
    func random() -> UInt8 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
    return [
        [], [7], Array("hello hello hello".utf8),
        [UInt8](repeating: 0, count: 300_000),
        (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) },
        (0..<70_000).map { _ in random() },
    ]
}

func compress(_ codec: CompressionCodec, _ input: [UInt8]) throws(CompressionError) -> [UInt8] {
    var output = ByteWriter()
    try input.withUnsafeBufferPointer { (bytes) throws(CompressionError) in
        try codec.compress(UnsafeRawBufferPointer(bytes), into: &output)
    }
    return output.array
}

func decompress(
    _ codec: CompressionCodec, _ input: [UInt8], limit: Int = CompressionCodec.decompressedBytesMax
) throws(CompressionError) -> [UInt8] {
    var output = ByteWriter()
    try input.withUnsafeBufferPointer { (bytes) throws(CompressionError) in
        try codec.decompress(UnsafeRawBufferPointer(bytes), limit: limit, into: &output)
    }
    return output.array
}

let compressedCodecs = CompressionCodec.allCases.filter { $0 != .none }

@Suite struct CodecRoundTripTests {
    @Test(arguments: CompressionCodec.allCases)
    func everySampleComesBack(codec: CompressionCodec) throws {
        for sample in samples() {
            #expect(try decompress(codec, compress(codec, sample)) == sample)
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func outputIsAppended(codec: CompressionCodec) throws {
        var output = ByteWriter()
        output.utf8("head ")
        try compress(codec, Array("tail".utf8)).withUnsafeBytes { try codec.decompress($0, into: &output) }
        #expect(output.array == Array("head tail".utf8))
    }

    @Test(arguments: compressedCodecs)
    func framesInARowAreJoined(codec: CompressionCodec) throws {
        let first = Array("first ".utf8), second = [UInt8](repeating: 5, count: 40_000)
        #expect(try decompress(codec, compress(codec, first) + compress(codec, second)) == first + second)
    }

    @Test func snappyWithoutFramingIsRead() throws {
        // A literal of five bytes behind its length, by the format description.
        #expect(try decompress(.snappy, [5, 4 << 2] + Array("hello".utf8)) == Array("hello".utf8))
    }

    @Test func snappyIsWrittenWithTheJavaFraming() throws {
        let packed = try compress(.snappy, [UInt8](repeating: 1, count: 33_000))
        #expect(Array(packed[0..<16]) == [0x82] + Array("SNAPPY".utf8) + [0, 0, 0, 0, 1, 0, 0, 0, 1])
        let firstLength = packed[16..<20].reduce(0) { $0 << 8 | Int($1) }
        let second = 20 + firstLength
        let secondLength = packed[second..<second + 4].reduce(0) { $0 << 8 | Int($1) }
        #expect(second + 4 + secondLength == packed.count)
    }

    @Test func lz4BlocksAreIndependent() throws {
        let packed = try compress(.lz4, [UInt8](repeating: 1, count: 200_000))
        #expect(Array(packed[0..<4]) == [0x04, 0x22, 0x4d, 0x18])
        #expect(packed[4] & 0x20 != 0)
    }

    @Test(arguments: compressedCodecs)
    func threadsDoNotShareState(codec: CompressionCodec) throws {
        let packed = try compress(codec, samples()[4])
        let broken = Array(packed.dropLast(packed.count / 2))
        let failures = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            // Every other one leaves its decompressor in the middle of a frame.
            let output = try? decompress(codec, index % 2 == 0 ? packed : broken)
            let isRight = index % 2 == 0 ? output == samples()[4] : output == nil
            if !isRight { failures.withLock { $0 += 1 } }
        }
        #expect(failures.withLock { $0 } == 0)
    }

    @Test func namesGoBothWays() {
        for codec in CompressionCodec.allCases { #expect(CompressionCodec(name: codec.name) == codec) }
        #expect(CompressionCodec(name: "uncompressed") == CompressionCodec.none)
        #expect(CompressionCodec(name: "brotli") == nil)
    }
}

@Suite(.needsPython)
struct CodecInteroperationTests {
    private static let packers: [CompressionCodec: String] = [
        .gzip: "import gzip; out = gzip.compress(data)",
        .snappy: "import snappy; out = snappy.compress(data)",
        .lz4: "import lz4.frame; out = lz4.frame.compress(data)",
        .zstd: "import zstandard; out = zstandard.ZstdCompressor().compress(data)",
    ]
    private static let streamPackers: [CompressionCodec: String] = [
        .zstd: """
        import zstandard; c = zstandard.ZstdCompressor(write_content_size=False).compressobj()
        out = c.compress(data) + c.flush()
        """,
        .lz4: """
        import lz4.frame
        out = lz4.frame.compress(data, block_linked=False, content_checksum=True, block_checksum=True)
        """,
    ]
    private static let unpackers: [CompressionCodec: String] = [
        .gzip: "import gzip; out = gzip.decompress(data)",
        .snappy: """
        import snappy, struct
        out = b''; at = 16
        while at < len(data):
            n, = struct.unpack('>i', data[at:at + 4]); at += 4
            out += snappy.decompress(data[at:at + n]); at += n
        """,
        .lz4: "import lz4.frame; out = lz4.frame.decompress(data)",
        .zstd: "import zstandard; out = zstandard.ZstdDecompressor().decompress(data)",
    ]

    @Test(arguments: compressedCodecs)
    func readsWhatPythonWrites(codec: CompressionCodec) throws {
        for sample in samples() where !sample.isEmpty {
            let script = try #require(Self.packers[codec])
            #expect(try decompress(codec, PythonScript.convert(script, sample)) == sample)
            if let script = Self.streamPackers[codec] {
                #expect(try decompress(codec, PythonScript.convert(script, sample)) == sample)
            }
        }
    }

    @Test(arguments: compressedCodecs)
    func pythonReadsWhatIsWritten(codec: CompressionCodec) throws {
        for sample in samples() {
            let script = try #require(Self.unpackers[codec])
            #expect(try PythonScript.convert(script, compress(codec, sample)) == sample)
        }
    }
}
