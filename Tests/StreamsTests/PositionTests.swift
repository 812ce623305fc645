import Streams
import Synchronization
import System
import Testing

@Suite struct PositionTests {
    private let partition = TopicPartition("t", 0)

    @Test(arguments: Adapter.complete) func beginsWhereItIsTold(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        try bench.produce("t", times: [1000, 2000, 3000, 4000])
        let cases: [(StartPosition, Int64)] = [
            (.beginning, 0), (.offset(2), 2), (.offset(4), 4), (.end, 4), (.timestamp(0), 0), (.timestamp(2000), 1),
            (.timestamp(2001), 2), (.timestamp(4001), 4),
        ]
        for (start, offset) in cases {
            let reader = try bench.reader("t", from: start)
            #expect(reader.position(0) == offset, "\(start)")
            #expect(try reader.take(Int(4 - offset)).map(\.offset) == Array(offset..<4), "\(start)")
            reader.close()
        }
        for offset: Int64 in [-1, 5, .max] {
            let failure = #expect(throws: StreamError.self) { try bench.reader("t", from: .offset(offset)) }
            #expect(failure?.code == .offsetOutOfRange)
        }
    }

    @Test(arguments: Adapter.complete) func seeksWhileReading(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 2)
        try bench.produce("t", times: (1...500).map { Int64($0) })
        try bench.produce("t", partition: 1, times: [1, 2])
        let reader = try bench.streams.makeReader(try bench.streams.assignments("t", from: .end))
        for (start, offset): (StartPosition, Int64) in [
            (.beginning, 0), (.offset(499), 499), (.timestamp(250), 249), (.offset(3), 3), (.offset(500), 500),
        ] {
            try reader.seek(0, to: start)
            #expect(reader.position(0) == offset)
            #expect(try reader.take(Int(500 - offset)).map(\.offset) == Array(offset..<500))
            #expect(reader.position(1) == 2)
        }
        let failure = #expect(throws: StreamError.self) { try reader.seek(0, to: .offset(501)) }
        #expect(failure?.code == .offsetOutOfRange)
    }

    @Test(arguments: Adapter.complete) func findsOffsetsByTime(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        #expect(try bench.streams.offset(partition, atOrAfter: 0) == nil)
        #expect(try bench.streams.watermarks(partition) == Watermarks(low: 0, high: 0))
        // Later batches may carry earlier times: data that are replayed, clocks that were set back.
        try bench.produce("t", times: [5000, 6000])
        try bench.produce("t", times: [1000, 2000])
        try bench.produce("t", times: [9000])
        #expect(try bench.streams.watermarks(partition) == Watermarks(low: 0, high: 5))
        let found = try [0, 5000, 5001, 6001, 9000].map { try bench.streams.offset(partition, atOrAfter: $0) }
        #expect(found == [0, 0, 1, 4, 4])
        #expect(try bench.streams.offset(partition, atOrAfter: 9001) == nil)
    }

    @Test(arguments: Adapter.allCases) func wakesAReaderThatWaits(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let reader = try bench.reader("t", from: .end)
        let producer = try bench.streams.makeProducer(ProducerOptions(lingerMilliseconds: 0))
        let clock = SystemClock()
        for index in 0..<3 {
            let sent = Condition<UInt64?>(nil)
            let sender = unsafe(producer)
            let thread = Thread("sender") {
                sent.update { $0 = clock.monotonicNanoseconds }
                try? sender.value.send("t", partition: 0, value: [UInt8(index)])
                try? sender.value.flush(timeoutMilliseconds: 10_000)
            }
            var values: [[UInt8]] = []
            while values.isEmpty {
                let count = try reader.read(waitMilliseconds: 30_000) { values.append(Array($0.value!)) }
                if count == 0 { break }
            }
            thread.join()
            #expect(values == [[UInt8(index)]])
            let waited = clock.monotonicNanoseconds - (sent.withLock { $0 } ?? 0)
            #expect(waited < 15_000_000_000)
        }
    }

    /// The producer is used by one thread at a time: the test joins each sender before it starts the next.
    private struct Handed: @unchecked Sendable { let value: any StreamProducer }
    private func unsafe(_ producer: any StreamProducer) -> Handed { Handed(value: producer) }

    @Test(arguments: Adapter.allCases) func readsOnlyWhatIsNewAtTheEnd(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        try bench.produce("t", times: [1, 2, 3])
        let reader = try bench.reader("t", from: .end)
        #expect(try reader.read(waitMilliseconds: 20) { _ in } == 0)
        try bench.produce("t", times: [4])
        #expect(try reader.take(1).map(\.offset) == [3])
    }

    @Test(arguments: Adapter.complete) func readsInPieces(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let producer = try bench.streams.makeProducer(ProducerOptions())
        let value = [UInt8](repeating: 7, count: 100_000)
        for _ in 0..<200 { try producer.send("t", partition: 0, value: value) }
        try producer.flush(timeoutMilliseconds: 30_000)
        let reader = try bench.reader("t", from: .beginning)
        var total = 0
        var largest = 0
        while total < 200 {
            let count = try reader.read(waitMilliseconds: 10_000) { _ in }
            guard count > 0 else { break }
            total += count
            largest = max(largest, count)
        }
        #expect(total == 200)
        // 20 MB are there; one reading hands out about 4 MiB of them.
        #expect(largest <= 60)
    }

    @Test(arguments: Adapter.complete) func keepsCommittedOffsets(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 2)
        let other = TopicPartition("t", 1)
        #expect(try bench.streams.committedOffsets(group: "g", [partition, other]).isEmpty)
        try bench.streams.commit(group: "g", [partition: 7])
        #expect(try bench.streams.committedOffsets(group: "g", [partition, other]) == [partition: 7])
        try bench.streams.commit(group: "g", [partition: 8, other: 1])
        #expect(try bench.streams.committedOffsets(group: "g", [partition, other]) == [partition: 8, other: 1])
        #expect(try bench.streams.committedOffsets(group: "h", [partition]).isEmpty)
        #expect(try bench.streams.committedOffsets(group: "g", []).isEmpty)
        let failure = #expect(throws: StreamError.self) {
            try bench.streams.commit(group: "g", [TopicPartition("nothing", 0): 1])
        }
        #expect(failure?.code == .unknownTopic)
    }
}
