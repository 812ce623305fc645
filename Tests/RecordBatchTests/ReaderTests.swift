import Bytes
import Compression
import RecordBatch
import Testing

@Suite struct ReaderTests {
    private static func log() throws(RecordBatchError) -> [UInt8] {
        var log: [UInt8] = []
        for (index, codec) in CompressionCodec.allCases.enumerated() {
            log += try build(samples, codec: codec, baseOffset: Int64(index * 3))
        }
        return log
    }

    @Test func everyStartOffsetWorks() throws {
        let log = try Self.log()
        for start in 0...15 {
            let result = try read(log, from: Int64(start))
            #expect(result.records.map(\.offset) == (start..<15).map(Int64.init))
            #expect(result.nextOffset == 15)
            #expect(result.passed == log.count)
        }
        #expect(try read(log, from: 99).nextOffset == 99)
    }

    @Test func everyCutOfTheLastBatchWaitsForMore() throws {
        let first = try build(samples, codec: .none)
        let second = try build(samples, codec: .lz4, baseOffset: 3)
        for count in 0..<second.count {
            let result = try read(first + second[..<count])
            #expect(result.records.count == 3 && result.nextOffset == 3 && result.passed == first.count)
        }
    }

    @Test func stoppingKeepsTheOffset() throws {
        let log = try Self.log()
        var offset: Int64 = 0
        var seen: [Int64] = []
        while offset < 15 {
            let result = try read(log, from: offset, stopAfter: 2)
            seen += result.records.map(\.offset)
            #expect(offset < result.nextOffset)
            offset = result.nextOffset
        }
        #expect(seen == (0..<15).map(Int64.init))
    }

    @Test func aDamagedBatchIsReportedAndCanBePassed() throws {
        var log = try Self.log()
        let first = try build(samples, codec: .none).count
        log[first + 40] ^= 1
        var reader = RecordBatchReader()
        var offsets: [Int64] = []
        let bytes = log
        #expect(throws: RecordBatchError.self) {
            try bytes.withUnsafeBytes {
                try reader.read($0, from: 0) {
                    offsets.append($0.offset)
                    return true
                }
            }
        }
        #expect(offsets == [0, 1, 2])
        #expect(reader.nextOffset == 6)
        #expect(try read(log, from: 6).records.count == 9)
    }

    @Test func headersAreFoundByName() throws {
        let batch = try build(samples)
        var reader = RecordBatchReader()
        var values: [[UInt8]?] = []
        try batch.withUnsafeBytes { bytes in
            _ = try reader.read(bytes, from: 1) { record in
                values.append(record.headers.first(named: "schema")?.value.map { [UInt8]($0) })
                values.append(record.headers.first(named: "é").map { _ in [] })
                return true
            }
        }
        #expect(values == [[1, 2, 3], [], nil, nil])
    }

    private static func batch(_ producer: Int64, at offset: Int64) throws(RecordBatchError) -> [UInt8] {
        var options = RecordBatchOptions()
        options.producerID = producer
        options.isTransactional = true
        options.baseOffset = offset
        return try build([Sample(key: nil, value: [UInt8(producer)], timestamp: 1)], options)
    }

    private static func marker(
        _ producer: Int64, _ outcome: ControlRecord.Outcome, at offset: Int64
    ) throws(RecordBatchError) -> [UInt8] {
        var options = RecordBatchOptions()
        options.producerID = producer
        options.isTransactional = true
        options.isControl = true
        options.baseOffset = offset
        let marker = ControlRecord(outcome: outcome, coordinatorEpoch: 6)
        return try build([Sample(key: marker.key, value: marker.value, timestamp: 1)], options)
    }

    @Test func controlBatchesAndAbortedTransactionsArePassed() throws {
        let log =
            try Self.batch(1, at: 0) + Self.batch(2, at: 1) + Self.marker(1, .abort, at: 2)
            + Self.batch(1, at: 3) + Self.marker(2, .commit, at: 4) + Self.marker(1, .commit, at: 5)
        let all = try read(log)
        #expect(all.records.map(\.offset) == [0, 1, 3])
        #expect(all.nextOffset == 6)
        let committed = try read(log, aborted: [AbortedTransaction(producerID: 1, firstOffset: 0)])
        #expect(committed.records.map(\.offset) == [1, 3])
    }

    @Test(arguments: [ControlRecord.Outcome.abort, .commit])
    func markersGoBothWays(outcome: ControlRecord.Outcome) throws {
        let batch = try Self.marker(1, outcome, at: 0)
        #expect(try validate(batch).isControl)
        try batch.withUnsafeBytes { bytes in
            let header = try RecordBatchValidator.checkFrame(bytes)
            let records = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.size...])
            var iterator = RecordIterator(header, records: records)
            let record = try #require(try iterator.next())
            #expect(try ControlRecord(parsing: record) == ControlRecord(outcome: outcome, coordinatorEpoch: 6))
            #expect(try iterator.next() == nil)
        }
    }

    @Test func malformedMarkersThrow() throws {
        for key: [UInt8] in [[], [0, 0, 0], [0, 0, 0, 1]] {
            let batch = try build([Sample(key: key, value: [0], timestamp: 0)])
            try batch.withUnsafeBytes { bytes in
                let header = try RecordBatchHeader(parsing: bytes)
                let records = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.size...])
                var iterator = RecordIterator(header, records: records)
                let record = try #require(try iterator.next())
                #expect(throws: RecordBatchError.self) { _ = try ControlRecord(parsing: record) }
            }
        }
    }
}
