import CommitLog
import Glibc
import KafkaWire
import Observability
import Streams
import System
import TestSupport
import Testing

@testable import Broker

/// What clients are told when the disk fails, and that everything else goes on.
@Suite struct StorageFaultTests {
    let files = MemoryFileSystem(clock: SystemClock())
    let metrics = Metrics()

    private func withServer<R>(
        clock: any Clock = SystemClock(), _ body: (Broker, TestClient) throws -> R
    ) throws -> R {
        var options = BrokerOptions(dataDirectory: "/d", listen: [Endpoint(host: "127.0.0.1", port: 0)])
        options.minimumFreeBytes = 1 << 20
        let broker = try Broker(options: options, metrics: metrics, clock: clock, fileSystem: files.process())
        defer { broker.stop() }
        try broker.start()
        return try body(broker, try TestClient(broker.addresses[0]))
    }

    @Test func failedWritesAreAnsweredWithAStorageErrorAndWritingResumes() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try client.produce(try batch(["a"]), to: "T")?.errorCode == ErrorCode.none)
            files.fail(files.operations + 1..<files.operations + 2, code: EIO)
            #expect(try client.produce(try batch(["lost"]), to: "T")?.errorCode == .kafkaStorageError)
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).values == ["a"])
            let again = try client.produce(try batch(["b"]), to: "T")
            #expect(again?.errorCode == ErrorCode.none && again?.baseOffset == 1)
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).values == ["a", "b"])
        }
    }

    @Test func aDiskThatIsAlmostFullTakesNothingAndGivesEverything() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try client.produce(try batch(["a"]), to: "T")?.errorCode == ErrorCode.none)
            files.setFree(1000)
            // The file system is asked once a second.
            waitUntil { (try? client.produce(try batch(["b"]), to: "T")?.errorCode) == .kafkaStorageError }
            #expect(throws: StreamError.self) { try broker.streams.createTopic(TopicSpecification("U")) }
            let values = try client.fetch(TestClient.fetch("T", from: 0)).values
            #expect(values.first == "a")
            files.setFree(1 << 40)
            #expect(try client.produce(try batch(["c"]), to: "T")?.errorCode == ErrorCode.none, "by itself")
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).values == values + ["c"])
        }
    }

    /// A bit turns over in a batch that was on the disk, while the broker is down.
    @Test func damageIsToldToReadersAndInMetrics() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for value in ["a", "b", "c"] { _ = try client.produce(try batch([value]), to: "T") }
        }
        let path = "/d/topics/T-0/00000000000000000000.log"
        files.flip(path, bit: (try files.contents(path).count / 3 + 66) * 8)
        try withServer { (_, client) throws in
            #expect(try client.fetch(TestClient.fetch("T", from: 0)).values == ["a"])
            #expect(try client.fetch(TestClient.fetch("T", from: 1)).partition.errorCode == .corruptMessage)
            #expect(try client.fetch(TestClient.fetch("T", from: 2)).values == ["c"])
            let damaged = #"sluice_partition_damaged_ranges{partition="0",topic="T"} 1"#
            #expect(metrics.prometheusText().contains(damaged))
            #expect(try client.produce(try batch(["d"]), to: "T")?.baseOffset == 3)
        }
        // The next process knows it without reading again.
        try withServer { (_, client) throws in
            #expect(try client.fetch(TestClient.fetch("T", from: 1)).partition.errorCode == .corruptMessage)
            #expect(try client.fetch(TestClient.fetch("T", from: 2)).values == ["c", "d"])
        }
    }

    /// Committed offsets are forgotten after a week without their group; a clock that jumps by a month is not believed.
    @Test func aJumpOfTheClockForgetsNoOffsets() throws {
        let clock = ManualClock()
        let core = try BrokerCore(
            BrokerOptions(dataDirectory: "/d", listen: []), metrics: metrics, clock: clock, fileSystem: files.process())
        defer { core.close() }
        try core.catalog.create(.init(name: "T"))
        let key = OffsetKey(group: "g", topic: "T", partition: 0)
        try core.offsets.commitAndWait([
            (key, CommittedOffset(offset: 3, committedMilliseconds: clock.wallMilliseconds))
        ])
        clock.jump(milliseconds: 30 * 86_400_000)
        core.groups.expireOffsets()
        waitUntil { !core.offsets.isWriting }
        #expect(core.offsets.committed(key)?.offset == 3)
        clock.advance(milliseconds: 3_601_000)
        core.groups.expireOffsets()
        waitUntil { core.offsets.committed(key) == nil }
    }
}
