import Broker
import Bytes
import KafkaWire
import Streams
import TestSupport
import Testing

/// Fetch sessions (KIP-227) over a socket.
@Suite struct FetchSessionServerTests {
    private let all: [(index: Int32, offset: Int64)] = [(0, 0), (1, 0), (2, 0)]

    @Test func incrementalAnswersHoldOnlyWhatChanged() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let opened = try client.fetchAll([wanted("T", all)], session: (0, 0))
            #expect(opened.errorCode == .none && opened.sessionID > 0 && opened.lines == ["T-0: ", "T-1: ", "T-2: "])
            let id = opened.sessionID
            let producer = try TestClient(broker.addresses[0])
            _ = try producer.produce(try batch(["a"]), to: "T", partition: 1)
            let second = try client.fetchAll(session: (id, 1))
            #expect(second.sessionID == id && second.lines == ["T-1: a"])
            // The client has read up to offset 1 and drops partition 2.
            let third = try client.fetchAll(
                [wanted("T", [(1, 1)])], session: (id, 2),
                forgetting: [FetchRequest.ForgottenTopic(name: "T", partitions: [2])])
            #expect(third.lines.isEmpty)
            _ = try producer.produce(try batch(["b"]), to: "T", partition: 2)
            _ = try producer.produce(try batch(["c"]), to: "T", partition: 0)
            #expect(try client.fetchAll(session: (id, 3)).lines == ["T-0: c"])
            // What was not acknowledged by a new offset comes again.
            #expect(try client.fetchAll(session: (id, 4)).lines == ["T-0: c"])
            let closed = try client.fetchAll(session: (id, -1))
            #expect(closed.errorCode == .none && closed.sessionID == 0)
            #expect(try client.fetchAll(session: (id, 5)).errorCode == .fetchSessionIDNotFound)
        }
    }

    @Test func badSessionsAndEpochsAreRefused() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            #expect(try client.fetchAll(session: (77, 1)).errorCode == .fetchSessionIDNotFound)
            let id = try client.fetchAll([wanted("T", all)], session: (0, 0)).sessionID
            #expect(try client.fetchAll(session: (id, 2)).errorCode == .invalidFetchSessionEpoch)
            #expect(try client.fetchAll(session: (id, 1)).errorCode == .none)
            #expect(try client.fetchAll(session: (id, 2), version: 13).errorCode == .fetchSessionTopicIDError)
            // A full request replaces the session that it names.
            let next = try client.fetchAll([wanted("T", all)], session: (id, 0))
            #expect(next.sessionID != id && next.sessionID > 0)
            #expect(try client.fetchAll(session: (id, 2)).errorCode == .fetchSessionIDNotFound)
            // The last partition that is forgotten ends the session.
            let emptied = try client.fetchAll(
                session: (next.sessionID, 1),
                forgetting: [FetchRequest.ForgottenTopic(name: "T", partitions: [0, 1, 2])])
            #expect(emptied.errorCode == .none && emptied.sessionID == 0)
            #expect(try client.fetchAll(session: (next.sessionID, 2)).errorCode == .fetchSessionIDNotFound)
        }
    }

    @Test func aSessionIsToldThatOldRecordsAreGone() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let other = try TestClient(broker.addresses[0])
            for value in ["a", "b"] { _ = try other.produce(try batch([value]), to: "T", partition: 1) }
            let id = try client.fetchAll([wanted("T", [(0, 0), (1, 2), (2, 0)])], session: (0, 0)).sessionID
            // Nothing is new: the session looks at no partition again of itself, since the client would wait.
            #expect(try client.fetchAll(session: (id, 1), wait: 1).partitions.isEmpty)
            let gone = DeleteRecordsRequest(topics: [.init(name: "T", partitions: [.init(index: 1, offset: 1)])])
            _ = try other.call(gone, version: 2, DeleteRecordsResponse.self)
            let told = try client.fetchAll(session: (id, 2), wait: 1)
            #expect(told.lines == ["T-1: "] && told.partitions[0].1.partition.logStartOffset == 1)
        }
    }

    @Test func aClientThatWaitsBelowTheNewStartIsToldAtOnce() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let other = try TestClient(broker.addresses[0])
            for value in ["a", "b"] { _ = try other.produce(try batch([value]), to: "T", partition: 1) }
            // More than there is, so that it waits.
            try client.sendFetch([wanted("T", [(1, 0)])], session: (0, 0), wait: 60_000, minBytes: 1 << 20)
            let gone = DeleteRecordsRequest(topics: [.init(name: "T", partitions: [.init(index: 1, offset: 1)])])
            _ = try other.call(gone, version: 2, DeleteRecordsResponse.self)
            #expect(try client.fetchedAnswer().lines == ["T-1! offsetOutOfRange"])
        }
    }

    @Test func aWaitingSessionWakesForAnyOfItsPartitions() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let producer = try TestClient(broker.addresses[0])
            let id = try client.fetchAll([wanted("T", all)], session: (0, 0)).sessionID
            for round in 0..<6 {
                let partition = Int32(round % 3)
                try client.sendFetch(
                    round == 0 ? [] : [wanted("T", [((partition + 2) % 3, Int64((round - 1) / 3 + 1))])],
                    session: (id, Int32(round + 1)), wait: 60_000)
                _ = try producer.produce(try batch(["\(round)"]), to: "T", partition: partition)
                #expect(try client.fetchedAnswer().lines == ["T-\(partition): \(round)"])
            }
            // A topic that goes away ends the wait, and its partitions are told as unknown each time.
            try client.sendFetch([wanted("T", [(2, 2)])], session: (id, 7), wait: 60_000)
            try broker.streams.deleteTopic("T")
            let gone = ["T-0! unknownTopicOrPartition", "T-1! unknownTopicOrPartition", "T-2! unknownTopicOrPartition"]
            #expect(try client.fetchedAnswer().lines.sorted() == gone)
            #expect(try client.fetchAll(session: (id, 8), wait: 60_000).lines.sorted() == gone)
            // One that comes back under its name is read again.
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            #expect(try client.fetchAll([wanted("T", all)], session: (id, 9)).lines.count == 3)
        }
    }

    @Test func aNewerRequestEndsTheOneThatWaits() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let id = try client.fetchAll([wanted("T", all)], session: (0, 0)).sessionID
            try client.sendFetch(session: (id, 1), wait: 60_000)
            let other = try TestClient(broker.addresses[0])
            // The other's epoch is right only once the first request was taken.
            while try other.fetchAll(session: (id, 2)).errorCode == .invalidFetchSessionEpoch {}
            #expect(try client.fetchedAnswer().errorCode == .invalidFetchSessionEpoch)
        }
    }

    @Test func aSessionEndsWithItsConnection() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            var other: TestClient? = try TestClient(broker.addresses[0])
            let id = try #require(try other?.fetchAll([wanted("T", all)], session: (0, 0)).sessionID)
            other = nil
            // An epoch that is never right leaves the session alone until it is gone.
            while try client.fetchAll(session: (id, 99)).errorCode == .invalidFetchSessionEpoch {}
            #expect(try client.fetchAll(session: (id, 1)).errorCode == .fetchSessionIDNotFound)
        }
    }

    @Test func partitionsTakeTurnsWhenThereIsNoRoomForAll() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            for partition in 0..<Int32(3) {
                for round in 0..<2 {
                    _ = try client.produce(try batch(["\(partition)\(round)"]), to: "T", partition: partition)
                }
            }
            // One byte of room: the first batch of whoever is first, whole.
            let opened = try client.fetchAll([wanted("T", all)], session: (0, 0), maxBytes: 1)
            #expect(opened.lines == ["T-0: 00", "T-1: ", "T-2: "])
            var offsets: [Int32: Int64] = [0: 1]
            var seen: [String] = []
            for epoch in Int32(1)...5 {
                let topics = [wanted("T", offsets.map { ($0.key, $0.value) })]
                let answer = try client.fetchAll(topics, session: (opened.sessionID, epoch), maxBytes: 1)
                offsets = [:]
                for (_, found) in answer.partitions where !found.values.isEmpty {
                    offsets[found.partition.index] = found.values[0].hasSuffix("0") ? 1 : 2
                    seen += found.values
                }
            }
            #expect(seen == ["10", "20", "01", "11", "21"])
        }
    }

    @Test func hundredsOfPartitionsInOneSession() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 400))
            let many = (0..<Int32(400)).map { (index: $0, offset: Int64(0)) }
            let opened = try client.fetchAll([wanted("T", many)], session: (0, 0), version: 12)
            #expect(opened.sessionID > 0 && opened.partitions.count == 400)
            let producer = try TestClient(broker.addresses[0])
            for epoch in Int32(1)...20 {
                let partition = epoch * 19
                try client.sendFetch(
                    epoch == 1 ? [] : [wanted("T", [((epoch - 1) * 19, 1)])], session: (opened.sessionID, epoch),
                    wait: 60_000, version: 12)
                _ = try producer.produce(try batch(["x"]), to: "T", partition: partition)
                #expect(try client.fetchedAnswer(version: 12).lines == ["T-\(partition): x"])
            }
            // Without a session every partition is named, and it waits and wakes all the same.
            let read = Set((Int32(1)...20).map { $0 * 19 })
            let rest = (0..<Int32(400)).map { (index: $0, offset: Int64(read.contains($0) ? 1 : 0)) }
            try client.sendFetch([wanted("T", rest)], wait: 60_000, version: 12)
            _ = try producer.produce(try batch(["y"]), to: "T", partition: 399)
            let full = try client.fetchedAnswer(version: 12)
            #expect(full.partitions.count == 400 && full.lines.last == "T-399: y")
        }
    }

    @Test func topicIDsNameTheTopicsOfASession() throws {
        try withServer { broker, client in
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            let id = try client.topicID("T")
            for version in SupportedVersions.of(.fetch).decodable where version >= 13 {
                let opened = try client.fetchAll([wanted("", id: id, all)], session: (0, 0), version: version)
                #expect(opened.partitions.map { $0.topic.id } == [id, id, id])
                let session = opened.sessionID
                #expect(
                    try client.fetchAll(session: (session, 1), version: 12).errorCode == .fetchSessionTopicIDError)
                let unknown = try client.fetchAll(
                    [wanted("", id: .random(), [(0, 0)])], session: (session, 1), wait: 60_000, version: version)
                #expect(unknown.lines == ["-0! unknownTopicID"])
                let missing = try client.fetchAll(
                    [wanted("", id: id, [(9, 0)])], session: (session, 2), wait: 60_000, version: version)
                #expect(missing.lines.contains("-9! unknownTopicOrPartition"))
                _ = try client.fetchAll(session: (session, -1), version: version)
            }
            // A topic of the same name is another topic.
            try client.sendFetch([wanted("", id: id, [(0, 0)])], wait: 60_000, version: 13)
            try broker.streams.deleteTopic("T")
            #expect(try client.fetchedAnswer(version: 13).lines == ["-0! unknownTopicID"])
            try broker.streams.createTopic(TopicSpecification("T", partitionCount: 3))
            #expect(try client.fetchAll([wanted("", id: id, all)], version: 13).lines.first == "-0! unknownTopicID")
        }
    }
}
