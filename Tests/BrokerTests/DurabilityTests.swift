import Broker
import Glibc
import Observability
import Streams
import System
import TestSupport
import Testing

/// What the broker answered with success is there after the power was cut, wherever a change of the disk failed before.
@Suite struct DurabilityTests {
    /// What clients were told.
    struct Promises {
        /// Topics that exist, with the number of partitions that they may have.
        var topics: [String: ClosedRange<Int32>] = [:]
        /// What their `retention.ms` may be.
        var settings: [String: Set<String>] = [:]
        /// Topics whose creation or deletion failed: they may be there or not.
        var uncertain: Set<String> = []
        /// Topics that were deleted.
        var deleted: Set<String> = []
        var committed: [TopicPartition: Int64] = [:]
        var records: [String: [Int64: String]] = [:]
    }

    let files = MemoryFileSystem(clock: SystemClock())

    func open(_ durability: BrokerOptions.Durability = .strict) throws -> Broker {
        var options = BrokerOptions(dataDirectory: "/d", listen: [])
        options.durability = durability
        options.minimumFreeBytes = 0
        return try Broker(options: options, metrics: Metrics(), fileSystem: files.process())
    }

    /// The power goes while the broker runs; its threads end without changing anything more.
    func cutPower(_ broker: Broker) {
        var random = SplitMix(1)
        files.cutPower(.all, &random)
        files.fail(0..<0, code: EIO)
        broker.stop()
    }

    /// Uses every kind of state that the broker keeps; goes on after errors.
    func use(_ broker: Broker, _ promises: inout Promises) {
        let streams = broker.streams
        for name in ["plain", "gone", "kept"] {
            do {
                try streams.createTopic(
                    TopicSpecification(name, partitionCount: 2, configuration: ["retention.ms": "1000000"]))
                promises.topics[name] = 2...2
                promises.settings[name] = ["1000000"]
            } catch {
                promises.uncertain.insert(name)
            }
        }
        change(streams, &promises)
        for round in 0..<3 {
            for name in ["plain", "kept", "automatic"] {
                if let offset = try? send(streams, name, "\(name) \(round)") {
                    promises.records[name, default: [:]][offset] = "\(name) \(round)"
                    if name == "automatic" { promises.topics[name] = 1...1 }
                }
            }
            let partition = TopicPartition("kept", 0)
            if (try? streams.commit(group: "g", [partition: Int64(round)])) != nil {
                promises.committed[partition] = Int64(round)
            }
        }
        if promises.topics["gone"] != nil {
            do {
                try streams.deleteTopic("gone")
                promises.deleted.insert("gone")
            } catch {
                promises.uncertain.insert("gone")
            }
            promises.topics["gone"] = nil
        }
    }

    /// Gives a topic more partitions and another setting.
    private func change(_ streams: EmbeddedStreams, _ promises: inout Promises) {
        guard promises.topics["kept"] != nil else { return }
        let isSet = (try? streams.alterSettings(topic: "kept", ["retention.ms": "2000000"])) != nil
        promises.settings["kept"] = isSet ? ["2000000"] : ["1000000", "2000000"]
        let isLarger = (try? streams.addPartitions(topic: "kept", count: 3)) != nil
        promises.topics["kept"] = isLarger ? 3...3 : 2...3
    }

    private func send(_ streams: EmbeddedStreams, _ topic: String, _ value: String) throws -> Int64 {
        let producer = try streams.makeProducer(ProducerOptions(lingerMilliseconds: 0))
        defer { producer.close() }
        let answer = Condition<Result<Int64, StreamError>?>(nil)
        try Array(value.utf8).withUnsafeBytes { value in
            try producer.send(
                topic: topic, partition: 0, key: nil, value: value, headers: [], timestampMilliseconds: nil
            ) { result in answer.update { $0 = result } }
        }
        try producer.flush(timeoutMilliseconds: 20_000)
        return try #require(answer.wait(milliseconds: 20_000) { $0 }).get()
    }

