import Bytes
import KafkaWire

extension StateRecord {
    /// A record of `__consumer_offsets`.
    static func ofGroups(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?
    ) throws(DecodeError) -> StateRecord? {
        if let offset = try OffsetRecord.parseKey(key) {
            let stored = try value.map(OffsetRecord.parseValue)
            return StateRecord("committed_offset", self.key(offset), stored.map(fields))
        }
        if let group = try GroupRecord.parseKey(key) {
            let stored = try value.map(GroupRecord.parseValue)
            return StateRecord("group", [Field("group", .text(group))], stored.map(fields))
        }
        guard let (group, change) = try ConsumerGroupRecord.parse(key: key, value: value) else { return nil }
        return ofConsumerGroup(group, change)
    }

    static func key(_ offset: OffsetKey) -> [Field] {
        [
            Field("group", .text(offset.group)), Field("topic", .text(offset.topic)),
            Field("partition", .number(offset.partition)),
        ]
    }

    static func fields(_ offset: CommittedOffset) -> [Field] {
        [
            Field("offset", .number(offset.offset)), Field("leader_epoch", .number(offset.leaderEpoch)),
            Field("metadata", .text(offset.metadata)),
            Field("committed_milliseconds", .number(offset.committedMilliseconds)),
        ] + (offset.expiresMilliseconds.map { [Field("expires_milliseconds", .number($0))] } ?? [])
    }

    private static func fields(_ group: StoredClassicGroup) -> [Field] {
        let members = group.members.map { member in
            StateRecord.Value.fields([
                Field("id", .text(member.id)), Field("instance_id", .optional(member.instanceID)),
                Field("client_id", .text(member.clientID)), Field("client_host", .text(member.clientHost)),
                Field("rebalance_timeout_milliseconds", .number(member.rebalanceTimeoutMilliseconds)),
                Field("session_timeout_milliseconds", .number(member.sessionTimeoutMilliseconds)),
                Field("assignment", assignment(member.assignment)),
            ])
        }
        return [
            Field("protocol_type", .text(group.protocolType)), Field("generation", .number(group.generation)),
            Field("protocol", .optional(group.protocolName)), Field("leader", .optional(group.leader)),
            Field("state_since_milliseconds", .number(group.stateSinceMilliseconds)),
            Field("members", .list(members)),
        ]
    }

    /// Partitions as consumers tell each other: topics by name, or the number of bytes when it is not that.
    private static func assignment(_ bytes: [UInt8]) -> Value {
        guard !bytes.isEmpty else { return .list([]) }
        guard let partitions = try? bytes.parsed(ConsumerAssignment.partitions) else {
            return .text("\(bytes.count) bytes")
        }
        return .list(partitions.map { .text("\($0.topic)-\($0.partition)") })
    }

    private static func ofConsumerGroup(_ group: String, _ change: ConsumerGroupChange) -> StateRecord {
        let name = Field("group", .text(group))
        func of(_ member: String) -> [Field] { [name, Field("member", .text(member))] }
        switch change {
        case .group(let epoch):
            return StateRecord(
                "consumer_group", [name],
                epoch.map {
                    [Field("epoch", .number($0.number)), Field("topics_hash", .number($0.topicsHash))]
                })
        case .targetEpoch(let epoch):
            return StateRecord("consumer_group_target", [name], epoch.map { [Field("epoch", .number($0))] })
        case .member(let id, let description):
            return StateRecord("consumer_group_member", of(id), description.map(fields))
        case .target(let id, let target):
            return StateRecord(
                "consumer_group_member_target", of(id), target.map { [Field("partitions", partitions($0))] })
        case .progress(let id, let progress):
            return StateRecord("consumer_group_member_progress", of(id), progress.map(fields))
        }
    }

    private static func fields(_ member: ConsumerGroupMember.Description) -> [Field] {
        [
            Field("instance_id", .optional(member.instanceID)), Field("rack_id", .optional(member.rackID)),
            Field("client_id", .text(member.clientID)), Field("client_host", .text(member.clientHost)),
            Field("topics", .list(member.topicNames.map { .text($0) })),
            Field("topic_pattern", .optional(member.topicRegex)),
            Field("rebalance_timeout_milliseconds", .number(member.rebalanceTimeoutMilliseconds)),
            Field("assignor", .optional(member.assignor?.rawValue)),
        ]
    }

    /// Partitions of topics by id, as groups of the new protocol keep them.
    private static func partitions(_ assignment: PartitionAssignment) -> Value {
        .list(
            assignment.listed.map { topic in
                .fields([
                    Field("topic_id", .text(topic.topicID.base64)),
                    Field("partitions", .list(topic.partitions.map { .number($0) })),
                ])
            })
    }

    private static func fields(_ progress: ConsumerGroupMember.Progress) -> [Field] {
        [
            Field("epoch", .number(progress.epoch)), Field("previous_epoch", .number(progress.previousEpoch)),
            Field("state", .text("\(progress.state)")), Field("assigned", partitions(progress.assigned)),
            Field("pending_revocation", partitions(progress.pendingRevocation)),
        ]
    }
}
