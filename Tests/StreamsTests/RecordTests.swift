import Foundation
import Streams
import Synchronization
import Testing

@Suite struct RecordTests {
    @Test(arguments: Adapter.allCases) func keepsEveryPartOfARecord(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let headers = [
            StreamHeader(key: "a", value: [1, 2]), StreamHeader(key: "", value: nil),
            StreamHeader(key: "a", value: []),
        ]
        let sent = [
            KeptRecord(offset: 0, timestamp: 1_700_000_000_000, key: [7], value: [1, 2, 3], headers: headers),
            KeptRecord(offset: 1, timestamp: 1_600_000_000_000, key: nil, value: [4]),
            KeptRecord(offset: 2, timestamp: 1_700_000_000_001, key: [], value: []),
            KeptRecord(offset: 3, timestamp: 1_700_000_000_002, key: [9], value: nil),
            KeptRecord(offset: 4, timestamp: 1_700_000_000_003, key: nil, value: nil),
        ]
        let producer = try bench.streams.makeProducer(ProducerOptions())
        let offsets = Mutex<[Int64]>([])
        for record in sent {
            try producer.send(
                "t", partition: 0, key: record.key, value: record.value, headers: record.headers,
                timestamp: record.timestamp
            ) { result in
                if case .success(let offset) = result { offsets.withLock { $0.append(offset) } }
            }
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(offsets.withLock { $0 } == [0, 1, 2, 3, 4])
        let reader = try bench.reader("t", from: .beginning)
        #expect(try reader.take(5) == sent)
        #expect(reader.position(0) == 5)
        #expect(try reader.read(waitMilliseconds: 0) { _ in } == 0)
    }

    @Test(arguments: Adapter.allCases) func stampsRecordsWithTheTimeOfSending(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let producer = try bench.streams.makeProducer(ProducerOptions())
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        try producer.send("t", partition: 0, value: [1])
        let after = Int64(Date().timeIntervalSince1970 * 1000)
        try producer.flush(timeoutMilliseconds: 10_000)
        let record = try #require(try bench.reader("t", from: .beginning).take(1).first)
        #expect((before - 1...after + 1).contains(record.timestamp))
    }

    /// Hashes of Kafka's own tests (`UtilsTest.testMurmur2`), so that keys go where Java's client sends them.
    @Test(arguments: Adapter.allCases) func choosesPartitionsAsJavaDoes(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        let count: Int32 = 7
        try bench.create("t", partitions: count)
        let hashes: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829), ("abc", 479_470_107),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ]
        let producer = try bench.streams.makeProducer(ProducerOptions())
        for (key, _) in hashes { try producer.send("t", partition: nil, key: Array(key.utf8), value: [1]) }
        try producer.send("t", partition: nil, value: [2])
        try producer.flush(timeoutMilliseconds: 10_000)
        let reader = try bench.streams.makeReader(try bench.streams.assignments("t", from: .beginning))
        let records = try reader.take(7)
        var found: [String: Int32] = [:]
        for record in records {
            found[record.key.map { String(decoding: $0, as: UTF8.self) } ?? "none"] = Int32(record.assignment)
        }
        for (key, hash) in hashes { #expect(found[key] == (hash & 0x7fff_ffff) % count, "\(key)") }
        #expect(found["none"] == 0)
    }

    @Test(arguments: Adapter.allCases) func readsSeveralPartitionsInOrder(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 3)
        try bench.create("u")
        let producer = try bench.streams.makeProducer(ProducerOptions(lingerMilliseconds: 0, batchBytes: 1024))
        for index in 0..<300 {
            try producer.send("t", partition: Int32(index % 3), value: [UInt8(index / 3)], timestamp: Int64(index + 1))
        }
        try producer.send("u", partition: 0, value: [255])
        try producer.flush(timeoutMilliseconds: 10_000)
        let assignments = [("t", 2), ("u", 0), ("t", 0)].map {
            ReaderAssignment(TopicPartition($0.0, Int32($0.1)), from: .beginning)
        }
        let reader = try bench.streams.makeReader(assignments)
        #expect(reader.assignments == assignments.map(\.partition))
        let records = try reader.take(201)
        for (index, values) in [0: (0..<100).map { [UInt8($0)] }, 1: [[255]], 2: (0..<100).map { [UInt8($0)] }] {
            #expect(records.filter { $0.assignment == index }.map(\.value) == values)
        }
        #expect((0..<3).map { reader.position($0) } == [100, 1, 100])
    }

    @Test(arguments: Adapter.complete) func carriesBigRecords(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let size = 20_000_000
        let value = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in stride(from: 0, to: size, by: 4096) { buffer[index] = UInt8(truncatingIfNeeded: index >> 12) }
            count = size
        }
        let producer = try bench.streams.makeProducer(ProducerOptions())
        try producer.send("t", partition: 0, value: [1])
        try producer.send("t", partition: 0, value: value)
        try producer.send("t", partition: 0, value: [2])
        try producer.flush(timeoutMilliseconds: 30_000)
        let records = try bench.reader("t", from: .beginning).take(3)
        #expect(records.map { $0.value?.count } == [1, size, 1])
        #expect(records.count == 3 && records[1].value == value)
    }

    @Test(arguments: Adapter.complete) func tellsOfRecordsThatAreTooLarge(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", ["max.message.bytes": "2000"])
        let producer = try bench.streams.makeProducer(ProducerOptions())
        let large = [UInt8](repeating: 1, count: 5000)
        let quiet = #expect(throws: StreamError.self) {
            try producer.send("t", partition: 0, value: large)
            try producer.flush(timeoutMilliseconds: 10_000)
        }
        #expect(quiet?.code == .messageTooLarge)
        let told = Mutex<StreamError.Code?>(nil)
        try producer.send("t", partition: 0, value: large) { result in
            if case .failure(let failure) = result { told.withLock { $0 = failure.code } }
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(told.withLock { $0 } == .messageTooLarge)
        try producer.send("t", partition: 0, value: [1])
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(try bench.streams.watermarks(TopicPartition("t", 0)) == Watermarks(low: 0, high: 1))
    }

    @Test(arguments: Adapter.allCases, [Acknowledgement.durable, .written, .none])
    func deliversWithEveryAcknowledgement(_ adapter: Adapter, _ acknowledgement: Acknowledgement) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let producer = try bench.streams.makeProducer(ProducerOptions(acknowledgement: acknowledgement))
        let told = Mutex(0)
        for index in 0..<1000 {
            try producer.send("t", partition: 0, value: [UInt8(index & 255)]) { _ in told.withLock { $0 += 1 } }
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(told.withLock { $0 } == 1000)
        let records = try bench.reader("t", from: .beginning).take(1000)
        #expect(records.map(\.value) == (0..<1000).map { [UInt8($0 & 255)] })
    }

    @Test(arguments: Adapter.allCases) func sendsByItselfAfterTheLinger(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let reader = try bench.reader("t", from: .end)
        let producer = try bench.streams.makeProducer(ProducerOptions(lingerMilliseconds: 1))
        try producer.send("t", partition: 0, value: [1])
        #expect(try reader.take(1).map(\.value) == [[1]])
    }
}
