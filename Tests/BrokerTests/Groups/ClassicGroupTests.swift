import KafkaWire
import TestSupport
import Testing

@testable import Broker

/// The rules of joining and assigning, on a clock that stands still unless it is moved.
@Suite struct ClassicGroupTests {
    // MARK: - Joining

    @Test func aNewMemberIsToldItsIDFirst() throws {
        var script = GroupScript()
        let first = script.join()
        let told = try #require(script.joins[first])
        #expect(told.errorCode == .memberIDRequired && told.memberID == "m1" && told.generation == -1)
        #expect(script.group.state == .empty && !script.group.isVacant)
        let second = script.join("m1")
        let joined = try #require(script.joins[second])
        #expect(joined.errorCode == .none && joined.generation == 1 && joined.leader == "m1")
        #expect(joined.memberID == "m1" && joined.protocolName == "range" && joined.protocolType == "consumer")
        #expect(joined.members.map(\.memberID) == ["m1"] && joined.members[0].metadata == [1])
        #expect(script.group.state == .completingRebalance)
    }

    @Test func oldVersionsJoinAtOnce() throws {
        var script = GroupScript()
        let ticket = script.join(version: 3)
        #expect(script.joins[ticket]?.errorCode == ErrorCode.none && script.group.generation == 1)
    }

    @Test func anIDThatIsNotUsedIsForgotten() {
        var script = GroupScript()
        _ = script.join(session: 5000)
        script.advance(4999)
        #expect(!script.group.isVacant)
        script.advance(1)
        #expect(script.group.isVacant)
        let late = script.join("m1")
        #expect(script.joins[late]?.errorCode == .unknownMemberID)
    }

    @Test func theGroupWaitsForWhoWasToldItsID() {
        var script = GroupScript()
        let first = script.enter().id
        _ = script.sync(first, [first: [1]])
        script.persist()
        let pending = script.join(connection: 2)
        let again = script.join(first)
        #expect(script.joins[again] == nil && script.group.state == .preparingRebalance)
        let id = script.joins[pending]?.memberID ?? ""
        let joined = script.join(id, connection: 2)
        #expect(script.joins[again]?.generation == 2 && script.joins[joined]?.generation == 2)
        #expect(script.joins[again]?.members.count == 2)
    }

    @Test func aJoinWaitsForEveryMemberAndTheLeaderStays() throws {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        #expect(script.group.state == .stable && script.group.generation == 2)
        let third = script.enter(connection: 3)
        #expect(script.group.state == .preparingRebalance && script.joins[third.ticket] == nil)
        #expect(script.heartbeat(follower) == .rebalanceInProgress)
        let second = script.join(follower, connection: 2)
        #expect(script.joins[second] == nil)
        let first = script.join(leader)
        let answers = try [first, second, third.ticket].map { try #require(script.joins[$0]) }
        #expect(answers.allSatisfy { $0.generation == 3 && $0.leader == leader && $0.errorCode == .none })
        #expect(answers.map(\.members.count) == [3, 0, 0])
        #expect(answers.map(\.memberID) == [leader, follower, third.id])
    }

    @Test func whoDoesNotJoinInTimeIsLeftOut() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo(session: 30_000, rebalance: 5000)
        let again = script.join(leader, session: 30_000, rebalance: 5000)
        script.advance(4999)
        #expect(script.joins[again] == nil)
        script.advance(1)
        #expect(script.joins[again]?.members.map(\.memberID) == [leader])
        #expect(script.heartbeat(follower) == .unknownMemberID)
    }

    @Test func theLongestRebalanceTimeoutCounts() {
        var script = GroupScript()
        let first = script.enter(session: 60_000, rebalance: 1000).id
        let second = script.enter(session: 60_000, rebalance: 8000)
        #expect(script.joins[second.ticket] == nil)
        script.advance(7999)
        #expect(script.joins[second.ticket] == nil)
        script.advance(1)
        #expect(script.joins[second.ticket]?.leader == second.id)
        #expect(script.heartbeat(first) == .unknownMemberID)
    }