    func check(_ broker: Broker, _ promises: Promises, _ where_: String) throws {
        let streams = broker.streams
        let topics = Dictionary(uniqueKeysWithValues: try streams.topics().map { ($0.name, $0.partitionCount) })
        for (name, counts) in promises.topics {
            #expect(topics[name].map { counts.contains($0) } == true, "\(name), \(where_)")
            guard let values = promises.settings[name], topics[name] != nil else { continue }
            let retention = try streams.settings(topic: name).first { $0.name == "retention.ms" }?.value
            #expect(retention.map { values.contains($0) } == true, "\(name) keeps \(retention ?? ""), \(where_)")
        }
        for name in promises.deleted.subtracting(promises.uncertain) {
            #expect(topics[name] == nil, "\(name), \(where_)")
        }
        for (partition, offset) in promises.committed {
            let found = try streams.committedOffsets(group: "g", [partition])[partition] ?? -1
            #expect(found >= offset, "committed of \(partition), \(where_)")
        }
        for (name, records) in promises.records where topics[name] != nil {
            let reader = try streams.makeReader([ReaderAssignment(TopicPartition(name, 0), from: .beginning)])
            var found: [Int64: String] = [:]
            while try reader.read(
                waitMilliseconds: 0,
                { record in
                    found[record.offset] = record.value.map { String(decoding: $0, as: UTF8.self) }
                }) > 0
            {}
            for (offset, value) in records { #expect(found[offset] == value, "\(name) at \(offset), \(where_)") }
            reader.close()
        }
    }

    @Test func whatWasAnsweredSurvivesAPowerCut() throws {
        let broker = try open()
        var promises = Promises()
        use(broker, &promises)
        #expect(promises.topics == ["plain": 2...2, "kept": 3...3, "automatic": 1...1])
        #expect(promises.deleted == ["gone"])
        #expect(promises.records["automatic"]?.count == 3)
        cutPower(broker)
        let again = try open()
        try check(again, promises, "no failure")
        again.stop()
    }

    /// Only records may be lost that way, never topics, their settings and partitions, or committed offsets.
    @Test func relaxedDurabilityConcernsRecordsAlone() throws {
        let broker = try open(.relaxed)
        var promises = Promises()
        use(broker, &promises)
        #expect(promises.topics.keys.sorted() == ["automatic", "kept", "plain"] && promises.committed.count == 1)
        promises.records = [:]
        cutPower(broker)
        let again = try open(.relaxed)
        try check(again, promises, "relaxed")
        again.stop()
    }

    @Test(arguments: [EIO, ENOSPC], [1, 1000])
    func whatWasAnsweredSurvivesWhereverAChangeFails(_ code: Int32, _ count: Int) throws {
        var number = 1
        while true {
            let world = DurabilityTests()
            var promises = Promises()
            world.files.fail(number..<number + count, code: code)
            let broker = try? world.open()
            if let broker { world.use(broker, &promises) }
            let wasReached = world.files.operations >= number
            if let broker { world.cutPower(broker) } else { world.files.fail(0..<0, code: EIO) }
            let again = try world.open()
            try world.check(again, promises, "change \(number)")
            again.stop()
            guard wasReached else { break }
            // Every change of the first part, where topics are made; then fewer.
            number += number < 60 ? 1 : 5
        }
        #expect(number > 60)
    }

    @Test(arguments: ["meta.toml", "topics/__cluster_metadata-0", "topics/__consumer_offsets-0"])
    func damagedStateStopsTheStartAndIsNotTouched(_ name: String) throws {
        let broker = try open()
        var promises = Promises()
        use(broker, &promises)
        broker.stop()
        let path = name == "meta.toml" ? "/d/meta.toml" : "/d/\(name)/00000000000000000000.log"
        let size = try files.contents(path).count
        files.flip(path, bit: name == "meta.toml" ? 8 * (size - 10) + 7 : 8 * 70)
        let before = contents()
        let error = #expect(throws: BrokerError.self) { try open() }
        #expect(error?.message.isEmpty == false)
        #expect(contents() == before)
    }

    private func contents() -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for path in files.files(under: "/d") where !path.hasSuffix("/lock") {
            all[path] = try? files.contents(path)
        }
        return all
    }
}
