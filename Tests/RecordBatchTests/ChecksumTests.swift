import CKernels
import Testing

@Suite struct ChecksumTests {
    /// RFC 3720, appendix B.4.
    static let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        ((0..<32).map { UInt8($0) }, 0x46dd_794e),
        ((0..<32).map { UInt8(31 - $0) }, 0x113f_db5c),
        (
            [
                0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14, 0, 0, 0,
                0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
            ], 0xd996_3a56
        ),
        (Array("123456789".utf8), 0xe306_9283),
    ]

    @Test(arguments: vectors)
    func knownVectors(bytes: [UInt8], crc: UInt32) {
        #expect(ck_crc32c(0, bytes, bytes.count) == crc)
        #expect(ck_crc32c_software(0, bytes, bytes.count) == crc)
    }

    @Test func kernelsAgreeAtEveryLengthAndAlignment() {
        let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 5) }
        bytes.withUnsafeBytes { all in
            let lengths = Array(0...70) + [255, 256, 767, 768, 769, 1535, 1536, 8191, 24_575, 24_576, 24_577, 29_990]
            for length in lengths {
                for start in [0, 1, 3, 7] {
                    let view = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
                    #expect(
                        ck_crc32c(5, view.baseAddress, length) == ck_crc32c_software(5, view.baseAddress, length))
                }
            }
        }
    }

    @Test func sumsContinue() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        let whole = ck_crc32c(0, bytes, bytes.count)
        for cut in [0, 1, 100, 4999, 5000] {
            let tail = Array(bytes[cut...])
            #expect(ck_crc32c(ck_crc32c(0, bytes, cut), tail, tail.count) == whole)
        }
    }
}
