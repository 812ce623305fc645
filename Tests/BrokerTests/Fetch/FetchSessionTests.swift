import KafkaWire
import Testing

@testable import Broker

/// A request for partitions of topic T, each at an offset, that forgets others.
private func request(
    epoch: Int32 = 0, _ wanted: [(index: Int32, offset: Int64)] = [], forgetting: [Int32] = [], isolation: Int8 = 0
) -> FetchRequest {
    let partitions = wanted.map {
        FetchRequest.Partition(index: $0.index, fetchOffset: $0.offset, partitionMaxBytes: 100)
    }
    return FetchRequest(
        isolationLevel: isolation, sessionID: 7, sessionEpoch: epoch,
        topics: partitions.isEmpty ? [] : [FetchRequest.Topic(name: "T", partitions: partitions)],
        forgottenTopics: forgetting.isEmpty
            ? [] : [FetchRequest.ForgottenTopic(name: "T", partitions: forgetting)])
}

/// The session, seen as a value: what is looked at, and what the client is told.
@Suite struct FetchSessionTests {
    private func session(_ count: Int32 = 3) -> FetchSession {
        FetchSession(id: 7, opening: request((0..<count).map { ($0, 0) }), version: 11)
    }

    private func indices(_ session: FetchSession) -> [Int32] { session.queue.map { session.slots[$0].key.index } }

    private let nothing = FetchSession.Outcome(highWatermark: 0, startOffset: 0)
    private let records = FetchSession.Outcome(byteCount: 10, highWatermark: 5, startOffset: 0)
    private let failed = FetchSession.Outcome(errorCode: .unknownTopicOrPartition)
    private let waiting = FetchSession.Outcome(isWaitingForRoom: true, highWatermark: 5, startOffset: 0)

    @Test func opensWithEveryPartition() {
        var session = session()
        #expect(indices(session) == [0, 1, 2] && session.count == 3 && session.epoch == 1)
        #expect(session.answer([nothing, nothing, nothing]) == [true, true, true])
        #expect(session.queue.isEmpty)
    }

    @Test func unchangedPartitionsAreLeftOut() {
        var session = session()
        _ = session.answer([nothing, nothing, nothing])
        _ = session.update(request(epoch: 1))
        #expect(session.queue.isEmpty, "nothing is looked at that did not change")
        session.enqueue(1)
        session.enqueue(1)
        #expect(indices(session) == [1])
        #expect(session.answer([nothing]) == [false])
        session.enqueue(2)
        #expect(session.answer([.init(highWatermark: 1, startOffset: 0)]) == [true], "a watermark is news")
        session.enqueue(2)
        #expect(session.answer([.init(highWatermark: 1, startOffset: 1)]) == [true], "a log start is news")
        session.enqueue(2)
        #expect(session.answer([.init(highWatermark: 1, startOffset: 1)]) == [false])
    }

    @Test func whatGotRecordsGoesToTheEndAndWhatFoundNoRoomStaysInFront() {
        var session = session()
        #expect(session.answer([records, waiting, waiting]) == [true, true, true])
        #expect(indices(session) == [1, 2, 0])
        _ = session.update(request(epoch: 1, [(0, 5)]))
        #expect(indices(session) == [1, 2, 0])
        #expect(session.answer([records, waiting, nothing]) == [true, false, true])
        #expect(indices(session) == [2, 1])
    }

    @Test func recordsThatTheClientDidNotTakeAreReadAgain() {
        var session = session(1)
        #expect(session.answer([records]) == [true])
        _ = session.update(request(epoch: 1))
        #expect(indices(session) == [0])
        #expect(session.answer([records]) == [true])
    }

    @Test func errorsAreToldEachTimeAndTheirEndIsNews() {
        var session = session(1)
        #expect(session.answer([nothing]) == [true])
        session.enqueue(0)
        #expect(session.answer([failed]) == [true])
        #expect(session.answer([failed]) == [true])
        #expect(session.answer([nothing]) == [true])
        #expect(session.queue.isEmpty)
    }

    @Test func requestsAddChangeAndForget() {
        var session = session(2)
        _ = session.answer([nothing, nothing])
        #expect(session.update(request(epoch: 1, [(1, 9), (5, 3)], forgetting: [0])) == [0])
        #expect(indices(session) == [1, 5] && session.count == 2)
        #expect(session.slots[session.queue[0]].fetchOffset == 9)
        // A slot that is free is used again, and what is forgotten in the request that adds it leaves no trace.
        _ = session.answer([nothing, nothing])
        #expect(session.update(request(epoch: 2, [(6, 0), (8, 0)], forgetting: [6, 99])).count == 1)
        #expect(indices(session) == [8] && session.count == 3 && session.slots.count <= 4)
        #expect(session.answer([nothing]) == [true], "a partition that takes a free slot was told nothing yet")
        #expect(session.update(request(epoch: 3, forgetting: [1, 5, 8])).count == 3)
        #expect(session.count == 0 && session.queue.isEmpty)
    }

    @Test func anotherIsolationLooksAtEverything() {
        var session = session()
        _ = session.answer([nothing, nothing, nothing])
        _ = session.update(request(epoch: 1, isolation: 1))
        #expect(session.queue.count == 3)
    }

    @Test func epochsMustFollowEachOtherAndWrapToOne() {
        var session = session()
        for epoch in [0, 2, -1, 5] as [Int32] {
            #expect(session.refusal(of: request(epoch: epoch), version: 11) == .invalidFetchSessionEpoch)
        }
        #expect(session.refusal(of: request(epoch: 1), version: 11) == nil)
        _ = session.update(request(epoch: 1))
        #expect(session.epoch == 2)
        #expect(session.refusal(of: request(epoch: 1), version: 11) == .invalidFetchSessionEpoch)
        #expect(FetchSession.epoch(after: .max) == 1 && FetchSession.epoch(after: .max - 1) == .max)
    }

    @Test func namesAndIDsDoNotMix() {
        let byName = session()
        #expect(byName.refusal(of: request(epoch: 1), version: 13) == .fetchSessionTopicIDError)
        let byID = FetchSession(id: 7, opening: request([(0, 0)]), version: 13)
        #expect(byID.refusal(of: request(epoch: 1), version: 12) == .fetchSessionTopicIDError)
        #expect(byID.refusal(of: request(epoch: 1), version: 18) == nil)
    }

    @Test func aPartitionThatIsNamedTwiceCountsOnce() {
        let session = FetchSession(id: 7, opening: request([(0, 1), (0, 2)]), version: 11)
        #expect(session.count == 1 && session.slots[0].fetchOffset == 2)
        let once = FetchSession(once: request([(0, 1), (0, 2)]), version: 11)
        #expect(once.queue == [0, 1])
    }
}
