import KafkaWire
import Streams
import System

extension EmbeddedStreams {
    public func groups() throws(StreamError) -> [StreamGroupListing] {
        try checkOpen()
        return groupCoordinator.list().map { StreamGroupListing(name: $0.id, state: Self.state($0.state)) }
    }

    public func group(_ name: String) throws(StreamError) -> StreamGroupDescription? {
        try checkOpen()
        let group = groupCoordinator.group(name)
        if let classic = group?.classic { return Self.description(classic) }
        if let consumer = group?.consumer { return description(name, consumer) }
        guard groupCoordinator.offsets.hasOffsets(name) else { return nil }
        return StreamGroupDescription(name: name, state: .empty, assignor: "", members: [])
    }

    private static func description(_ group: ClassicGroup) -> StreamGroupDescription {
        StreamGroupDescription(
            name: group.id, state: state(group.state.rawValue), assignor: group.protocolName ?? "",
            members: group.membersInOrder.map { member in
                // Members that are no consumers get something that the broker does not understand.
                let partitions = (try? member.assignment.parsed(ConsumerAssignment.partitions)) ?? []
                return StreamGroupDescription.Member(
                    id: member.id, instanceID: member.instanceID, clientID: member.clientID, host: member.clientHost,
                    partitions: sorted(partitions.map { TopicPartition($0.topic, $0.partition) }))
            })
    }

    private func description(_ name: String, _ group: ConsumerGroup) -> StreamGroupDescription {
        StreamGroupDescription(
            name: name, state: Self.state(group.state.rawValue), assignor: group.assignor.rawValue,
            members: group.members.sorted { $0.key < $1.key }.map { id, member in
                let partitions = member.progress.assigned.listed.flatMap { assigned -> [TopicPartition] in
                    guard let topic = catalog.topic(id: assigned.topicID) else { return [] }
                    return assigned.partitions.map { TopicPartition(topic.name, $0) }
                }
                let said = member.description
                return StreamGroupDescription.Member(
                    id: id, instanceID: said.instanceID, clientID: said.clientID, host: said.clientHost,
                    partitions: Self.sorted(partitions))
            })
    }

    private static func sorted(_ partitions: [TopicPartition]) -> [TopicPartition] {
        partitions.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    public func deleteGroup(_ name: String) throws(StreamError) {
        try checkOpen()
        let outcome = Condition<ErrorCode?>(nil)
        groupCoordinator.delete([name]) { errors in outcome.update { $0 = errors[0] } }
        switch outcome.wait(milliseconds: nil, until: { $0 }) ?? .none {
        case .none: return
        case .nonEmptyGroup: throw StreamError(.groupNotEmpty, "group \(name) has members: stop them first")
        case .groupIDNotFound: throw StreamError(.unknownGroup, "group \(name) does not exist")
        case .invalidGroupID: throw StreamError(.invalidArgument, "a group needs a name")
        case let error: throw StreamError(.storage, "group \(name) could not be deleted: \(error)")
        }
    }

    private static func state(_ name: String) -> StreamGroupState {
        switch name {
        case "Empty": .empty
        case "PreparingRebalance": .preparingRebalance
        // The last two are of groups whose partitions the broker assigns: members give up what others shall have.
        case "CompletingRebalance", "Assigning", "Reconciling": .completingRebalance
        case "Stable": .stable
        case "Dead": .dead
        default: .unknown
        }
    }
}