    @Test func anUnchangedFollowerIsAnsweredAtOnce() throws {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        let ticket = script.join(follower, connection: 2)
        let answer = try #require(script.joins[ticket])
        #expect(answer.generation == 2 && answer.members.isEmpty && answer.leader == leader)
        #expect(script.group.state == .stable)
    }

    @Test func aFollowerWithNewMetadataMeansARebalance() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        let ticket = script.join(follower, metadata: [9], connection: 2)
        #expect(script.joins[ticket] == nil && script.group.state == .preparingRebalance)
        let again = script.join(leader)
        #expect(script.joins[ticket]?.generation == 3)
        #expect(script.joins[again]?.members.map(\.metadata) == [[1], [9]])
    }

    @Test func aLeaderThatJoinsAgainMeansARebalance() {
        var script = GroupScript()
        let (leader, _) = script.stableOfTwo()
        let ticket = script.join(leader)
        #expect(script.joins[ticket] == nil && script.group.state == .preparingRebalance)
    }

    @Test func aLostAnswerIsGivenAgain() throws {
        var script = GroupScript()
        let (id, _) = script.enter()
        let ticket = script.join(id)
        let answer = try #require(script.joins[ticket])
        #expect(answer.generation == 1 && answer.members.count == 1)
        #expect(script.group.state == .completingRebalance)
    }

    @Test func theSecondOfTwoJoinsOfAMemberCounts() {
        var script = GroupScript()
        let (leader, _) = script.stableOfTwo()
        let first = script.join(leader, connection: 1)
        let second = script.join(leader, connection: 7)
        #expect(script.joins[first]?.errorCode == .rebalanceInProgress && script.joins[second] == nil)
    }

    @Test func aFirstGenerationMayWaitForMore() {
        var script = GroupScript(.init(initialRebalanceDelayMilliseconds: 3000))
        let first = script.enter(rebalance: 8000)
        script.advance(2000)
        let second = script.enter(rebalance: 8000, connection: 2)
        // Put off by another delay, as somebody came.
        script.advance(1000)
        #expect(script.joins[first.ticket] == nil)
        script.advance(3000)
        #expect(script.joins[first.ticket]?.members.count == 2 && script.joins[second.ticket]?.generation == 1)
        // Only the first generation waits.
        let third = script.enter(rebalance: 8000, connection: 3)
        _ = script.join(first.id)
        _ = script.join(second.id, connection: 2)
        #expect(script.joins[third.ticket]?.generation == 2)
    }

    @Test func aFirstGenerationDoesNotWaitLongerThanARebalance() {
        var script = GroupScript(.init(initialRebalanceDelayMilliseconds: 3000))
        let first = script.enter(session: 60_000, rebalance: 7000)
        for connection in 2...7 as ClosedRange<UInt64> {
            script.advance(1000)
            _ = script.enter(session: 60_000, rebalance: 7000, connection: connection)
        }
        #expect(script.joins[first.ticket] == nil)
        script.advance(1000)
        #expect(script.joins[first.ticket]?.members.count == 7)
    }

    // MARK: - Protocols

    @Test func whoSpeaksNothingThatTheOthersDoIsRefused() {
        var script = GroupScript()
        _ = script.enter(["range", "roundrobin"])
        for refused in [
            script.join("", ["sticky"]), script.join("", ["range"], type: "connect"), script.join("", []),
            script.join("", ["range"], type: ""),
        ] {
            #expect(script.joins[refused]?.errorCode == .inconsistentGroupProtocol)
        }
        let taken = script.join("", ["sticky", "roundrobin"])
        #expect(script.joins[taken]?.errorCode == .memberIDRequired)
    }

    @Test func theProtocolThatMostLikeBestIsChosen() {
        var script = GroupScript()
        let first = script.enter(["range", "cooperative-sticky"])
        let second = script.enter(["cooperative-sticky", "range"], connection: 2)
        let third = script.enter(["roundrobin", "cooperative-sticky", "range"], connection: 3)
        let again = script.join(first.id, ["range", "cooperative-sticky"])
        #expect(script.joins[again]?.protocolName == "cooperative-sticky")
        #expect(script.joins[second.ticket]?.protocolName == "cooperative-sticky")
        #expect(script.joins[third.ticket]?.generation == 2)
    }

    @Test func aRollingChangeOfProtocolEndsWithTheNewOne() {
        var script = GroupScript()
        let first = script.enter(["range"])
        let second = script.enter(["range"], connection: 2)
        var again = script.join(first.id, ["range"])
        #expect(script.joins[again]?.protocolName == "range")
        // Each member in turn starts again with both, then with the new one alone.
        for protocols in [["cooperative-sticky", "range"], ["cooperative-sticky"]] {
            again = script.join(first.id, protocols)
            _ = script.join(second.id, protocols, connection: 2)
            if script.joins[again] == nil { again = script.join(first.id, protocols) }
        }
        #expect(script.group.protocolName == "cooperative-sticky")
    }

    // MARK: - Assigning

    @Test func followersWaitForTheLeaderAndTheDisk() throws {
        var script = GroupScript()
        let first = script.enter().id
        let second = script.enter(connection: 2)
        _ = script.join(first)
        let follower = script.sync(second.id, connection: 2)
        #expect(script.syncs[follower] == nil)
        let leader = script.sync(first, [first: [1], second.id: [2], "stranger": [3]])
        #expect(script.syncs.isEmpty && script.group.state == .completingRebalance)
        let stored = try #require(script.stores.first)
        #expect(stored.reason == .assignment(generation: 2))
        #expect(stored.group.members.map(\.assignment) == [[1], [2]])
        script.persist()
        #expect(script.syncs[leader]?.assignment == [1] && script.syncs[follower]?.assignment == [2])
        #expect(script.syncs[leader]?.protocolName == "range" && script.syncs[leader]?.protocolType == "consumer")
        #expect(script.group.state == .stable)
        let again = script.sync(second.id, connection: 2)
        #expect(script.syncs[again]?.assignment == [2])
    }

    @Test func whoTheLeaderForgotGetsNothing() {
        var script = GroupScript()
        let first = script.enter().id
        let second = script.enter(connection: 2)
        _ = script.join(first)
        _ = script.sync(first, [first: [1]])
        script.persist()
        let ticket = script.sync(second.id, connection: 2)
        #expect(script.syncs[ticket]?.errorCode == ErrorCode.none && script.syncs[ticket]?.assignment == [])
    }

    @Test func anAssignmentThatCannotBeStoredMeansARebalance() {
        var script = GroupScript()
        let first = script.enter().id
        let ticket = script.sync(first, [first: [1]])
        script.persist(.coordinatorNotAvailable)
        #expect(script.syncs[ticket]?.errorCode == .coordinatorNotAvailable)
        #expect(script.group.state == .preparingRebalance)
    }

    @Test func anAssignmentOfAnEarlierGenerationDoesNotCount() {
        var script = GroupScript()
        let first = script.enter().id
        let ticket = script.sync(first, [first: [1]])
        let late = script.stores
        let second = script.enter(connection: 2)
        #expect(script.syncs[ticket]?.errorCode == .rebalanceInProgress)
        let again = script.join(first)
        #expect(script.joins[again]?.generation == 2 && script.joins[second.ticket]?.generation == 2)
        script.take(script.group.stored(late[0].reason, .none, at: script.now))
        #expect(script.group.state == .completingRebalance)
    }

    @Test func syncsThatDoNotFitAreRefused() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        let cases: [(UInt64, ErrorCode)] = [
            (script.sync("nobody"), .unknownMemberID),
            (script.sync(follower, generation: 1), .illegalGeneration),
            (script.sync(follower, type: "connect"), .inconsistentGroupProtocol),
            (script.sync(follower, name: "sticky"), .inconsistentGroupProtocol),
            (script.sync(follower, instance: "i"), .unknownMemberID),
            (script.sync(follower, type: "consumer", name: "range"), .none),
        ]
        for (ticket, error) in cases { #expect(script.syncs[ticket]?.errorCode == error) }
        _ = script.join(leader)
        let late = script.sync(follower)
        #expect(script.syncs[late]?.errorCode == .rebalanceInProgress)
    }

    @Test func whoDoesNotAskForItsAssignmentIsRemoved() {
        var script = GroupScript()
        let first = script.enter(session: 60_000, rebalance: 5000).id
        let second = script.enter(session: 60_000, rebalance: 5000, connection: 2).id
        _ = script.join(first, session: 60_000, rebalance: 5000)
        let ticket = script.sync(second, connection: 2)
        script.advance(4999)
        #expect(script.syncs[ticket] == nil)
        script.advance(1)
        #expect(script.syncs[ticket]?.errorCode == .rebalanceInProgress)
        #expect(script.heartbeat(first) == .unknownMemberID)
        #expect(script.heartbeat(second) == .rebalanceInProgress)
    }

    // MARK: - Generations

    @Test func everythingButTheGenerationThatIsIsFenced() {
        var script = GroupScript()
        let (_, follower) = script.stableOfTwo()
        for generation in [Int32(-1), 0, 1, 3, .max] {
            #expect(script.heartbeat(follower, generation: generation) == .illegalGeneration)
            #expect(script.commit(follower, generation: generation) == .illegalGeneration)
        }
        #expect(script.heartbeat(follower) == .none)
        #expect(script.commit(follower) == .none)
        #expect(script.heartbeat("nobody") == .unknownMemberID)
        #expect(script.commit("nobody") == .unknownMemberID)
    }

    @Test func commitsAreTakenWhileTheGroupGathers() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        _ = script.join(leader)
        #expect(script.group.state == .preparingRebalance)
        #expect(script.commit(follower) == .none)
        #expect(script.commit(follower, generation: 1) == .illegalGeneration)
        let ticket = script.join(follower, connection: 2)
        #expect(script.joins[ticket]?.generation == 3 && script.group.state == .completingRebalance)
        #expect(script.commit(follower) == .rebalanceInProgress)
        #expect(script.commit(follower, isTransactional: true) == .none)
    }

    @Test func withoutMembershipOneCommitsOnlyWhileNobodyIsThere() {
        var script = GroupScript()
        #expect(script.commit("", generation: -1) == .none)
        let (leader, follower) = script.stableOfTwo()
        #expect(script.commit("", generation: -1) == .unknownMemberID)
        #expect(script.commit("", generation: -1, isTransactional: true) == .none)
        #expect(script.leave(leader) == .none)
        #expect(script.leave(follower) == .none)
        #expect(script.group.state == .empty)
        #expect(script.commit("", generation: -1) == .none)
    }

    // MARK: - Restart

    @Test func aRestoredGroupGoesOn() throws {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo(session: 6000)
        let bytes = GroupRecord.value(script.group.snapshot())
        let stored = try bytes.parsed(GroupRecord.parseValue)
        #expect(stored == script.group.snapshot())
        script.advance(3_600_000)
        script.group = ClassicGroup("g", stored, limits: .init(), at: script.now)
        #expect(script.group.state == .stable && script.group.generation == 2 && script.group.leader == leader)
        #expect(script.heartbeat(leader) == .none && script.heartbeat(follower) == .none)
        #expect(script.commit(follower) == .none)
        let again = script.join(follower, connection: 2)
        #expect(script.joins[again]?.generation == 2)
        let sync = script.sync(follower, connection: 2)
        #expect(script.syncs[sync]?.assignment == [22])
        script.advance(6000)
        #expect(script.group.state == .empty)
    }
}
