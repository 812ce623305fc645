import Bytes
import KafkaWire
import TestSupport
import Testing

@testable import Broker

@Suite struct ConsumerGroupTests {
    private func code(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch { return (error as? GroupRefusal)?.code }
    }

    @Test func oneMemberGetsEverything() throws {
        var harness = ConsumerGroupHarness(["a": 3, "b": 2])
        let response = try harness.send(ConsumerGroupClient("m", ["a", "b", "missing"]).request)
        #expect(response.memberID == "m" && response.memberEpoch == 1 && response.heartbeatIntervalMilliseconds == 5000)
        let assigned = PartitionAssignment(try #require(response.assignment).topicPartitions)
        #expect(assigned.byTopic == [harness.id("a"): [0, 1, 2], harness.id("b"): [0, 1]])
        #expect(harness.group.state == .stable && harness.isReplayedAlike)
    }

    @Test func whatHasNotChangedIsLeftOut() throws {
        var harness = ConsumerGroupHarness(["a": 3])
        try harness.send(ConsumerGroupClient("m", ["a"]).request)
        let quiet = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: "m", memberEpoch: 1)
        let before = harness.group.epoch
        #expect(try harness.send(quiet).assignment == nil)
        #expect(harness.group.epoch == before)
        var full = ConsumerGroupClient("m", ["a"]).request
        full.memberEpoch = 1
        #expect(try harness.send(full).assignment != nil)
        #expect(harness.group.epoch == before)
    }

    @Test func partitionsAreGivenUpBeforeOthersTakeThem() throws {
        var harness = ConsumerGroupHarness(["a": 4])
        var one = ConsumerGroupClient("m1", ["a"])
        var two = ConsumerGroupClient("m2", ["a"])
        try one.beat(&harness)
        try two.beat(&harness)
        #expect(two.epoch == 2 && two.owned.isEmpty)
        #expect(harness.group.members["m2"]?.progress.state == .unreleasedPartitions)
        #expect(harness.group.state == .reconciling)
        // The first is told to give two up, at its old epoch.
        try one.beat(&harness)
        #expect(one.epoch == 1 && one.owned.count == 2)
        #expect(harness.group.members["m1"]?.progress.state == .unrevokedPartitions)
        try two.beat(&harness)
        #expect(two.owned.isEmpty)
        // Once it has, it comes to the new epoch, and the other gets them.
        try one.beat(&harness)
        #expect(one.epoch == 2 && one.owned.count == 2)
        try two.beat(&harness)
        #expect(two.owned.count == 2 && two.owned.isDisjoint(with: one.owned))
        #expect(harness.group.state == .stable && harness.isReplayedAlike)
    }

    @Test func aMemberThatLeavesGivesEverythingBackAtOnce() throws {
        var harness = ConsumerGroupHarness(["a": 4])
        var one = ConsumerGroupClient("m1", ["a"])
        var two = ConsumerGroupClient("m2", ["a"])
        for _ in 0..<3 {
            try one.beat(&harness)
            try two.beat(&harness)
        }
        #expect(one.owned.count == 2 && two.owned.count == 2)
        try one.leave(&harness)
        #expect(harness.group.state == .assigning)
        try two.beat(&harness)
        #expect(two.owned.count == 4)
        try two.leave(&harness)
        #expect(harness.group.state == .empty && harness.isReplayedAlike)
        #expect(code { try two.leave(&harness) } == .unknownMemberID)
    }

