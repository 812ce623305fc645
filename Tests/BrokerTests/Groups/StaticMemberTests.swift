import KafkaWire
import TestSupport
import Testing

@testable import Broker

/// Static members (KIP-345).
@Suite struct StaticMemberTests {
    /// Static members `a` (leader) and `b` in a stable group.
    private func stable(_ script: inout GroupScript, session: Int32 = 10_000) -> (a: String, b: String) {
        let first = script.join("", instance: "a", session: session, connection: 1)
        let a = script.joins[first]?.memberID ?? ""
        let second = script.join("", instance: "b", session: session, connection: 2)
        _ = script.join(a, instance: "a", session: session, connection: 1)
        let b = script.joins[second]?.memberID ?? ""
        _ = script.sync(a, instance: "a", [a: [1], b: [2]], connection: 1)
        _ = script.sync(b, instance: "b", connection: 2)
        script.persist()
        return (a, b)
    }

    @Test func joinsWithoutBeingToldItsIDFirst() {
        var script = GroupScript()
        let (a, b) = stable(&script)
        #expect(script.group.state == .stable && script.group.leader == a && script.group.members.count == 2)
        #expect(script.heartbeat(b, instance: "b") == .none)
    }

    @Test func aRestartInsideTheSessionMeansNoRebalance() throws {
        var script = GroupScript()
        let (a, b) = stable(&script)
        let ticket = script.join("", instance: "b", connection: 3)
        // The new id is durable before anybody acts on it.
        #expect(script.joins[ticket] == nil)
        #expect(script.stores.last?.group.members.contains { $0.id == b } == false)
        script.persist()
        let answer = try #require(script.joins[ticket])
        #expect(answer.errorCode == .none && answer.generation == 2 && answer.leader == a && answer.memberID != b)
        #expect(answer.members.isEmpty && !answer.skipAssignment)
        #expect(script.group.state == .stable && script.heartbeat(a, instance: "a") == .none)
        let sync = script.sync(answer.memberID, instance: "b", connection: 3)
        #expect(script.syncs[sync]?.assignment == [2])
        // Its former self is fenced everywhere.
        #expect(script.heartbeat(b, instance: "b") == .fencedInstanceID)
        #expect(script.commit(b, instance: "b") == .fencedInstanceID)
        #expect(script.leave(b, instance: "b") == .fencedInstanceID)
        let old = script.sync(b, instance: "b")
        #expect(script.syncs[old]?.errorCode == .fencedInstanceID)
        let rejoin = script.join(b, instance: "b")
        #expect(script.joins[rejoin]?.errorCode == .fencedInstanceID)
    }

    @Test func aLeaderThatStartsAgainSkipsTheAssignment() throws {
        var script = GroupScript()
        let (a, _) = stable(&script)
        let ticket = script.join("", instance: "a", version: 9, connection: 3)
        script.persist()
        let answer = try #require(script.joins[ticket])
        #expect(answer.skipAssignment && answer.leader == answer.memberID && answer.members.count == 2)
        let older = script.join("", instance: "a", version: 8, connection: 4)
        script.persist()
        // Told that its former self leads, it assigns nothing.
        let second = try #require(script.joins[older])
        #expect(!second.skipAssignment && second.leader == answer.memberID && second.memberID != answer.memberID)
        #expect(second.members.isEmpty && script.group.leader == second.memberID && a != second.memberID)
        #expect(script.group.state == .stable && script.group.generation == 2)
    }

    @Test func aRestartWithAnotherProtocolMeansARebalance() {
        var script = GroupScript()
        let (a, _) = stable(&script)
        let both = ["range", "sticky"]
        _ = script.join(a, instance: "a", both)
        let waiting = script.join("", instance: "b", ["sticky", "range"], connection: 3)
        // One vote each: the eldest member's choice stays.
        #expect(script.joins[waiting]?.protocolName == "range" && script.group.state == .completingRebalance)
        let leader = script.sync(a, instance: "a", [:])
        script.persist()
        #expect(script.syncs[leader]?.errorCode == ErrorCode.none)
        let changed = script.join("", instance: "a", ["sticky", "range"], connection: 4)
        #expect(script.joins[changed] == nil && script.group.state == .preparingRebalance)
    }

