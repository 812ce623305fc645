import Compression
import RecordBatch
import Testing

@Suite struct RecordBatchFilterTests {
    struct Seen: Equatable {
        let offset: Int64
        let timestamp: Int64
        let key: String
        let value: String?
    }

    /// Records at offsets 100 to 104, times 5000 down to 4996, one of them a tombstone, of producer 9.
    func batch(_ codec: CompressionCodec, tombstone: Int? = 3) throws -> [UInt8] {
        var builder = RecordBatchBuilder()
        for index in 0..<5 {
            try Array("k\(index)".utf8).withUnsafeBytes { key in
                let value = index == tombstone ? nil : key
                try builder.append(key: key, value: value, timestampMilliseconds: 5000 - Int64(index))
            }
        }
        var options = RecordBatchOptions()
        options.codec = codec
        options.baseOffset = 100
        options.producerID = 9
        options.producerEpoch = 2
        options.baseSequence = 40
        try builder.finish(options)
        return builder.withBatch { [UInt8]($0) }
    }

    func records(_ bytes: UnsafeRawBufferPointer) throws -> [Seen] {
        var seen: [Seen] = []
        var reader = StoredBatchReader()
        try reader.read(bytes) { record in
            func text(_ bytes: UnsafeRawBufferPointer?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
            seen.append(
                Seen(
                    offset: record.offset, timestamp: record.timestampMilliseconds, key: text(record.key) ?? "",
                    value: text(record.value)))
            return true
        }
        return seen
    }

    @Test(arguments: CompressionCodec.allCases)
    func leavesOutRecordsAndChangesNothingElse(_ codec: CompressionCodec) throws {
        let bytes = try batch(codec, tombstone: nil)
        var filter = RecordBatchFilter()
        let outcome = try bytes.withUnsafeBytes { raw in
            try filter.filter(raw, deleteHorizonMilliseconds: 77_000) { $0.offset % 2 == 1 }
        }
        guard case .rewritten = outcome else {
            Issue.record("\(outcome)")
            return
        }
        try filter.withBatch { [UInt8]($0) }.withUnsafeBytes { bytes in
            let header = try RecordBatchValidator.checkFrame(bytes)
            #expect(header.baseOffset == 100 && header.lastOffset == 104)
            #expect(header.producerID == 9 && header.producerEpoch == 2 && header.baseSequence == 40)
            #expect(header.codec == codec && !header.hasDeleteHorizon)
            #expect(header.recordCount == 2)
            #expect(header.maxTimestamp == 4999)
            #expect(
                try records(bytes) == [
                    Seen(offset: 101, timestamp: 4999, key: "k1", value: "k1"),
                    Seen(offset: 103, timestamp: 4997, key: "k3", value: "k3"),
                ])
        }
    }

    @Test func whatIsKeptWholeIsNotRewritten() throws {
        let bytes = try batch(.lz4, tombstone: nil)
        var filter = RecordBatchFilter()
        let outcome = try bytes.withUnsafeBytes { raw in
            try filter.filter(raw, deleteHorizonMilliseconds: 77_000) { _ in true }
        }
        if case .unchanged = outcome {} else { Issue.record("\(outcome)") }
    }

    @Test(arguments: [CompressionCodec.none, .zstd])
    func aTombstoneGetsItsHorizonOnce(_ codec: CompressionCodec) throws {
        let bytes = try batch(codec)
        let before = try bytes.withUnsafeBytes { try records($0) }
        var filter = RecordBatchFilter()
        _ = try bytes.withUnsafeBytes { raw in
            try filter.filter(raw, deleteHorizonMilliseconds: 77_000) { _ in true }
        }
        let first = filter.withBatch { [UInt8]($0) }
        try first.withUnsafeBytes { raw in
            let header = try RecordBatchValidator.checkFrame(raw)
            #expect(header.hasDeleteHorizon && header.baseTimestamp == 77_000)
            #expect(try records(raw) == before)
            let again = try filter.filter(raw, deleteHorizonMilliseconds: 99_000) { _ in true }
            if case .unchanged = again {} else { Issue.record("\(again)") }
            _ = try filter.filter(raw, deleteHorizonMilliseconds: 99_000) { $0.offset > 101 }
            try filter.withBatch { [UInt8]($0) }.withUnsafeBytes { bytes in
                let rewritten = try RecordBatchValidator.checkFrame(bytes)
                let found = try records(bytes)
                #expect(rewritten.baseTimestamp == 77_000)
                #expect(found == Array(before.dropFirst(2)))
            }
        }
    }

    @Test func anEmptyBatchKeepsOffsetsAndSequence() throws {
        let bytes = try batch(.gzip)
        let header = try bytes.withUnsafeBytes { try RecordBatchHeader(parsing: $0) }
        var filter = RecordBatchFilter()
        let outcome = try bytes.withUnsafeBytes { raw in
            try filter.filter(raw, deleteHorizonMilliseconds: 1) { _ in false }
        }
        if case .empty = outcome {} else { Issue.record("\(outcome)") }
        for keepsProducer in [true, false] {
            filter.makeEmpty(header, keepsProducer: keepsProducer)
            try filter.withBatch { [UInt8]($0) }.withUnsafeBytes { bytes in
                let empty = try RecordBatchValidator.checkFrame(bytes)
                #expect(bytes.count == RecordBatchHeader.size)
                #expect(empty.baseOffset == 100 && empty.lastOffset == 104 && empty.recordCount == 0)
                #expect(empty.producerID == (keepsProducer ? 9 : -1))
                #expect(empty.baseSequence == (keepsProducer ? 40 : -1))
                #expect(empty.maxTimestamp == 5000)
                #expect(try records(bytes) == [])
            }
        }
    }
}
