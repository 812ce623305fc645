import KafkaWire
import Streams
import Testing

@testable import Broker

/// What is answered when the tables of groups are full.
@Suite struct GroupMaximaTests {
    @Test func moreGroupsThanThereMayBeAreToldToTryAgain() throws {
        try withServer({ $0.groups.groupsMax = 2 }) { broker, client in
            try broker.streams.createTopic(TopicSpecification("T"))
            for name in ["a", "b"] {
                var member = try TestMember(broker, name)
                #expect(try member.join().errorCode == .none)
            }
            var third = try TestMember(broker, "c")
            #expect(try third.join().errorCode == .coordinatorNotAvailable)
            let heartbeat = ConsumerGroupHeartbeatRequest(
                groupID: "d", memberID: "m", memberEpoch: 0, rebalanceTimeoutMilliseconds: 1000,
                subscribedTopicNames: ["T"], topicPartitions: [])
            let answer = try client.call(heartbeat, version: 1, ConsumerGroupHeartbeatResponse.self)
            #expect(answer.errorCode == .coordinatorNotAvailable && answer.errorMessage?.contains("2") == true)
            // Whoever commits without being a member needs no group.
            #expect(try third.commit(1) == .none)
        }
    }

    @Test func moreOffsetsThanThereMayBeAreRefused() throws {
        try withServer({ $0.groups.offsetsMax = 2 }) { broker, _ in
            try broker.streams.createTopic(TopicSpecification("T"))
            for name in ["a", "b"] { #expect(try TestMember(broker, name).commit(1) == .none) }
            #expect(try TestMember(broker, "c").commit(1) == .policyViolation)
            #expect(try TestMember(broker, "a").commit(2) == .none, "what is kept already can move on")
        }
    }
}