    @Test func silentMembersAreRemoved() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        var one = ConsumerGroupClient("m1", ["a"])
        var two = ConsumerGroupClient("m2", ["a"])
        try one.beat(&harness)
        try harness.advance(milliseconds: 20_000)
        try two.beat(&harness)
        #expect(harness.group.nextDeadline == 46_000)
        try harness.advance(milliseconds: 24_999)
        #expect(harness.group.members.count == 2)
        try harness.advance(milliseconds: 1)
        #expect(Set(harness.group.members.keys) == ["m2"] && harness.isReplayedAlike)
        try two.beat(&harness)
        #expect(two.owned.count == 2)
        try one.beat(&harness)
        #expect(one.epoch == 0 && one.owned.isEmpty)
    }

    @Test func whoDoesNotGiveUpInTimeIsRemoved() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        var slow = ConsumerGroupClient("m1", ["a"])
        slow.rebalanceTimeoutMilliseconds = 10_000
        try slow.beat(&harness)
        var two = ConsumerGroupClient("m2", ["a"])
        try two.beat(&harness)
        // It lives, but says that it still reads everything.
        for _ in 0..<4 {
            try harness.send(slow.request)
            try harness.advance(milliseconds: 3000)
        }
        #expect(Set(harness.group.members.keys) == ["m2"])
        try two.beat(&harness)
        #expect(two.owned.count == 2)
    }

    @Test func epochsAreFenced() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        var one = ConsumerGroupClient("m1", ["a"])
        try one.beat(&harness)
        func heartbeat(_ id: String, _ epoch: Int32, owned: PartitionAssignment? = nil) -> ConsumerGroupHeartbeatRequest
        {
            ConsumerGroupHeartbeatRequest(
                groupID: "g", memberID: id, memberEpoch: epoch, topicPartitions: owned?.listed)
        }
        #expect(code { try harness.send(heartbeat("m1", 2)) } == .fencedMemberEpoch)
        #expect(code { try harness.send(heartbeat("x", 1)) } == .unknownMemberID)
        try harness.send(heartbeat("m1", 1))
        // The answer that raised the epoch was lost: the old one will do with nothing but what was assigned.
        harness.setTopic("a", 3)
        one.beatInVain(&harness)
        #expect(harness.group.members["m1"]?.progress.epoch == 2)
        #expect(code { try harness.send(heartbeat("m1", 1)) } == .fencedMemberEpoch)
        var foreign = one.owned
        foreign.insert(UUID(high: 1, low: 1), 1)
        #expect(code { try harness.send(heartbeat("m1", 1, owned: foreign)) } == .fencedMemberEpoch)
        #expect(try harness.send(heartbeat("m1", 1, owned: one.owned)).memberEpoch == 2)
        // Whoever was fenced begins anew under the same name.
        one.forget()
        try one.beat(&harness)
        #expect(one.epoch == 2 && one.owned.count == 3 && harness.isReplayedAlike)
    }

    @Test func aLostAnswerToAJoinIsRepeated() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        var one = ConsumerGroupClient("m1", ["a"])
        one.beatInVain(&harness)
        let epoch = harness.group.epoch
        try one.beat(&harness)
        #expect(one.owned.count == 2 && harness.group.epoch == epoch && harness.group.members.count == 1)
    }

    @Test func staticMembersComeBackToTheirPartitions() throws {
        var harness = ConsumerGroupHarness(["a": 4])
        var one = ConsumerGroupClient("m1", ["a"], instanceID: "i1")
        var two = ConsumerGroupClient("m2", ["a"], instanceID: "i2")
        for _ in 0..<3 {
            try one.beat(&harness)
            try two.beat(&harness)
        }
        let had = one.owned
        let epoch = harness.group.epoch
        // Nobody else may have the name while it is in use.
        #expect(
            code { try harness.send(ConsumerGroupClient("m3", ["a"], instanceID: "i1").request) }
                == .unreleasedInstanceID)
        try one.leave(&harness, epoch: -2)
        try two.beat(&harness)
        #expect(two.owned.count == 2)
        var again = ConsumerGroupClient("m3", ["a"], instanceID: "i1")
        try again.beat(&harness)
        #expect(again.owned == had && harness.group.epoch == epoch && harness.group.state == .stable)
        #expect(harness.isReplayedAlike)
        // The old one is fenced.
        var old = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: "m1", memberEpoch: 2, instanceID: "i1")
        #expect(code { try harness.send(old) } == .fencedInstanceID)
        old.instanceID = nil
        #expect(code { try harness.send(old) } == .unknownMemberID)
        old.instanceID = "nobody"
        #expect(code { try harness.send(old) } == .unknownMemberID)
        try again.leave(&harness)
        try two.beat(&harness)
        #expect(two.owned.count == 4)
    }

    @Test func staticMembersThatStayAwayAreRemoved() throws {
        var harness = ConsumerGroupHarness(["a": 4])
        var one = ConsumerGroupClient("m1", ["a"], instanceID: "i1")
        try one.beat(&harness)
        try one.leave(&harness, epoch: -2)
        try harness.advance(milliseconds: 44_000)
        #expect(harness.group.members.count == 1)
        try harness.advance(milliseconds: 1000)
        #expect(harness.group.members.isEmpty && harness.isReplayedAlike)
    }

    @Test func changesOfTopicsAreSeen() throws {
        var harness = ConsumerGroupHarness(["a": 1])
        var one = ConsumerGroupClient("m1", ["a", "b"])
        try one.beat(&harness)
        #expect(one.owned.count == 1)
        harness.setTopic("c", 7)
        try one.beat(&harness)
        #expect(one.epoch == 1)
        harness.setTopic("b", 2)
        try one.beat(&harness)
        #expect(one.epoch == 2 && one.owned.count == 3)
        harness.setTopic("a", 5)
        try one.beat(&harness)
        #expect(one.epoch == 3 && one.owned.count == 7)
        harness.setTopic("b", nil)
        for _ in 0..<2 { try one.beat(&harness) }
        #expect(one.epoch == 4 && one.owned.count == 5)
        // The same name is another topic.
        let old = harness.id("a")
        harness.setTopic("a", nil)
        harness.setTopic("a", 5)
        for _ in 0..<2 { try one.beat(&harness) }
        #expect(one.owned.byTopic[old] == nil && one.owned.byTopic[harness.id("a")]?.count == 5)
    }

    @Test func patternsFollowTheTopics() throws {
        var harness = ConsumerGroupHarness(["LARMOR_events": 2, "ZOOM_events": 2])
        var one = ConsumerGroupClient("m1", regex: "LARMOR_.*")
        try one.beat(&harness)
        #expect(Set(one.owned.byTopic.keys) == [harness.id("LARMOR_events")])
        harness.setTopic("LARMOR_runInfo", 1)
        try one.beat(&harness)
        #expect(one.owned.count == 3)
        one.subscribe(["ZOOM_events"], regex: "")
        for _ in 0..<3 { try one.beat(&harness) }
        #expect(Set(one.owned.byTopic.keys) == [harness.id("ZOOM_events")] && harness.isReplayedAlike)
        var bad = ConsumerGroupClient("m2", regex: "(").request
        #expect(code { try harness.send(bad) } == .invalidRegularExpression)
        for index in 0..<ConsumerGroup.patternsMax {
            try harness.send(ConsumerGroupClient("p\(index)", regex: "x\(index)").request)
        }
        bad.subscribedTopicRegex = "one more"
        #expect(code { try harness.send(bad) } == .invalidRequest)
    }

    @Test func theAssignorOfMostMembersIsTaken() throws {
        var harness = ConsumerGroupHarness(["a": 2, "b": 2])
        var members = (0..<3).map { ConsumerGroupClient("m\($0)", ["a", "b"]) }
        #expect(harness.group.assignor == .uniform)
        members[0].assignor = "uniform"
        members[1].assignor = "range"
        members[2].assignor = "range"
        for index in members.indices { try members[index].beat(&harness) }
        #expect(harness.group.assignor == .range)
        members[0].assignor = "sticky"
        members[0].forget()
        #expect(code { try harness.send(members[0].request) } == .unsupportedAssignor)
    }

    @Test func badRequestsAreRefused() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        func refused(_ change: (inout ConsumerGroupHeartbeatRequest) -> Void) -> ErrorCode? {
            var request = ConsumerGroupClient("m", ["a"]).request
            change(&request)
            return code { try harness.send(request) }
        }
        #expect(refused { $0.groupID = " " } == .invalidRequest)
        #expect(refused { $0.memberID = "" } == .invalidRequest)
        #expect(refused { $0.instanceID = "" } == .invalidRequest)
        #expect(refused { $0.rackID = "" } == .invalidRequest)
        #expect(refused { $0.rebalanceTimeoutMilliseconds = -1 } == .invalidRequest)
        #expect(refused { $0.rebalanceTimeoutMilliseconds = -7 } == .invalidRequest)
        #expect(refused { $0.topicPartitions = nil } == .invalidRequest)
        #expect(refused { $0.topicPartitions = [.init(topicID: .zero, partitions: [1])] } == .invalidRequest)
        #expect(refused { $0.subscribedTopicNames = nil } == .invalidRequest)
        #expect(refused { $0.memberEpoch = -3 } == .invalidRequest)
        #expect(refused { $0.memberEpoch = -2 } == .invalidRequest)
        #expect(refused { $0.memberEpoch = -1 } == .unknownMemberID)
        #expect(harness.group.members.isEmpty)
        // In version 0 the broker names the member.
        var request = ConsumerGroupClient("", ["a"]).request
        #expect(try harness.send(request, version: 0).memberID?.isEmpty == false)
        request.memberEpoch = 1
        #expect(code { try harness.send(request, version: 0) } == .invalidRequest)
    }

    @Test func aGroupTakesSoManyMembers() throws {
        var harness = ConsumerGroupHarness()
        for index in 0..<harness.group.limits.membersMax { harness.group.apply(.member("m\(index)", .init())) }
        #expect(code { try harness.send(ConsumerGroupClient("n", ["a"]).request) } == .groupMaxSizeReached)
    }

    @Test func commitsNeedTheMembersEpoch() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        func commit(_ id: String, _ epoch: Int32, version: Int16? = 9) -> ErrorCode? {
            code { try harness.group.checkCommit(memberID: id, memberEpoch: epoch, version: version) }
        }
        func fetch(_ id: String?, _ epoch: Int32) -> ErrorCode? {
            code { try harness.group.checkFetch(memberID: id, memberEpoch: epoch) }
        }
        #expect(commit("", -1, version: 2) == nil)
        var one = ConsumerGroupClient("m1", ["a"])
        try one.beat(&harness)
        #expect(commit("m1", 1) == nil && commit("m1", 0) == .staleMemberEpoch && commit("m1", 2) == .staleMemberEpoch)
        #expect(commit("m1", 1, version: 8) == .unsupportedVersion)
        #expect(commit("", -1, version: nil) == nil && commit("m1", 0, version: nil) == .staleMemberEpoch)
        #expect(commit("", -1) == .unknownMemberID && commit("x", 1) == .unknownMemberID)
        #expect(fetch("m1", 1) == nil && fetch(nil, -1) == nil)
        #expect(fetch("m1", 2) == .staleMemberEpoch && fetch("x", 1) == .unknownMemberID)
    }

    @Test func endingAGroupLeavesNothing() throws {
        var harness = ConsumerGroupHarness(["a": 2])
        var one = ConsumerGroupClient("m1", ["a"])
        try one.beat(&harness)
        var copy = ConsumerGroup("g", harness.group.changes.shuffled(), limits: .init(), at: harness.now)
        #expect(copy.members == harness.group.members && copy.targets == harness.group.targets)
        #expect(copy.epoch == harness.group.epoch && copy.targetEpoch == harness.group.targetEpoch)
        for change in harness.group.ending { copy.apply(change) }
        #expect(copy.members.isEmpty && copy.targets.isEmpty && copy.epoch.number == 0 && copy.targetEpoch == 0)
    }

    /// Whatever happens, no two members read the same partition, what was written down makes the same group, and in the
    /// end everybody has what is right.
    @Test(arguments: 0..<40)
    func nothingIsReadTwiceAndEverythingInTheEnd(_ seed: UInt64) throws {
        var generator = SplitMix(seed)
        var harness = ConsumerGroupHarness(["a": 5, "b": 3, "c": 1])
        var clients: [ConsumerGroupClient] = []
        var made = 0
        for _ in 0..<150 {
            let index = clients.isEmpty ? nil : Int.random(in: 0..<clients.count, using: &generator)
            switch (Int.random(in: 0..<20, using: &generator), index) {
            case (0, _) where clients.count < 6:
                made += 1
                let topics = ["a", "b", "c"].filter { _ in Int.random(in: 0..<4, using: &generator) > 0 }
                let regex = Bool.random(using: &generator) ? "[bc]" : nil
                clients.append(ConsumerGroupClient("m\(made)", topics, regex: regex))
            case (1, let index?):
                try? clients[index].leave(&harness)
                clients.remove(at: index)
            case (2, _): harness.setTopic("b", Int32.random(in: 1...9, using: &generator))
            case (3, _): harness.setTopic("c", Bool.random(using: &generator) ? nil : 2)
            case (4, let index?): clients[index].beatInVain(&harness)
            case (5, let index?): clients[index].forget()
            case (6, _): harness.restart()
            case (7, let index?):
                // One falls silent, the others do not.
                clients.remove(at: index)
                for _ in 0..<3 {
                    try harness.advance(milliseconds: 15_000)
                    for index in clients.indices { try clients[index].beat(&harness) }
                }
            case (_, let index?): try clients[index].beat(&harness)
            default: break
            }
            var read = PartitionAssignment()
            for client in clients {
                #expect(client.owned.isDisjoint(with: read))
                read = read.union(client.owned)
            }
            #expect(harness.isReplayedAlike)
        }
        for _ in 0..<3 {
            try harness.advance(milliseconds: 15_000)
            for _ in 0..<3 { for index in clients.indices { try clients[index].beat(&harness) } }
        }
        #expect(harness.group.state == (clients.isEmpty ? .empty : .stable))
        for client in clients { #expect(client.owned == harness.group.targets[client.id]) }
    }
}
