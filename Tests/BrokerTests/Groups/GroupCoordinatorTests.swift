import CommitLog
import KafkaWire
import Observability
import Synchronization
import System
import TestSupport
import Testing

@testable import Broker

/// A coordinator over the offsets of a broker, on a clock that the test moves; it does nothing by itself.
private final class Bench {
    let core: BrokerCore
    let groups: GroupCoordinator
    let clock = ManualClock()
    private let directory: TemporaryDirectory

    init(_ directory: TemporaryDirectory, _ options: GroupOptions = GroupOptions()) throws {
        self.directory = directory
        core = try BrokerCore(.testing(directory), metrics: Metrics(), clock: SystemClock())
        // Two that watch the time of one store would forget each other's offsets.
        core.groups.stop()
        if core.catalog.topic("T") == nil { try core.catalog.create(.init(name: "T", partitionCount: 4)) }
        let (catalog, clock) = (core.catalog, clock)
        groups = GroupCoordinator(
            core.offsets, options: options, settings: core.settings, topics: { catalog.snapshot }, metrics: Metrics(),
            clock: clock
        ) { clock.wallMilliseconds }
    }

    deinit { core.close() }

    /// Has a member of version 3 in a stable group of its own; returns its identity.
    func stable(_ group: String, topics: [String] = ["T"]) throws -> ClassicGroup.Identity {
        let joined = Mutex<JoinGroupResponse?>(nil)
        var metadata: [UInt8] = [0, 0, 0, 0, 0, UInt8(topics.count)]
        for topic in topics { metadata += [0, UInt8(topic.utf8.count)] + Array(topic.utf8) }
        groups.join(
            JoinGroupRequest(
                groupID: group, sessionTimeoutMilliseconds: 10_000, protocolType: "consumer",
                protocols: [JoinGroupRequest.MemberProtocol(name: "range", metadata: metadata)]),
            version: 3, from: GroupClient(id: "c", host: "/h", connection: 1)
        ) { response in joined.withLock { $0 = response } }
        let response = try #require(joined.withLock { $0 })
        let synced = Mutex<SyncGroupResponse?>(nil)
        groups.sync(
            SyncGroupRequest(groupID: group, generation: response.generation, memberID: response.memberID),
            connection: 1
        ) { response in synced.withLock { $0 = response } }
        waitUntil {
            groups.tick()
            return synced.withLock { $0 } != nil
        }
        #expect(synced.withLock { $0?.errorCode } == ErrorCode.none)
        return ClassicGroup.Identity(memberID: response.memberID, instanceID: nil, generation: response.generation)
    }

    func leave(_ group: String, _ identity: ClassicGroup.Identity) {
        #expect(groups.leave(group, [.init(memberID: identity.memberID, instanceID: nil)]) == [.none])
    }

    static let nobody = ClassicGroup.Identity(memberID: "", instanceID: nil, generation: -1)

    @discardableResult
    func commit(
        _ group: String, _ identity: ClassicGroup.Identity = nobody, partition: Int32 = 0, expires: Int64? = nil
    ) -> ErrorCode {
        let outcome = Condition<ErrorCode?>(nil)
        let key = OffsetKey(group: group, topic: "T", partition: partition)
        let value = CommittedOffset(
            offset: 5, committedMilliseconds: clock.wallMilliseconds, expiresMilliseconds: expires)
        groups.commit(group, identity, [(key, value)]) { error in outcome.update { $0 = error } }
        return outcome.wait(milliseconds: nil) { $0 } ?? .none
    }

    /// Lets time pass, forgets what is to be forgotten, and waits until that is done.
    func pass(days: Double) {
        clock.advance(milliseconds: Int64(days * 86_400_000))
        groups.tick()
        waitUntil { !core.offsets.isWriting }
    }

    /// Waits until no group is left.
    func waitUntilNoneIsLeft() {
        waitUntil {
            groups.tick()
            return groups.list().isEmpty
        }
    }
}

