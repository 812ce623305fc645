import Broker
import KafkaWire
import Streams
import TestSupport
import Testing

/// ListOffsets over a socket.
@Suite struct ListOffsetsServerTests {
    private func ask(
        _ client: TestClient, _ timestamp: Int64, version: Int16 = 11, epoch: Int32 = -1, isolation: Int8 = 0
    ) throws -> ListOffsetsResponse.Partition {
        let partition = ListOffsetsRequest.Partition(index: 0, currentLeaderEpoch: epoch, timestamp: timestamp)
        let request = ListOffsetsRequest(
            isolationLevel: isolation, topics: [ListOffsetsRequest.Topic(name: "T", partitions: [partition])])
        return try client.call(request, version: version, ListOffsetsResponse.self).topics[0].partitions[0]
    }

    @Test func timesAreExactAlsoWhenProducersDateBack() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            // Offsets 0 to 7, two records a batch, the second a millisecond later.
            for timestamp in [5000, 1000, 9000, 2000] as [Int64] {
                _ = try client.produce(try batch(["a", "b"], timestamp: timestamp), to: "T")
            }
            // The first record in the order of offsets that is not older.
            let cases: [(Int64, Int64)] = [
                (0, 0), (5000, 0), (5001, 1), (5002, 4), (9000, 4), (9001, 5), (9002, -1), (.max, -1),
            ]
            for (timestamp, offset) in cases {
                let found = try ask(client, timestamp)
                #expect(found.offset == offset && found.errorCode == .none, "\(timestamp)")
                #expect(found.leaderEpoch == (offset < 0 ? -1 : 0) && (offset >= 0 || found.timestamp == -1))
            }
            let largest = try ask(client, ListOffsetsRequest.maxTimestamp)
            #expect(largest.offset == 5 && largest.timestamp == 9001)
            _ = try client.produce(try batch(["c"], timestamp: 9001), to: "T")
            #expect(try ask(client, ListOffsetsRequest.maxTimestamp).offset == 5, "the first that has it")
            #expect(try ask(client, ListOffsetsRequest.latest, isolation: 1).offset == 9)
        }
    }

    @Test func specialTimestampsNeedTheirVersion() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            let empty: [(timestamp: Int64, offset: Int64, first: Int16)] = [
                (-1, 0, 1), (-2, 0, 1), (-3, -1, 7), (-4, 0, 8), (-5, -1, 9), (-6, -1, 11),
            ]
            for (timestamp, offset, first) in empty {
                for version in SupportedVersions.of(.listOffsets).decodable where version > 0 {
                    let found = try ask(client, timestamp, version: version)
                    #expect(found.errorCode == (version < first ? .unsupportedVersion : .none))
                    #expect(found.offset == (version < first ? -1 : offset), "\(timestamp) in version \(version)")
                }
            }
            #expect(try ask(client, -7).errorCode == .unsupportedVersion)
            #expect(try ask(client, .min).errorCode == .unsupportedVersion)
        }
    }

    @Test func epochsAndRepeatedPartitionsAreChecked() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            #expect(try ask(client, -1, epoch: 0).errorCode == .none)
            #expect(try ask(client, -1, epoch: 1).errorCode == .unknownLeaderEpoch)
            #expect(try ask(client, -1, epoch: -3).errorCode == .fencedLeaderEpoch)
            let partition = ListOffsetsRequest.Partition(index: 0)
            let topic = ListOffsetsRequest.Topic(name: "T", partitions: [partition, partition])
            let response = try client.call(
                ListOffsetsRequest(topics: [topic]), version: 7, ListOffsetsResponse.self)
            #expect(response.topics[0].partitions.map(\.errorCode) == [.invalidRequest, .invalidRequest])
        }
    }

    @Test func whereAnEpochEndedIsTold() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            _ = try client.produce(try batch(["a", "b"]), to: "T")
            for version in Int16(0)...4 {
                func end(_ epoch: Int32, current: Int32 = -1) throws -> OffsetForLeaderEpochResponse.Partition {
                    let partition = OffsetForLeaderEpochRequest.Partition(
                        index: 0, currentLeaderEpoch: current, leaderEpoch: epoch)
                    let topic = OffsetForLeaderEpochRequest.Topic(name: "T", partitions: [partition])
                    return try client.call(
                        OffsetForLeaderEpochRequest(replicaID: -1, topics: [topic]), version: version,
                        OffsetForLeaderEpochResponse.self
                    ).topics[0].partitions[0]
                }
                #expect(try end(0).endOffset == 2)
                #expect(try end(5).endOffset == -1)
                guard version >= 2 else { continue }
                #expect(try end(0, current: 1).errorCode == .unknownLeaderEpoch)
                #expect(try end(0, current: -2).errorCode == .fencedLeaderEpoch)
            }
        }
    }
}
