import CommitLog
import Compression
import System
import TestSupport
import Testing

@Suite struct TimeTests {
    let directory = TemporaryDirectory()

    /// The answer that reading everything gives.
    func slow(_ times: [Int64], _ wanted: Int64, from start: Int = 0) -> Int64? {
        times[start...].firstIndex { $0 >= wanted }.map { Int64($0) }
    }

    @Test(arguments: [CompressionCodec.none, .lz4], [500, 100_000])
    func findsTheFirstRecordAtOrAfterATime(_ codec: CompressionCodec, _ segmentBytes: Int) throws {
        let log = try open(directory, quiet { $0.indexIntervalBytes = 150 })
        var settings = PartitionSettings()
        settings.segmentBytes = segmentBytes
        let partition = try log.createPartition(topic: "t", partition: 0, settings: settings)
        #expect(try partition.offset(forTimestamp: 0) == nil)
        #expect(try partition.offsetOfMaxTimestamp() == nil)
        var random = SplitMix(7)
        var times: [Int64] = []
        for index in 0..<60 {
            // Mostly forward, with back-dated records among them.
            let some = (0..<3).map { _ in
                Int64(index * 10) + Int64.random(in: index % 7 == 0 ? -200...0 : 0...30, using: &random) + 1000
            }
            times += some
            try partition.append(bytes: batch(["a", "b", "c"], timestamps: some, codec: codec))
            for wanted in [some[0], some[1], some[2], times.max()!, times.max()! + 1, 0] {
                let found = try partition.offset(forTimestamp: wanted)
                #expect(found?.offset == slow(times, wanted))
                #expect(found?.timestamp == slow(times, wanted).map { times[Int($0)] })
            }
            let newest = try partition.offsetOfMaxTimestamp()
            #expect(newest?.offset == slow(times, times.max()!))
            #expect(newest?.timestamp == times.max())
        }
        try partition.deleteRecords(before: 50)
        for wanted in Set(times) {
            #expect(try partition.offset(forTimestamp: wanted)?.offset == slow(times, wanted, from: 50))
        }
        try log.close()
        let again = try #require(try open(directory).partition(topic: "t", partition: 0))
        for wanted in Set(times) {
            #expect(try again.offset(forTimestamp: wanted)?.offset == slow(times, wanted, from: 50))
        }
    }

    @Test func onlyVisibleRecordsAreFound() throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: PartitionSettings())
        try partition.append(bytes: batch(["a"], timestamps: [10]))
        try partition.append(bytes: batch(["b"], timestamps: [20]), .durable)
        #expect(try partition.offset(forTimestamp: 15) == nil)
        #expect(try partition.offsetOfMaxTimestamp()?.offset == 0)
        try log.flush()
        #expect(try partition.offset(forTimestamp: 15)?.offset == 1)
        #expect(try partition.offsetOfMaxTimestamp()?.offset == 1)
    }
}
