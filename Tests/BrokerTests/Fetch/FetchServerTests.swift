import Broker
import KafkaWire
import Observability
import Streams
import System
import TestSupport
import Testing

/// Fetch without sessions over a socket.
@Suite struct FetchServerTests {
    @Test func behaviour05TheFirstBatchComesWholeHoweverSmallTheLimits() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let large = String(repeating: "x", count: 100_000)
            for partition in Int32(1)...2 {
                _ = try client.produce(try batch([large]), to: "T", partition: partition)
                _ = try client.produce(try batch(["small"]), to: "T", partition: partition)
            }
            // Partition 0 is empty, so the rule holds for 1, the first that has something.
            let answer = try client.fetchAll(
                [wanted("T", [(0, 0), (1, 0), (2, 0)], bytes: 10)], wait: 60_000, maxBytes: 10)
            #expect(answer.partitions.map { $0.1.values.map(\.count) } == [[], [100_000], []])
            #expect(try client.fetchAll([wanted("T", [(2, 1)], bytes: 0)], maxBytes: 0).lines == ["T-2: small"])
        }
    }

    @Test func behaviour04OneErrorEndsTheWaitOfAll() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let unknown = try client.fetchAll([wanted("T", [(0, 0), (1, 0)])], wait: 60_000)
            #expect(unknown.lines == ["T-0: ", "T-1! unknownTopicOrPartition"])
            let beyond = try client.fetchAll([wanted("T", [(0, 7)])], wait: 60_000)
            #expect(beyond.lines == ["T-0! offsetOutOfRange"])
            let partition = beyond.partitions[0].1.partition
            #expect(partition.highWatermark == 0 && partition.logStartOffset == 0)
            #expect(try client.fetchAll([wanted("T", [(0, -5)])], wait: 60_000).lines == ["T-0! offsetOutOfRange"])
            #expect(try client.fetchAll([], wait: 60_000).lines.isEmpty, "nothing asked, nothing to wait for")
        }
    }

    @Test func behaviour04MinBytesAreThoseOfAllPartitionsTogether() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 2))
            let size = Int32(try batch(["x"]).count)
            let producer = try TestClient(broker.addresses[0])
            let wants = [wanted("T", [(0, 0), (1, 0)])]
            try client.sendFetch(wants, wait: 60_000, minBytes: 3 * size)
            for partition in [0, 1, 0] as [Int32] {
                _ = try producer.produce(try batch(["x"]), to: "T", partition: partition)
            }
            #expect(try client.fetchedAnswer().lines == ["T-0: x x", "T-1: x"])
            // What the client can hold is enough, whatever minimum it gives.
            #expect(try client.fetchAll(wants, wait: 60_000, minBytes: .max, maxBytes: size).lines[0] == "T-0: x")
        }
    }

    @Test func wrongLeaderEpochsAreToldWithTheLeader() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let id = try client.topicID("T")
            #expect(try client.fetchAll([wanted("T", [(0, 0)], epoch: 0)]).lines == ["T-0: "])
            #expect(try client.fetchAll([wanted("T", [(0, 0)], epoch: 1)]).lines == ["T-0! unknownLeaderEpoch"])
            let fenced = try client.fetchAll([wanted("", id: id, [(0, 0)], epoch: -2)], version: 16)
            #expect(fenced.lines == ["-0! fencedLeaderEpoch"])
            #expect(fenced.partitions[0].1.partition.currentLeader == FetchResponse.Leader(id: 1, epoch: 0))
            #expect(fenced.nodeEndpoints.map(\.port) == [Int32(broker.addresses[0].port)])
        }
    }

    @Test func behaviour03OldVersionsAreToldThatTheyAreTooOld() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for version in Int16(0)...3 {
                let answer = try client.fetchAll([wanted("T", [(0, 0)])], wait: 60_000, version: version)
                #expect(answer.lines == ["T-0! unsupportedVersion"])
            }
            for version in Int16(0)...2 {
                let result = try #require(try client.produce(try batch(["a"]), to: "T", version: version))
                #expect(result.errorCode == .unsupportedVersion)
            }
            #expect(try broker.streams.watermarks(TopicPartition("T", 0)).high == 0)
        }
    }

    @Test func stoppingAnswersWhoWaits() throws {
        let directory = TemporaryDirectory()
        let broker = try Broker(options: .testing(directory), metrics: Metrics())
        try broker.start()
        try broker.streams.createTopic(TopicSpecification("T"))
        let client = try TestClient(broker.addresses[0])
        try client.sendFetch([wanted("T", [(0, 0)])], wait: 300_000)
        // The fetch waits, since the answer to a later request on another connection says that the loop has come by.
        _ = try TestClient(broker.addresses[0]).topicID("T")
        broker.stop()
        #expect(try client.fetchedAnswer().lines == ["T-0: "])
    }
}