    @Test func aRestartDuringAnAssignmentMeansARebalance() {
        var script = GroupScript()
        let (a, b) = stable(&script)
        _ = script.join(a, instance: "a")
        let joined = script.join(b, instance: "b", connection: 2)
        #expect(script.joins[joined]?.generation == 3)
        let waiting = script.sync(b, instance: "b", connection: 2)
        _ = script.join("", instance: "b", connection: 3)
        #expect(script.syncs[waiting]?.errorCode == .fencedInstanceID)
        #expect(script.group.state == .preparingRebalance)
    }

    @Test func aWaitingJoinOfTheFormerSelfIsFenced() {
        var script = GroupScript()
        let (a, b) = stable(&script)
        _ = script.join(a, instance: "a")
        let join = script.join("", instance: "b", connection: 3)
        #expect(script.joins[join]?.generation == 3)
        _ = script.join(a, instance: "a", metadata: [7])
        let id = script.joins[join]?.memberID ?? ""
        #expect(id != b)
        _ = script.leave(a, instance: "a")
        let first = script.join("", instance: "a", connection: 5)
        #expect(script.joins[first] == nil)
        _ = script.join("", instance: "a", connection: 6)
        #expect(script.joins[first]?.errorCode == .fencedInstanceID)
    }

    @Test func anAbsentMemberKeepsItsPlaceForItsSession() {
        var script = GroupScript()
        let (a, b) = stable(&script, session: 20_000)
        let ticket = script.join(a, instance: "a", session: 20_000, rebalance: 3000)
        _ = script.heartbeat(b, instance: "b")
        script.advance(60_000)
        // Its session ended: the rebalance goes on without it.
        #expect(script.joins[ticket]?.members.map(\.memberID) == [a])
        var other = GroupScript()
        let (c, d) = stable(&other, session: 100_000)
        _ = other.join(c, instance: "a", session: 100_000, rebalance: 3000)
        _ = other.leave("nobody")
        other.advance(60_000)
        #expect(other.group.members[d] != nil && other.group.state == .completingRebalance)
    }

    @Test func anAdministratorRemovesItByName() {
        var script = GroupScript()
        let (a, b) = stable(&script)
        #expect(script.leave("", instance: "none") == .unknownMemberID)
        #expect(script.leave("", instance: "b") == .none)
        #expect(script.group.members[b] == nil && script.heartbeat(a, instance: "a") == .rebalanceInProgress)
        #expect(script.leave(a, instance: "b") == .unknownMemberID)
    }

    @Test func aReplacementThatCannotBeStoredIsToldSo() {
        var script = GroupScript()
        let (_, b) = stable(&script)
        let ticket = script.join("", instance: "b", connection: 3)
        script.persist(.coordinatorNotAvailable)
        #expect(script.joins[ticket]?.errorCode == .coordinatorNotAvailable)
        let again = script.join("", instance: "b", connection: 3)
        script.persist()
        #expect(script.joins[again]?.errorCode == ErrorCode.none)
        #expect(script.heartbeat(b, instance: "b") == .fencedInstanceID)
    }

    @Test func aRebalanceThatComesBetweenTakesTheReplacementWithIt() {
        var script = GroupScript()
        let (a, _) = stable(&script)
        let ticket = script.join("", instance: "b", connection: 3)
        let leader = script.join(a, instance: "a")
        #expect(script.joins[ticket]?.generation == 3 && script.joins[leader]?.members.count == 2)
        script.persist()
        #expect(script.group.state == .completingRebalance)
    }
}
