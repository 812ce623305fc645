import KafkaWire
import TestSupport
import Testing

@testable import Broker

/// How members of a classic group leave, die and are kept out, on a clock that stands still unless it is moved.
@Suite struct ClassicGroupLeavingTests {
    @Test func whoLeavesIsGoneAtOnce() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        #expect(script.leave(leader) == .none)
        #expect(script.heartbeat(leader) == .unknownMemberID)
        #expect(script.heartbeat(follower) == .rebalanceInProgress)
        let ticket = script.join(follower, connection: 2)
        #expect(script.joins[ticket]?.leader == follower && script.joins[ticket]?.members.count == 1)
        #expect(script.leave(leader) == .unknownMemberID)
    }

    @Test func theLastToLeaveEmptiesTheGroup() throws {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        _ = script.leave(follower)
        _ = script.leave(leader)
        #expect(script.group.state == .empty && script.group.generation == 3 && script.group.isVacant)
        let stored = try #require(script.stores.last)
        #expect(stored.reason == .empty && stored.group.members.isEmpty && stored.group.protocolType == "consumer")
        #expect(stored.group.stateSinceMilliseconds == script.now.wallMilliseconds)
        #expect(script.group.nextDeadline == nil)
    }

    @Test func whoLeavesBeforeJoiningIsNotWaitedFor() {
        var script = GroupScript()
        let first = script.enter().id
        let pending = script.join(connection: 2)
        let again = script.join(first, metadata: [2])
        #expect(script.joins[again] == nil)
        #expect(script.leave(script.joins[pending]?.memberID ?? "") == .none)
        #expect(script.joins[again]?.generation == 2)
    }

    @Test func aWaitingMemberThatLeavesIsAnswered() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        let join = script.join(leader)
        #expect(script.leave(leader) == .none)
        #expect(script.joins[join]?.errorCode == .unknownMemberID)
        let again = script.join(follower, connection: 2)
        let sync = script.sync(follower)
        #expect(script.joins[again]?.leader == follower && script.syncs[sync] == nil)
        #expect(script.leave(follower) == .none)
        #expect(script.syncs[sync]?.errorCode == .unknownMemberID)
    }

    @Test func aSilentMemberDies() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo(session: 6000)
        for _ in 0..<5 {
            script.advance(5999)
            #expect(script.heartbeat(leader) == .none)
            #expect(script.commit(follower) == .none)
        }
        script.advance(5000)
        #expect(script.heartbeat(leader) == .none)
        script.advance(1000)
        #expect(script.heartbeat(follower) == .unknownMemberID)
        #expect(script.heartbeat(leader) == .rebalanceInProgress)
    }

    @Test func theSessionStandsStillWhileARequestWaits() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo(session: 2000, rebalance: 600_000)
        let join = script.join(leader, session: 2000, rebalance: 600_000)
        for _ in 0..<100 {
            script.advance(1500)
            #expect(script.heartbeat(follower) == .rebalanceInProgress)
        }
        #expect(script.joins[join] == nil)
        _ = script.join(follower, session: 2000, rebalance: 600_000, connection: 2)
        #expect(script.joins[join]?.members.count == 2)
        let sync = script.sync(follower, connection: 2)
        for _ in 0..<100 {
            script.advance(1500)
            #expect(script.heartbeat(leader) == .none)
        }
        #expect(script.syncs[sync] == nil)
        _ = script.sync(leader, [follower: [5]])
        script.persist()
        #expect(script.syncs[sync]?.assignment == [5])
        // From here on it counts again.
        script.advance(2000)
        #expect(script.heartbeat(follower) == .unknownMemberID)
    }

    @Test func aLostNewMemberIsRemovedWithItsConnection() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo()
        let ghost = script.join(version: 3, connection: 9)
        #expect(script.group.state == .preparingRebalance && script.group.members.count == 3)
        script.disconnect(9)
        #expect(script.group.members.count == 2 && script.joins[ghost]?.errorCode == .unknownMemberID)
        let join = script.join(leader)
        _ = script.join(follower, connection: 2)
        #expect(script.joins[join]?.members.count == 2)
    }

    @Test func aLostPendingMemberIsNotWaitedFor() {
        var script = GroupScript()
        let first = script.enter().id
        let pending = script.join(connection: 9)
        let again = script.join(first, metadata: [2])
        #expect(script.joins[again] == nil)
        script.disconnect(9)
        #expect(script.joins[again]?.generation == 2)
        // It may still come, on another connection.
        let late = script.join(script.joins[pending]?.memberID ?? "", connection: 10)
        _ = script.join(first, metadata: [2])
        #expect(script.joins[late]?.generation == 3)
    }

    @Test func aLostKnownMemberMayComeBack() {
        var script = GroupScript()
        let (leader, follower) = script.stableOfTwo(session: 5000)
        _ = script.join(leader, session: 5000, connection: 1)
        script.disconnect(1)
        // It no longer counts as joined.
        let second = script.join(follower, session: 5000, connection: 2)
        #expect(script.joins[second] == nil)
        let back = script.join(leader, session: 5000, connection: 3)
        #expect(script.joins[back]?.generation == 3 && script.joins[second]?.leader == leader)
        // Once more, and it does not come back.
        _ = script.sync(leader, connection: 3)
        script.persist()
        _ = script.join(leader, session: 5000, connection: 3)
        script.disconnect(3)
        let third = script.join(follower, session: 5000, connection: 2)
        script.advance(5000)
        #expect(script.joins[third]?.leader == follower && script.joins[third]?.members.count == 1)
    }

    @Test func newMembersDoNotPileUp() {
        var script = GroupScript()
        let (leader, _) = script.stableOfTwo(session: 1_800_000, rebalance: 1_800_000)
        _ = script.join(version: 3, connection: 9)
        #expect(script.group.members.count == 3)
        script.advance(ClassicGroup.newMemberWaitMilliseconds)
        #expect(script.group.members.count == 2 && script.group.members[leader] != nil)
    }

    @Test func aFullGroupTakesNobodyElse() {
        var script = GroupScript(.init(membersMax: 2))
        let (leader, follower) = script.stableOfTwo()
        let third = script.join(connection: 3)
        #expect(script.joins[third]?.errorCode == .groupMaxSizeReached)
        let again = script.join(leader)
        _ = script.join(follower, connection: 2)
        #expect(script.joins[again]?.generation == 3)
        _ = script.leave(follower)
        let taken = script.join(connection: 3)
        #expect(script.joins[taken]?.errorCode == .memberIDRequired)
    }

    @Test func idsAreNotGivenOutWithoutEnd() {
        var script = GroupScript(.init(membersMax: 10))
        let (_, follower) = script.stableOfTwo()
        let answers = (0..<20).map { _ in script.join() }.map { script.joins[$0]?.errorCode }
        #expect(
            answers == Array(repeating: .memberIDRequired, count: 10)
                + Array(repeating: .groupMaxSizeReached, count: 10))
        // Those who are members stay.
        let again = script.join(follower, connection: 2)
        #expect(script.joins[again]?.errorCode == ErrorCode.none && script.heartbeat(follower) == .none)
    }
}
