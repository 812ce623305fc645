import Streams
import Testing

@Suite struct AdministrationTests {
    @Test(arguments: Adapter.complete) func tellsSettingsAndWhereTheyComeFrom(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", ["retention.ms": "12345"])
        let settings = try bench.streams.settings(topic: "t")
        #expect(settings.map(\.name) == settings.map(\.name).sorted())
        let retention = settings.first { $0.name == "retention.ms" }
        #expect(retention?.value == "12345" && retention?.source == .topic)
        #expect(settings.first { $0.name == "cleanup.policy" }?.source == .builtIn)
        let failure = #expect(throws: StreamError.self) { try bench.streams.settings(topic: "nothing") }
        #expect(failure?.code == .unknownTopic)
    }

    @Test(arguments: Adapter.complete) func changesOneSettingAndKeepsTheOthers(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", ["retention.ms": "12345"])
        func own() throws -> [String: String?] {
            let settings = try bench.streams.settings(topic: "t").filter { $0.source == .topic }
            return Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
        }
        try bench.streams.alterSettings(topic: "t", ["retention.bytes": "1000"])
        #expect(try own() == ["retention.ms": "12345", "retention.bytes": "1000"])
        try bench.streams.alterSettings(topic: "t", ["retention.ms": nil])
        #expect(try own() == ["retention.bytes": "1000"])
        let failure = #expect(throws: StreamError.self) {
            try bench.streams.alterSettings(topic: "t", ["no.such.setting": "1"])
        }
        #expect(failure?.code == .invalidArgument)
    }

    @Test(arguments: Adapter.complete) func addsPartitions(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        try bench.streams.addPartitions(topic: "t", count: 3)
        #expect(try bench.streams.topic("t")?.partitionCount == 3)
        let failure = #expect(throws: StreamError.self) { try bench.streams.addPartitions(topic: "t", count: 2) }
        #expect(failure?.code == .invalidArgument)
    }

    @Test(arguments: Adapter.complete) func deletesRecordsBeforeAnOffset(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 2)
        try bench.create("kept", ["cleanup.policy": "compact"])
        for partition in 0..<2 as Range<Int32> { try bench.produce("t", partition: partition, times: [1, 2, 3]) }
        let (zero, one) = (TopicPartition("t", 0), TopicPartition("t", 1))
        #expect(try bench.streams.deleteRecords(before: [:]) == [:])
        #expect(try bench.streams.deleteRecords(before: [zero: 2, one: 3]) == [zero: 2, one: 3])
        #expect(try bench.streams.watermarks(zero) == Watermarks(low: 2, high: 3))
        #expect(try bench.streams.watermarks(one) == Watermarks(low: 3, high: 3))
        let reader = try bench.reader("t", from: .beginning)
        defer { reader.close() }
        #expect(try reader.take(1).map(\.offset) == [2])
        // Nothing comes back, and the partition goes on.
        #expect(try bench.streams.deleteRecords(before: [zero: 0]) == [zero: 2])
        try bench.produce("t", partition: 1, times: [4])
        #expect(try bench.streams.watermarks(one) == Watermarks(low: 3, high: 4))
        func refusal(_ offsets: [TopicPartition: Int64]) -> StreamError.Code? {
            #expect(throws: StreamError.self) { try bench.streams.deleteRecords(before: offsets) }?.code
        }
        #expect(refusal([zero: 4]) == .offsetOutOfRange)
        #expect(refusal([zero: -1]) == .offsetOutOfRange)
        #expect(refusal([TopicPartition("t", 2): 0]) == .unknownTopic)
        #expect(refusal([TopicPartition("nothing", 0): 0]) == .unknownTopic)
        #expect(refusal([TopicPartition("kept", 0): 0]) == .invalidArgument)
    }

    @Test(arguments: Adapter.complete) func tellsAllThatAGroupCommitted(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t", partitions: 2)
        try bench.produce("t", times: [1, 2, 3])
        #expect(try bench.streams.committedOffsets(group: "g") == [:])
        let offsets = [TopicPartition("t", 0): Int64(2), TopicPartition("t", 1): 0]
        try bench.streams.commit(group: "g", offsets)
        #expect(try bench.streams.committedOffsets(group: "g") == offsets)
    }

    @Test(arguments: Adapter.complete) func listsAndDeletesGroups(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        try bench.create("t")
        #expect(try bench.streams.groups().isEmpty)
        #expect(try bench.streams.group("g") == nil)
        try bench.streams.commit(group: "g", [TopicPartition("t", 0): 0])
        #expect(try bench.streams.groups() == [StreamGroupListing(name: "g", state: .empty)])
        let description = StreamGroupDescription(name: "g", state: .empty, assignor: "", members: [])
        #expect(try bench.streams.group("g") == description)
        try bench.streams.deleteGroup("g")
        #expect(try bench.streams.groups().isEmpty)
        #expect(try bench.streams.committedOffsets(group: "g") == [:])
        let failure = #expect(throws: StreamError.self) { try bench.streams.deleteGroup("g") }
        #expect(failure?.code == .unknownGroup)
    }

    @Test(arguments: Adapter.complete) func refusesToDeleteAGroupWithoutName(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        let failure = #expect(throws: StreamError.self) { try bench.streams.deleteGroup("") }
        #expect(failure?.code == .invalidArgument)
    }

    @Test(arguments: Adapter.complete) func describesTheCluster(_ adapter: Adapter) throws {
        let bench = try Bench(adapter)
        defer { withExtendedLifetime(bench) {} }
        let cluster = try bench.streams.cluster()
        #expect(cluster.brokers.count == 1)
        #expect(cluster.controller == cluster.brokers.first?.id)
        #expect(cluster.id?.isEmpty == false)
        // The embedded one listens nowhere.
        #expect(cluster.brokers.first?.host == (adapter == .embedded ? "" : "127.0.0.1"))
        #expect((cluster.brokers.first?.port ?? 0 > 0) == (adapter == .cluster))
    }

    /// What a service in the broker's process sees is what clients see.
    @Test func describesTheSameClusterFromInside() throws {
        let bench = try Bench(.cluster)
        defer { withExtendedLifetime(bench) {} }
        #expect(try bench.embedded?.cluster() == bench.streams.cluster())
    }
}