@Suite struct GroupCoordinatorTests {
    @Test func behaviour16OffsetsExpireOnlySinceTheirGroupIsEmpty() throws {
        let bench = try Bench(TemporaryDirectory())
        let member = try bench.stable("live")
        #expect(bench.commit("live", member) == .none)
        #expect(bench.commit("simple") == .none)
        for _ in 0..<20 {
            bench.clock.advance(milliseconds: 9000)
            #expect(bench.groups.heartbeat("live", member) == .none)
        }
        // Its offsets are far older than the retention when the group becomes empty.
        bench.clock.jump(milliseconds: 8 * 86_400_000)
        bench.groups.expireOffsets()
        waitUntil { !bench.core.offsets.isWriting }
        bench.groups.tick()
        #expect(bench.groups.list().map(\.id) == ["live"])
        bench.leave("live", member)
        bench.pass(days: 6.9)
        #expect(bench.core.offsets.hasOffsets("live"))
        bench.pass(days: 0.2)
        #expect(!bench.core.offsets.hasOffsets("live"))
        bench.waitUntilNoneIsLeft()
    }

    @Test func aCommitAfterTheLastMemberCountsFromItself() throws {
        let bench = try Bench(TemporaryDirectory())
        let member = try bench.stable("g")
        #expect(bench.commit("g", member) == .none)
        bench.leave("g", member)
        bench.pass(days: 5)
        #expect(bench.commit("g", partition: 1) == .none)
        bench.pass(days: 5)
        #expect(bench.core.offsets.committed(group: "g").keys.map(\.partition) == [1])
        bench.pass(days: 5)
        bench.waitUntilNoneIsLeft()
    }

    @Test func clientsMayAskForAShorterLife() throws {
        let bench = try Bench(TemporaryDirectory())
        #expect(bench.commit("g", expires: bench.clock.wallMilliseconds + 3_600_000) == .none)
        #expect(bench.commit("g", partition: 1) == .none)
        bench.pass(days: 0.01)
        #expect(bench.core.offsets.committed(group: "g").count == 2)
        bench.pass(days: 0.1)
        #expect(bench.core.offsets.committed(group: "g").keys.map(\.partition) == [1])
    }

    @Test func whatIsBeingWrittenDoesNotExpire() throws {
        let bench = try Bench(TemporaryDirectory())
        #expect(bench.commit("g") == .none)
        let key = OffsetKey(group: "g", topic: "T", partition: 0)
        let written = try bench.core.offsets.write(
            OffsetStore.Change(offsets: [(key, CommittedOffset(offset: 9, committedMilliseconds: 0))]))
        #expect(bench.core.offsets.settled(group: "g").isEmpty && bench.core.offsets.hasOffsets("g"))
        let done = Condition(false)
        bench.core.offsets.whenDurable(written) { _ in done.update { $0 = true } }
        #expect(done.wait(milliseconds: 10_000) { $0 ? true : nil } == true)
        #expect(bench.core.offsets.settled(group: "g").values.map(\.offset) == [9])
    }

    @Test func groupsWithoutMembersAndOffsetsVanish() throws {
        let directory = TemporaryDirectory()
        do {
            let bench = try Bench(directory)
            for index in 0..<100 {
                let member = try bench.stable("g\(index)")
                #expect(bench.groups.memberCount == 1)
                bench.leave("g\(index)", member)
                #expect(bench.groups.list().isEmpty && bench.groups.memberCount == 0)
            }
        }
        #expect(try Bench(directory).core.offsets.records.isEmpty)
    }

    @Test func theEndOfATopicMayBeTheEndOfAGroup() throws {
        let directory = TemporaryDirectory()
        let core = try BrokerCore(.testing(directory), metrics: Metrics(), clock: SystemClock())
        defer { core.close() }
        try core.catalog.create(.init(name: "T"))
        let done = Condition(false)
        let key = OffsetKey(group: "g", topic: "T", partition: 0)
        core.groups.commit("g", Bench.nobody, [(key, CommittedOffset(offset: 1, committedMilliseconds: 1 << 60))]) {
            _ in
            done.update { $0 = true }
        }
        #expect(done.wait(milliseconds: 10_000) { $0 ? true : nil } == true)
        #expect(core.groups.list().map(\.id) == ["g"])
        try core.catalog.delete("T")
        waitUntil { core.groups.list().isEmpty }
    }

