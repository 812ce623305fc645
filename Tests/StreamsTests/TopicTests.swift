import Streams
import Testing

@Suite struct TopicTests {
    @Test(arguments: Adapter.complete) func createsDescribesAndDeletes(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        #expect(try bench.streams.topic("DEMO_events") == nil)
        try bench.create("DEMO_events", partitions: 3)
        try bench.create("DEMO_runInfo")
        let description = TopicDescription(name: "DEMO_events", partitionCount: 3, isInternal: false)
        #expect(try bench.streams.topic("DEMO_events") == description)
        let names = try bench.streams.topics().filter { !$0.isInternal }.map(\.name)
        #expect(names == ["DEMO_events", "DEMO_runInfo"])
        try bench.streams.deleteTopic("DEMO_events")
        #expect(try bench.streams.topic("DEMO_events") == nil)
        let failure = #expect(throws: StreamError.self) { try bench.streams.deleteTopic("DEMO_events") }
        #expect(failure?.code == .unknownTopic)
    }

    @Test(arguments: Adapter.complete) func createsOnlyOnce(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        let failure = #expect(throws: StreamError.self) { try bench.create("t") }
        #expect(failure?.code == .topicExists)
        try bench.streams.ensureTopic(TopicSpecification("t"))
        try bench.streams.ensureTopic(TopicSpecification("u"))
        #expect(try bench.streams.topic("u") != nil)
    }

    @Test(arguments: Adapter.complete, ["", "with space", "a/b", String(repeating: "x", count: 250), ".."])
    func refusesBadNames(_ adapter: Adapter, _ name: String) throws {
        let bench = try Bench(adapter)
        let failure = #expect(throws: StreamError.self) { try bench.create(name) }
        #expect(failure?.code == .invalidArgument, "\(failure?.message ?? "")")
    }

    @Test(arguments: Adapter.complete) func refusesBadSettings(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        let none = #expect(throws: StreamError.self) { try bench.create("t", partitions: 0) }
        #expect(none?.code == .invalidArgument)
        let unknown = #expect(throws: StreamError.self) { try bench.create("t", ["no.such.setting": "1"]) }
        #expect(unknown?.code == .invalidArgument)
        #expect(try bench.streams.topic("t") == nil)
    }

    @Test(arguments: Adapter.complete) func tellsOfUnknownTopics(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        for partition in [TopicPartition("nothing", 0), TopicPartition("t", 1), TopicPartition("t", -1)] {
            let codes = [
                #expect(throws: StreamError.self) { try bench.streams.watermarks(partition) }?.code,
                #expect(throws: StreamError.self) { try bench.streams.offset(partition, atOrAfter: 0) }?.code,
                #expect(throws: StreamError.self) {
                    try bench.streams.makeReader([ReaderAssignment(partition, from: .end)])
                }?.code,
            ]
            #expect(codes == [.unknownTopic, .unknownTopic, .unknownTopic], "\(partition)")
        }
        let producer = try bench.streams.makeProducer(ProducerOptions())
        let failure = #expect(throws: StreamError.self) { try producer.send("nothing", partition: 0, value: [1]) }
        #expect(failure?.code == .unknownTopic)
        #expect(try bench.streams.topic("nothing") == nil)
    }

    @Test(arguments: Adapter.allCases) func countsPartitions(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 2)
        try bench.produce("t", partition: 1, times: [1, 2, 3])
        let statistics = try bench.streams.statistics().filter { $0.partition.topic == "t" }
        #expect(statistics.map(\.partition.partition).sorted() == [0, 1])
        let high = statistics.map { ($0.partition.partition, $0.watermarks.high) }.sorted { $0.0 < $1.0 }.map(\.1)
        #expect(high == [0, 3])
    }

    @Test(arguments: Adapter.allCases) func throwsOnceClosed(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        bench.streams.close()
        let codes = [
            #expect(throws: StreamError.self) { try bench.streams.topics() }?.code,
            #expect(throws: StreamError.self) { try bench.streams.makeProducer(ProducerOptions()) }?.code,
            #expect(throws: StreamError.self) { try bench.reader("t", from: .end) }?.code,
        ]
        #expect(codes == [.closed, .closed, .closed])
    }
}
