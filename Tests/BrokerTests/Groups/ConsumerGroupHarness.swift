import Bytes
import KafkaWire

@testable import Broker

/// A group with its topics and a clock, and what a coordinator does with it.
struct ConsumerGroupHarness {
    var now = Moment(monotonicMilliseconds: 1000, wallMilliseconds: 1_700_000_000_000)
    var group: ConsumerGroup
    /// What was written down, made into a group again from its records.
    var replayed: ConsumerGroup
    private(set) var topics = TopicSnapshot([:])
    private var made: UInt64 = 0

    init(_ partitionCounts: [String: Int32] = [:]) {
        group = ConsumerGroup("g", limits: ConsumerGroup.Limits(), at: now)
        replayed = group
        for (name, count) in partitionCounts.sorted(by: { $0.key < $1.key }) { setTopic(name, count) }
    }

    /// Creates or grows a topic; nil deletes it.
    mutating func setTopic(_ name: String, _ partitionCount: Int32?) {
        var byName = topics.byName
        let id = byName[name]?.id ?? UUID(high: made, low: 99)
        byName[name] = partitionCount.map { TopicSnapshot.Entry(id: id, partitionCount: $0) }
        made += 1
        topics = TopicSnapshot(byName)
    }

    func id(_ name: String) -> UUID { topics.byName[name]!.id }

    /// Runs a heartbeat and keeps what came of it.
    @discardableResult
    mutating func send(
        _ request: ConsumerGroupHeartbeatRequest, version: Int16 = 1
    ) throws -> ConsumerGroupHeartbeatResponse {
        try ConsumerGroupHeartbeatCheck.check(request, version: version)
        var next = group
        let outcome = try next.heartbeat(
            request, from: GroupClient(id: "client", host: "/127.0.0.1", connection: 1), topics, at: now)
        group = next
        try write(outcome.changes)
        return outcome.response
    }

    /// Lets time pass.
    mutating func advance(milliseconds: Int64) throws {
        now.monotonicMilliseconds += milliseconds
        now.wallMilliseconds += milliseconds
        try write(group.expire(at: now))
    }

    /// A restart of the broker: only what was written down is left.
    mutating func restart() {
        group = ConsumerGroup("g", replayed.changes.shuffled(), limits: ConsumerGroup.Limits(), at: now)
    }

    private mutating func write(_ changes: [ConsumerGroupChange]) throws {
        for change in changes {
            let record = ConsumerGroupRecord.record(change, group: "g")
            let parsed = try record.key.withUnsafeBytes { key in
                guard let value = record.value else { return try ConsumerGroupRecord.parse(key: key, value: nil) }
                return try value.withUnsafeBytes { try ConsumerGroupRecord.parse(key: key, value: $0) }
            }
            replayed.apply(parsed!.change)
        }
    }

    /// Whether the records make the same group.
    var isReplayedAlike: Bool {
        group.members == replayed.members && group.targets == replayed.targets && group.epoch == replayed.epoch
            && group.targetEpoch == replayed.targetEpoch
    }
}

/// A client that keeps the protocol: it gives up what it is told to, and says so with its next heartbeat.
struct ConsumerGroupClient {
    let id: String
    var instanceID: String?
    private(set) var topicNames: [String] = []
    private(set) var regex: String?
    var assignor: String?
    var rebalanceTimeoutMilliseconds: Int32 = 60_000
    private(set) var epoch: Int32 = 0
    /// What it reads.
    private(set) var owned = PartitionAssignment()
    /// What it is to read.
    private(set) var assigned = PartitionAssignment()
    /// Whether the next heartbeat leaves nothing out.
    private var tellsEverything = true

    init(_ id: String, _ topicNames: [String] = [], regex: String? = nil, instanceID: String? = nil) {
        self.id = id
        self.topicNames = topicNames
        self.regex = regex
        self.instanceID = instanceID
    }

    /// The next heartbeat: everything when joining or when an answer was lost, else only what may have changed.
    var request: ConsumerGroupHeartbeatRequest {
        var request = ConsumerGroupHeartbeatRequest(
            groupID: "g", memberID: id, memberEpoch: epoch, instanceID: instanceID, topicPartitions: owned.listed)
        if tellsEverything {
            request.rebalanceTimeoutMilliseconds = rebalanceTimeoutMilliseconds
            request.subscribedTopicNames = topicNames
            request.subscribedTopicRegex = regex
            request.serverAssignor = assignor
        }
        return request
    }

    /// Sends a heartbeat, gives up what it says, and takes what may be taken.
    mutating func beat(_ harness: inout ConsumerGroupHarness) throws {
        let response: ConsumerGroupHeartbeatResponse
        do {
            response = try harness.send(request)
        } catch let refusal as GroupRefusal
            where refusal.code == .fencedMemberEpoch || refusal.code == .unknownMemberID
        {
            forget()
            return
        }
        tellsEverything = false
        epoch = response.memberEpoch
        if let assignment = response.assignment { assigned = PartitionAssignment(assignment.topicPartitions) }
        owned = assigned
    }

    /// Sends a heartbeat whose answer is lost.
    mutating func beatInVain(_ harness: inout ConsumerGroupHarness) {
        _ = try? harness.send(request)
        tellsEverything = true
    }

    /// Wants other topics from now on.
    mutating func subscribe(_ names: [String], regex: String?) {
        topicNames = names
        self.regex = regex
        tellsEverything = true
    }

    mutating func leave(_ harness: inout ConsumerGroupHarness, epoch: Int32 = -1) throws {
        var request = ConsumerGroupHeartbeatRequest(groupID: "g", memberID: id, memberEpoch: epoch)
        request.instanceID = instanceID
        try harness.send(request)
        forget()
    }

    /// Starts anew, without partitions.
    mutating func forget() {
        tellsEverything = true
        epoch = 0
        owned = PartitionAssignment()
        assigned = PartitionAssignment()
    }
}