    @Test func groupsAreKeptWhenTheirLogIsRewritten() throws {
        let directory = TemporaryDirectory()
        var member = Bench.nobody
        do {
            let bench = try Bench(directory)
            member = try bench.stable("g")
            let text = String(repeating: "m", count: 4000)
            let now = SystemClock().wallMilliseconds
            for round in 0..<300 {
                try bench.core.offsets.commitAndWait(
                    (0..<10).map { index in
                        (
                            OffsetKey(group: "g", topic: "T", partition: Int32(index)),
                            CommittedOffset(offset: Int64(round), metadata: text, committedMilliseconds: now)
                        )
                    })
            }
        }
        let bench = try Bench(directory)
        let log = try #require(bench.core.catalog.topic(TopicName.consumerOffsets)?.partitions.first)
        #expect(log.startOffset > 0)
        #expect(bench.groups.heartbeat("g", member) == .none)
        #expect(bench.core.offsets.committed(group: "g").values.allSatisfy { $0.offset == 299 })
    }

    @Test func recordsThatNobodyCanReadAreLeftAlone() throws {
        let directory = TemporaryDirectory()
        do {
            let bench = try Bench(directory)
            let strange: [(key: [UInt8], value: [UInt8]?)] = [
                ([0, 2, 0, 1, 103], [0, 77]), ([0, 99, 1], [1, 2, 3]), ([1], [1]), (GroupRecord.key("h"), [0, 3, 0]),
            ]
            let written = try bench.core.offsets.write(OffsetStore.Change(records: strange))
            let done = Condition(false)
            bench.core.offsets.whenDurable(written) { _ in done.update { $0 = true } }
            #expect(done.wait(milliseconds: 10_000) { $0 ? true : nil } == true)
        }
        let bench = try Bench(directory)
        #expect(bench.groups.list().isEmpty)
        _ = try bench.stable("g")
    }

    @Test func membersDieWithoutTheAlarm() throws {
        let bench = try Bench(TemporaryDirectory())
        let members = try (0..<50).map { try bench.stable("g\($0)") }
        bench.clock.advance(milliseconds: 9999)
        #expect(bench.groups.heartbeat("g7", members[7]) == .none)
        bench.groups.tick()
        #expect(bench.groups.memberCount == 50)
        bench.clock.advance(milliseconds: 1)
        let next = try #require(bench.groups.tick())
        #expect(bench.groups.list().map(\.id) == ["g7"])
        #expect(next == Moment(bench.clock).monotonicMilliseconds + 9999)
    }

    @Test func offsetsOfTopicsThatAreReadAreKept() throws {
        let bench = try Bench(TemporaryDirectory())
        let member = try bench.stable("g", topics: ["U"])
        #expect(bench.commit("g", member) == .none)
        func forget(_ group: String) -> [ErrorCode] {
            let outcome = Condition<[ErrorCode]?>(nil)
            bench.groups.deleteOffsets(group, [.init(topic: "T", partition: 0), .init(topic: "U", partition: 0)]) {
                whole, errors in outcome.update { $0 = whole == .none ? errors : [whole] }
            }
            return outcome.wait(milliseconds: 10_000) { $0 } ?? []
        }
        #expect(forget("g") == [.none, .groupSubscribedToTopic])
        #expect(bench.core.offsets.committed(group: "g").isEmpty)
    }
}

@Suite struct AlarmTests {
    @Test func runsWhenItIsToldAndWhenItWantsTo() {
        let count = Condition(0)
        let alarm = Alarm("test", clock: SystemClock()) {
            let runs = count.update { (runs: inout Int) -> Int in
                runs += 1
                return runs
            }
            return runs < 5 ? Moment(SystemClock()).monotonicMilliseconds + 1 : nil
        }
        alarm.ring(by: Moment(SystemClock()).monotonicMilliseconds + 20)
        #expect(count.wait(milliseconds: 10_000) { $0 == 5 ? true : nil } == true)
        alarm.ring()
        #expect(count.wait(milliseconds: 10_000) { $0 == 6 ? true : nil } == true)
        alarm.stop()
    }
}
