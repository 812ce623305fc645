import Bytes
import Compression
import RecordBatch
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: CompressionCodec.allCases)
    func recordsComeBack(codec: CompressionCodec) throws {
        let batch = try build(samples, codec: codec)
        let valid = try validate(batch)
        #expect(valid.header.recordCount == 3)
        #expect(valid.header.lastOffsetDelta == 2)
        #expect(valid.header.codec == codec)
        #expect(valid.header.totalBytes == batch.count)
        #expect(valid.maxTimestampMilliseconds == 1_700_000_123_456)
        #expect(valid.maxTimestampMilliseconds == valid.header.maxTimestamp)
        #expect(valid.maxTimestampOffsetDelta == 1)
        #expect(valid.hasNullKey)
        #expect(!valid.isControl)
        let result = try read(batch)
        #expect(result.records == samples)
        #expect(result.nextOffset == 3)
        #expect(result.passed == batch.count)
    }

    @Test func headerGoesBothWays() throws {
        var header = RecordBatchHeader(baseOffset: 77, recordCount: 5, baseTimestamp: 12, maxTimestamp: 99)
        header.batchLength = 1234
        header.partitionLeaderEpoch = 3
        header.crc = 0xdead_beef
        header.attributes = 0x34
        header.producerID = 1 << 40
        header.producerEpoch = -2
        header.baseSequence = .max
        var bytes = [UInt8](repeating: 0xff, count: RecordBatchHeader.size)
        bytes.withUnsafeMutableBytes { header.write(to: $0) }
        #expect(try bytes.withUnsafeBytes { try RecordBatchHeader(parsing: $0) } == header)
    }

    @Test func optionsReachTheHeader() throws {
        var options = RecordBatchOptions()
        options.baseOffset = 500
        options.partitionLeaderEpoch = 4
        options.producerID = 9
        options.producerEpoch = 1
        options.baseSequence = 70
        options.isTransactional = true
        let header = try checkFrame(try build(samples, options))
        #expect(header.baseOffset == 500 && header.lastOffset == 502)
        #expect(header.partitionLeaderEpoch == 4)
        #expect(header.producerID == 9 && header.producerEpoch == 1 && header.baseSequence == 70)
        #expect(header.isTransactional && !header.isControl && !header.isLogAppendTime)
    }

    @Test func aBatchFromAnotherWriterIsRead() throws {
        // One record, key "k", value "v", header "h": "x", written out by hand from the protocol's description.
        let record: [UInt8] = [0x18, 0, 0, 0, 2, 0x6b, 2, 0x76, 2, 2, 0x68, 2, 0x78]
        let batch = rawBatch(record)
        #expect(try validate(batch).recordBytes == 13)
        let records = try read(batch).records
        #expect(
            records == [
                Sample(
                    key: [0x6b], value: [0x76], headers: [RecordHeader(name: "h", value: [0x78])], timestamp: 0)
            ])
    }

    @Test func theBuilderIsReused() throws {
        var builder = RecordBatchBuilder()
        var seen: [[UInt8]] = []
        for codec in [CompressionCodec.zstd, .none, .zstd] {
            for sample in samples { try append(sample, to: &builder) }
            var options = RecordBatchOptions()
            options.codec = codec
            let grown = builder.byteCount
            try builder.finish(options)
            #expect(codec == .none ? builder.byteCount == grown : builder.byteCount < grown)
            seen.append(builder.withBatch { [UInt8]($0) })
            #expect(seen.last?.count == builder.byteCount)
            builder.reset()
            #expect(builder.isEmpty && builder.byteCount == RecordBatchHeader.size)
        }
        #expect(seen[0] == seen[2])
        #expect(seen[1] == (try build(samples)))
    }

    @Test func lengthsAtVarintEdgesComeBack() throws {
        for count in [0, 1, 62, 63, 64, 65, 8190, 8191, 8192, 100_000] {
            let sample = Sample(
                key: [UInt8](repeating: 1, count: count), value: [UInt8](repeating: 2, count: count),
                timestamp: Int64(count))
            let batch = try build([sample])
            #expect(try validate(batch).header.recordCount == 1)
            #expect(try read(batch).records == [sample])
        }
    }

    @Test func timestampsAtTheEdgesComeBack() throws {
        for timestamps: [Int64] in [[-1, -1], [-1, 5], [0, .max], [.max, 0], [1 << 62, 1]] {
            let all = timestamps.enumerated().map {
                Sample(key: nil, value: [1], timestamp: $1, offset: Int64($0))
            }
            let batch = try build(all)
            #expect(try validate(batch).maxTimestampMilliseconds == timestamps.max())
            #expect(try read(batch).records == all)
        }
    }

    @Test func compactionKeepsOffsetsAndRange() throws {
        let whole = try build(samples, codec: .lz4, baseOffset: 10)
        var builder = RecordBatchBuilder()
        var reader = RecordBatchReader()
        var failure: RecordBatchError?
        try whole.withUnsafeBytes { bytes in
            _ = try reader.read(bytes, from: 0) { record in
                do throws(RecordBatchError) {
                    if record.offset == 11 { try builder.append(record, keepsOffset: true) }
                } catch {
                    failure = error
                }
                return true
            }
        }
        #expect(failure == nil)
        var options = RecordBatchOptions()
        options.baseOffset = 10
        options.lastOffsetDelta = 2
        try builder.finish(options)
        let batch = builder.withBatch { [UInt8]($0) }
        #expect(try checkFrame(batch).recordCount == 1)
        // Not something a producer may send.
        #expect(throws: RecordBatchError.self) { try validate(batch) }
        let result = try read(batch)
        #expect(result.records.map(\.offset) == [11])
        #expect(result.records.first?.headers == samples[1].headers)
        #expect(result.nextOffset == 13)
    }

    @Test func anEmptyCompactedBatchIsPassed() throws {
        var builder = RecordBatchBuilder()
        var options = RecordBatchOptions()
        options.baseOffset = 5
        options.lastOffsetDelta = 4
        try builder.finish(options)
        let batch = builder.withBatch { [UInt8]($0) }
        #expect(try checkFrame(batch).recordCount == 0)
        let result = try read(batch + build(samples, codec: .none, baseOffset: 10))
        #expect(result.records.count == 3 && result.nextOffset == 13)
    }
}
