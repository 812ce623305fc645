import KafkaWire
import Streams
import System
import TestSupport
import Testing

@testable import Broker

@Suite struct TransactionServerTests {
    let directory = TemporaryDirectory()

    func with(_ change: (inout BrokerOptions) -> Void = { _ in }, _ body: (Broker) throws -> Void) throws {
        try withBroker(directory, change) { broker in
            try broker.start()
            if (try? broker.streams.watermarks(TopicPartition("t", 0))) == nil {
                for name in ["t", "u"] { try broker.streams.createTopic(TopicSpecification(name)) }
            }
            try body(broker)
        }
    }

    @Test func committedRecordsAreSeenAndAbortedAreNot() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            #expect(client.producer.epoch == 0)
            #expect(try client.add("t") == .none)
            #expect(try client.produce(["one", "two"], to: "t") == .none)
            #expect(try client.committed("t") == [])
            #expect(try client.state().state == "Ongoing")
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 1) == 0)
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 0) == 2)
            #expect(try client.offset("t", 500, isolation: 1) == -1)
            #expect(try client.end(commit: true) == .none)
            #expect(try client.state().state == "CompleteCommit")
            #expect(try client.committed("t") == ["one", "two"])
            #expect(try client.offset("t", 500, isolation: 1) == 0)
            #expect(try client.end(commit: true) == .none)
            #expect(try client.end(commit: false) == .invalidTransactionState)
            try client.add("t")
            try client.produce(["three"], to: "t")
            #expect(try client.end(commit: false) == .none)
            #expect(try client.committed("t") == ["one", "two"])
            let (_, values) = try client.client.fetch(TestClient.fetch("t", from: 0))
            #expect(values == ["one", "two", "three"])
            // Services in the process see what was committed.
            let reader = try broker.streams.makeReader([ReaderAssignment(TopicPartition("t", 0), from: .beginning)])
            #expect(try reader.take(2).map(\.value) == ["one", "two"])
            #expect(try reader.read(waitMilliseconds: 0) { _ in } == 0)
            #expect(reader.position(0) == 5)
        }
    }

    @Test func batchesBelongToATransactionThatWasBegun() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            #expect(try client.produce(["one"], to: "t") == .invalidTransactionState)
            try client.add("t")
            #expect(try client.produce(["one"], to: "u") == .invalidTransactionState)
            #expect(try client.produce(["one"], to: "u", version: 11) == .transactionAbortable)
            #expect(try client.produce(["one"], to: "t") == .none)
            #expect(try client.add("missing") == .unknownTopicOrPartition)
            client.producer.id += 1000
            #expect(try client.add("t") == .invalidProducerIDMapping)
            #expect(try client.produce(["one"], to: "u") == .invalidProducerIDMapping)
        }
    }

    @Test func theNewProtocolNeedsNoAddingAndGivesEpochs() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            for round in 0..<3 {
                #expect(try client.produce(["a\(round)"], to: "t", version: 12) == .none)
                #expect(try client.produce(["b\(round)"], to: "t", version: 12) == .none)
                #expect(try client.commitOffset(Int64(round), "g", "t", version: 5) == .none)
                let old = client.producer
                #expect(try client.end(commit: round != 1, version: 5) == .none)
                #expect(client.producer.epoch == Int16(round + 1))
                // The answer was lost, and the request comes again.
                client.producer = old
                #expect(try client.end(commit: round != 1, version: 5) == .none)
                #expect(client.producer.epoch == Int16(round + 1))
            }
            #expect(try client.committed("t") == ["a0", "b0", "a2", "b2"])
            #expect(try client.committedOffset("g", "t", stable: true) == (2, .none))
            #expect(try client.end(commit: false, version: 5) == .none)
            #expect(client.producer.epoch == 4)
            client.producer.epoch = 1
            #expect(try client.produce(["late"], to: "t", version: 12) == .invalidProducerEpoch)
            #expect(try client.end(commit: true, version: 5) == .producerFenced)
        }
    }

    @Test func aSecondProducerFencesTheFirst() throws {
        try with { broker in
            let zombie = try TransactionClient(broker)
            try zombie.initialize()
            try zombie.add("t")
            try zombie.produce(["zombie"], to: "t")
            let heir = try TransactionClient(broker)
            try heir.initialize()
            #expect(heir.producer.id == zombie.producer.id && heir.producer.epoch == 2)
            #expect(try zombie.produce(["more"], to: "t") == .invalidProducerEpoch)
            #expect(try zombie.add("t", version: 1) == .invalidProducerEpoch)
            #expect(try zombie.add("t") == .producerFenced)
            #expect(try zombie.end(commit: true) == .producerFenced)
            #expect(try zombie.end(commit: true, version: 1) == .invalidProducerEpoch)
            #expect(try zombie.commitOffset(1, "g", "t") == .producerFenced)
            #expect(try zombie.initialize(goingOn: true) == .producerFenced)
            #expect(try zombie.initialize(goingOn: true, version: 3) == .invalidProducerEpoch)
            try heir.add("t")
            try heir.produce(["heir"], to: "t")
            try heir.end(commit: true)
            #expect(try heir.committed("t") == ["heir"])
        }
    }

    @Test func theBrokerSaysHowLongATransactionMayTake() throws {
        try withServer({ $0.transactions.timeoutMaxMilliseconds = 1000 }) { broker, _ in
            let client = try TransactionClient(broker)
            #expect(try client.initialize(timeout: 1001) == .invalidTransactionTimeout)
            #expect(try client.initialize(timeout: 1000) == .none)
        }
    }

    @Test func moreTransactionalIDsThanThereMayBeAreRefused() throws {
        try withServer({ $0.transactions.idsMax = 2 }) { broker, _ in
            try broker.streams.createTopic(TopicSpecification("t"))
            let clients = try ["a", "b", "c"].map { try TransactionClient(broker, $0) }
            for client in clients.prefix(2) {
                #expect(try client.initialize() == .none)
                #expect(try client.add("t") == .none)
            }
            #expect(try clients[2].initialize() == .policyViolation, "both are in use")
            #expect(try clients[0].end(commit: true) == .none)
            #expect(try clients[2].initialize() == .none, "the idle one has given way")
            #expect(try clients[0].add("t") == .invalidProducerIDMapping)
        }
    }

    @Test func moreOffsetsOfOpenTransactionsThanThereMayBeAreRefused() throws {
        try withServer({ $0.transactions.offsetsMax = 1 }) { broker, _ in
            try broker.streams.createTopic(TopicSpecification("u"))
            let client = try TransactionClient(broker)
            try client.initialize()
            #expect(try client.commitOffset(1, "g", "u") == .none)
            #expect(try client.commitOffset(1, "h", "u") == .policyViolation)
            #expect(try client.end(commit: true) == .none)
            #expect(try client.commitOffset(1, "h", "u") == .none)
        }
    }

    @Test func behaviour10CodesOffsetsAndWhatIsSeen() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            let producer = client.producer
            #expect(try client.end(commit: true) == .invalidTransactionState, "nothing was begun")
            client.producer.id += 1000
            #expect(try client.add("t") == .invalidProducerIDMapping)
            client.producer = producer
            try client.add("t")
            try client.produce(["lost"], to: "t")
            #expect(try client.commitOffset(7, "g", "u") == .none)
            #expect(try client.committedOffset("g", "u", stable: true) == (-1, .unstableOffsetCommit))
            // Another producer of the id takes over: the transaction is aborted, whose marker takes an offset.
            let heir = try TransactionClient(broker)
            try heir.initialize()
            #expect(heir.producer.id == producer.id && heir.producer.epoch > producer.epoch)
            #expect(try client.produce(["late"], to: "t") == .invalidProducerEpoch)
            #expect(try client.end(commit: true) == .producerFenced)
            #expect(try client.end(commit: true, version: 1) == .invalidProducerEpoch)
            #expect(try heir.committedOffset("g", "u", stable: true) == (-1, .none))
            #expect(try heir.offset("t", ListOffsetsRequest.latest, isolation: 0) == 2)
            try heir.add("t")
            try heir.produce(["two"], to: "t")
            #expect(try heir.offset("t", ListOffsetsRequest.latest, isolation: 1) == 2, "the last stable offset")
            #expect(try heir.end(commit: true) == .none)
            #expect(try heir.offset("t", ListOffsetsRequest.latest, isolation: 1) == 4)
            #expect(try heir.committed("t") == ["two"])
        }
    }

    @Test func aSilentTransactionIsAborted() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            #expect(try client.initialize(timeout: 900_001) == .invalidTransactionTimeout)
            #expect(try client.initialize(timeout: 0) == .invalidTransactionTimeout)
            try client.initialize(timeout: 100)
            try client.add("t")
            try client.produce(["lost"], to: "t")
            while try client.state().state != "CompleteAbort" {}
            #expect(try client.state().producerEpoch == 1)
            #expect(try client.produce(["late"], to: "t") == .invalidProducerEpoch)
            #expect(try client.end(commit: true) == .producerFenced)
            #expect(try client.committed("t") == [])
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 1) == 2)
        }
    }

    @Test func offsetsCountOnceTheTransactionIsCommitted() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            try client.add("t")
            #expect(try client.commitOffset(5, "g", "u") == .none)
            #expect(try client.committedOffset("g", "u", stable: true) == (-1, .unstableOffsetCommit))
            #expect(try client.committedOffset("g", "u", stable: false) == (-1, .none))
            try client.end(commit: true)
            #expect(try client.committedOffset("g", "u", stable: true) == (5, .none))
            #expect(try client.commitOffset(9, "g", "u") == .none)
            try client.end(commit: false)
            #expect(try client.committedOffset("g", "u", stable: true) == (5, .none))
            #expect(try client.commitOffset(9, "g", "missing") == .unknownTopicOrPartition)
            #expect(try client.commitOffset(9, "", "u") == .invalidGroupID)
        }
    }

    @Test func offsetsOfADeletedGroupAreNotCommittedAfterwards() throws {
        var producer = (id: Int64(0), epoch: Int16(0))
        try with { broker in
            let client = try TransactionClient(broker)
            func deleteGroups(_ names: [String]) throws -> [ErrorCode] {
                let request = DeleteGroupsRequest(groups: names)
                return try client.client.call(request, version: 2, DeleteGroupsResponse.self).results.map(\.errorCode)
            }
            try client.initialize()
            for group in ["only", "kept", "deleted"] { #expect(try client.commitOffset(5, group, "u") == .none) }
            #expect(try deleteGroups(["only", "nobody"]) == [.none, .groupIDNotFound])
            #expect(try client.committedOffset("only", "u", stable: true) == (-1, .none), "nothing is pending")
            #expect(try deleteGroups(["only"]) == [.groupIDNotFound])
            // Offsets one by one, beside one that is committed already.
            let simple = OffsetCommitRequest(
                groupID: "deleted", topics: [.init(name: "u", partitions: [.init(index: 0, offset: 1)])])
            _ = try client.client.call(simple, version: 7, OffsetCommitResponse.self)
            let delete = OffsetDeleteRequest(
                groupID: "deleted", topics: [.init(name: "u", partitions: [.init(index: 0)])])
            #expect(
                try client.client.call(delete, version: 0, OffsetDeleteResponse.self).topics[0].partitions[0].errorCode
                    == .none)
            producer = client.producer
        }
        try with { broker in
            let client = try TransactionClient(broker)
            client.producer = producer
            #expect(try client.committedOffset("kept", "u", stable: true) == (-1, .unstableOffsetCommit))
            #expect(try client.end(commit: true) == .none)
            #expect(try client.committedOffset("kept", "u", stable: true) == (5, .none))
            for gone in ["only", "deleted"] {
                #expect(try client.committedOffset(gone, "u", stable: true) == (-1, .none))
            }
        }
    }

    @Test(arguments: [false, true])
    func openTransactionsSurviveARestart(_ commits: Bool) throws {
        var producer = (id: Int64(0), epoch: Int16(0))
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            try client.add("t")
            try client.produce(["one"], to: "t")
            try client.commitOffset(3, "g", "u")
            producer = client.producer
        }
        try with { broker in
            let client = try TransactionClient(broker)
            client.producer = producer
            #expect(try client.committed("t") == [])
            #expect(try client.committedOffset("g", "u", stable: true) == (-1, .unstableOffsetCommit))
            #expect(try client.state().state == "Ongoing")
            #expect(try client.end(commit: commits) == .none)
            #expect(try client.committed("t") == (commits ? ["one"] : []))
            #expect(try client.committedOffset("g", "u", stable: true) == (commits ? 3 : -1, .none))
        }
        try with { broker in
            let client = try TransactionClient(broker)
            #expect(try client.committed("t") == (commits ? ["one"] : []))
            #expect(try client.committedOffset("g", "u", stable: true) == (commits ? 3 : -1, .none))
            #expect(try client.initialize() == .none)
            #expect(client.producer.id == producer.id && client.producer.epoch == 1)
        }
    }

    @Test func deletedTopicsDoNotHoldATransactionUp() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            for name in ["t", "u"] {
                try client.add(name)
                try client.produce(["one"], to: name)
            }
            try client.commitOffset(3, "g", "u")
            try broker.streams.deleteTopic("u")
            #expect(try client.state().topics.map(\.name) == ["__consumer_offsets", "t"])
            #expect(try client.end(commit: true) == .none)
            #expect(try client.committed("t") == ["one"])
            #expect(try client.committedOffset("g", "u", stable: true).0 == -1)
        }
    }

    @Test func administratorsSeeAndEndTransactions() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            try client.add("t")
            try client.produce(["one"], to: "t")
            let listed = try client.client.call(
                ListTransactionsRequest(stateFilters: ["Ongoing", "Odd"]), version: 1, ListTransactionsResponse.self)
            #expect(listed.unknownStateFilters == ["Odd"] && listed.transactions.map(\.transactionalID) == ["tx"])
            let none = try client.client.call(
                ListTransactionsRequest(durationFilterMilliseconds: 1_000_000), version: 1,
                ListTransactionsResponse.self)
            #expect(none.transactions.isEmpty)
            for (pattern, names) in [("t.", ["tx"]), ("t", [])] {
                let matching = try client.client.call(
                    ListTransactionsRequest(transactionalIDPattern: pattern), version: 2, ListTransactionsResponse.self)
                #expect(matching.transactions.map(\.transactionalID) == names)
            }
            let odd = try client.client.call(
                ListTransactionsRequest(transactionalIDPattern: "("), version: 2, ListTransactionsResponse.self)
            #expect(odd.errorCode == .invalidRegularExpression)
            let request = DescribeProducersRequest(topics: [.init(name: "t", partitions: [0, 1])])
            let described = try client.client.call(request, version: 0, DescribeProducersResponse.self).topics[0]
            #expect(described.partitions[1].errorCode == .unknownTopicOrPartition)
            let producer = try #require(described.partitions[0].producers.first)
            #expect(producer.id == client.producer.id && producer.transactionStartOffset == 0)
            let abort = WriteTransactionMarkersRequest(
                markers: [
                    .init(
                        producerID: producer.id, producerEpoch: Int16(producer.epoch), isCommit: false,
                        topics: [.init(name: "t", partitions: [0]), .init(name: "missing", partitions: [0])],
                        coordinatorEpoch: max(0, producer.coordinatorEpoch))
                ])
            let written = try client.client.call(abort, version: 1, WriteTransactionMarkersResponse.self).markers[0]
            #expect(written.topics.map { $0.partitions[0].errorCode } == [.none, .unknownTopicOrPartition])
            #expect(try client.offset("t", ListOffsetsRequest.latest, isolation: 1) == 2)
            #expect(try client.committed("t") == [])
        }
    }

    @Test func aLongPollOfCommittedDataWakesAtTheMarker() throws {
        try with { broker in
            let client = try TransactionClient(broker)
            try client.initialize()
            try client.add("t")
            try client.produce(["one"], to: "t")
            let waiting = try TransactionClient(broker)
            var request = TestClient.fetch("t", from: 0, wait: 60_000)
            request.isolationLevel = 1
            try waiting.client.send(request, version: 11)
            try client.end(commit: true)
            let bytes = try #require(try waiting.client.answer(.fetch, version: 11))
            #expect(try waiting.client.fetched(bytes, version: 11).values == ["one"])
        }
    }
}
