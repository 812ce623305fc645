import Bytes
import Compression
import RecordBatch
import Testing

@Suite struct ValidationTests {
    @Test(arguments: CompressionCodec.allCases)
    func everyTruncationThrows(codec: CompressionCodec) throws {
        let batch = try build(samples, codec: codec)
        for count in 0..<batch.count {
            let cut = Array(batch[..<count])
            #expect(throws: RecordBatchError.self) { try validate(cut) }
            do {
                _ = try checkFrame(cut)
                Issue.record("a cut at \(count) was taken")
            } catch {
                #expect(error.kind == .corrupt)
            }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func everyTruncationOfTheRecordsThrows(codec: CompressionCodec) throws {
        let batch = try build(samples, codec: codec)
        for count in RecordBatchHeader.size..<batch.count {
            let cut = resealed(Array(batch[..<count])) { _ in }
            #expect(throws: RecordBatchError.self, "cut at \(count)") { try validate(cut) }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func everyFlippedBitIsCaught(codec: CompressionCodec) throws {
        let batch = try build(samples, codec: codec)
        for index in RecordBatchHeader.crcStart..<batch.count {
            for bit in 0..<8 {
                var flipped = batch
                flipped[index] ^= 1 << UInt8(bit)
                #expect(throws: RecordBatchError.self, "byte \(index) bit \(bit)") { try validate(flipped) }
            }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func damageWithAValidCRCNeverCrashes(codec: CompressionCodec) throws {
        let batch = try build(samples, codec: codec)
        for index in RecordBatchHeader.crcStart..<batch.count {
            for value: UInt8 in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let changed = resealed(batch) { $0[index] = value }
                _ = try? validate(changed)
                _ = try? read(changed)
            }
        }
    }

    @Test func kindsSayWhatToTellTheProducer() throws {
        let batch = try build(samples)
        func kind(_ body: (inout [UInt8]) -> Void) -> RecordBatchError.Kind? {
            var changed = batch
            body(&changed)
            do throws(RecordBatchError) {
                _ = try validate(changed)
                return nil
            } catch {
                return error.kind
            }
        }
        #expect(kind { _ in } == nil)
        #expect(kind { $0[17] ^= 1 } == .corrupt)
        #expect(kind { $0.removeLast() } == .corrupt)
        #expect(kind { $0[8] = 0xff } == .corrupt)
        #expect(kind { $0.replaceSubrange(8..<12, with: [0, 0, 0, 48]) } == .corrupt)
        for magic: UInt8 in [0, 1, 3, 9, 0xff] { #expect(kind { $0[16] = magic } == .invalidRecord) }
        for codec: UInt8 in [5, 6, 7] { #expect(kind { $0[22] = codec } == .unsupportedCompression) }
        #expect(kind { $0 += batch } == .invalidRecord)
        #expect(kind { $0[27] = 0x80 } == .invalidRecord)
        #expect(RecordBatchError.Kind.corrupt.rawValue == 2)
        #expect(RecordBatchError(.invalidRecord, "x", at: 3).kafkaErrorCode == 87)
        #expect(RecordBatchError(.corrupt, "x", at: 3).description == "bad record batch: x, at byte 3")
    }

    @Test(arguments: [0, 2, 4, -1, -2, Int32.max, Int32.min])
    func wrongCountsThrow(count: Int32) throws {
        for codec in CompressionCodec.allCases {
            let batch = try build(samples, codec: codec)
            let bytes = withUnsafeBytes(of: count.bigEndian) { Array($0) }
            let delta = withUnsafeBytes(of: (count &- 1).bigEndian) { Array($0) }
            #expect(throws: RecordBatchError.self) {
                try validate(resealed(batch) { $0.replaceSubrange(57..<61, with: bytes) })
            }
            #expect(throws: RecordBatchError.self) {
                try validate(resealed(batch) { $0.replaceSubrange(23..<27, with: delta) })
            }
            #expect(throws: RecordBatchError.self) {
                try validate(
                    resealed(batch) {
                        $0.replaceSubrange(57..<61, with: bytes)
                        $0.replaceSubrange(23..<27, with: delta)
                    })
            }
        }
    }

    /// Record bytes with one thing wrong each. The good one: length 6, attributes, times, offset, no key, no value.
    static let malformed: [(String, [UInt8])] = [
        ("length -1", [0x01, 0, 0, 0, 1, 1, 0]),
        ("length above the rest", [14, 0, 0, 0, 1, 1, 0]),
        ("length below the content", [10, 0, 0, 0, 1, 1, 0]),
        ("length of 2 GiB", [0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 1, 1, 0]),
        ("endless length", [UInt8](repeating: 0xff, count: 40)),
        ("endless timestamp", [60, 0] + [UInt8](repeating: 0x80, count: 29)),
        ("timestamp of 11 bytes", [32, 0] + [UInt8](repeating: 0x80, count: 10) + [0, 0, 1, 1, 0]),
        ("timestamp before 1970", [12, 0, 3, 0, 1, 1, 0]),
        ("offset delta 1", [12, 0, 0, 2, 1, 1, 0]),
        ("offset delta -1", [12, 0, 0, 1, 1, 1, 0]),
        ("key of -2", [12, 0, 0, 0, 3, 1, 0]),
        ("key beyond the record", [12, 0, 0, 0, 20, 1, 0]),
        ("value of -2", [12, 0, 0, 0, 1, 3, 0]),
        ("value beyond the record", [12, 0, 0, 0, 1, 2, 0]),
        ("value of 2 GiB", [20, 0, 0, 0, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0]),
        ("headers -1", [12, 0, 0, 0, 1, 1, 1]),
        ("one header without bytes", [12, 0, 0, 0, 1, 1, 2]),
        ("2^31-1 headers", [20, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]),
        ("header name of -1", [16, 0, 0, 0, 1, 1, 2, 1, 1]),
        ("header value of -2", [16, 0, 0, 0, 1, 1, 2, 0, 3]),
        ("header name beyond the record", [16, 0, 0, 0, 1, 1, 2, 8, 1]),
        ("bytes behind the headers", [14, 0, 0, 0, 1, 1, 0, 0]),
        ("bytes behind the record", [12, 0, 0, 0, 1, 1, 0, 0]),
        ("nothing", []),
    ]

    @Test(arguments: malformed)
    func malformedRecordsAreInvalid(what: String, records: [UInt8]) {
        do throws(RecordBatchError) {
            _ = try validate(rawBatch(records))
            Issue.record("\(what) was taken")
        } catch {
            #expect(error.kind == .invalidRecord)
        }
    }

    @Test func theGoodOfTheMalformedIsTaken() throws {
        #expect(try validate(rawBatch([12, 0, 0, 0, 1, 1, 0])).recordBytes == 7)
    }

    @Test func overflowingTimestampsThrow() throws {
        let batch = resealed(rawBatch([12, 0, 2, 0, 1, 1, 0])) {
            $0.replaceSubrange(27..<35, with: [0x7f] + [UInt8](repeating: 0xff, count: 7))
        }
        #expect(throws: RecordBatchError.self) { try validate(batch) }
        #expect(try read(batch).records.count == 1)
    }

    @Test func aBombIsInvalid() throws {
        let sample = Sample(key: nil, value: [UInt8](repeating: 0, count: 4 << 20), timestamp: 0)
        for codec in CompressionCodec.allCases where codec != .none {
            let batch = try build([sample], codec: codec)
            #expect(try validate(batch, limit: 5 << 20).recordBytes > 4 << 20)
            do throws(RecordBatchError) {
                _ = try validate(batch, limit: 1 << 20)
                Issue.record("the limit was not kept for \(codec)")
            } catch {
                #expect(error.kind == .invalidRecord)
            }
        }
    }

    @Test func aLargeScratchIsGivenBack() throws {
        var scratch = ByteWriter()
        for (count, isKept) in [(100_000, true), (5 << 20, false)] {
            let sample = Sample(key: nil, value: [UInt8](repeating: 0, count: count), timestamp: 0)
            let batch = try build([sample], codec: .lz4)
            _ = try batch.withUnsafeBytes { try RecordBatchValidator.validate($0, scratch: &scratch) }
            #expect((scratch.allocated > count) == isKept)
        }
    }

    @Test func aWrongMaxTimestampIsFoundAndCorrected() throws {
        var batch = resealed(try build(samples)) { $0.replaceSubrange(35..<43, with: [0, 0, 0, 0, 0, 0, 0, 5]) }
        let valid = try validate(batch)
        #expect(valid.header.maxTimestamp == 5)
        #expect(valid.maxTimestampMilliseconds == 1_700_000_123_456)
        batch.withUnsafeMutableBytes {
            RecordBatchHeader.correctMaxTimestamp($0, milliseconds: valid.maxTimestampMilliseconds)
        }
        #expect(batch == (try build(samples)))
    }

    @Test(arguments: CompressionCodec.allCases)
    func logAppendTimeCountsForAllRecords(codec: CompressionCodec) throws {
        var batch = try build(samples, codec: codec)
        batch.withUnsafeMutableBytes { RecordBatchHeader.stampLogAppendTime($0, milliseconds: 1_800_000_000_000) }
        let header = try checkFrame(batch)
        #expect(header.isLogAppendTime && header.maxTimestamp == 1_800_000_000_000 && header.codec == codec)
        #expect(try read(batch).records.allSatisfy { $0.timestamp == 1_800_000_000_000 })
    }

    @Test func patchingTheOffsetKeepsTheCRC() throws {
        var batch = try build(samples)
        batch.withUnsafeMutableBytes { RecordBatchHeader.patch($0, baseOffset: 1 << 40, leaderEpoch: 7) }
        #expect(try validate(batch).header.lastOffset == (1 << 40) + 2)
    }
}
