import KafkaWire

/// ConsumerGroupDescribe (API 69): groups whose partitions the broker assigns.
enum ConsumerGroupDescribeHandler {
    private typealias Response = ConsumerGroupDescribeResponse

    /// What members are in the response: of the classic protocol, or of the new one.
    private static let (classicMember, consumerMember) = (Int8(0), Int8(1))

    static func handle(_ request: ConsumerGroupDescribeRequest, _ context: RequestContext) {
        let groups = request.groupIDs.map { id in
            var described = describe(id, context)
            if request.includeAuthorizedOperations, described.errorCode == .none {
                described.authorizedOperations = DescribeGroupsHandler.authorizedOperations
            }
            return described
        }
        context.answer(ConsumerGroupDescribeResponse(groups: groups))
    }

    private static func describe(_ id: String, _ context: RequestContext) -> ConsumerGroupDescribeResponse.Group {
        guard !id.isEmpty else {
            return Response.Group(errorCode: .invalidGroupID, errorMessage: "a group needs a name")
        }
        guard let group = context.core.groups.group(id)?.consumer else {
            return Response.Group(
                errorCode: .groupIDNotFound, errorMessage: "there is no consumer group \(id)", groupID: id)
        }
        let topics = context.core.catalog.snapshot
        return Response.Group(
            groupID: id, state: group.state.rawValue, groupEpoch: group.epoch.number,
            assignmentEpoch: group.targetEpoch, assignorName: group.assignor.rawValue,
            members: group.members.sorted { $0.key < $1.key }.map { id, member in
                describe(id, member, group.targets[id] ?? PartitionAssignment(), topics)
            })
    }

    private static func describe(
        _ id: String, _ member: ConsumerGroupMember, _ target: PartitionAssignment, _ topics: TopicSnapshot
    ) -> ConsumerGroupDescribeResponse.Member {
        let said = member.description
        return Response.Member(
            memberID: id, instanceID: said.instanceID, rackID: said.rackID, memberEpoch: member.progress.epoch,
            clientID: said.clientID, clientHost: said.clientHost, subscribedTopicNames: said.topicNames,
            subscribedTopicRegex: said.topicRegex, assignment: describe(member.progress.assigned, topics),
            targetAssignment: describe(target, topics), memberType: said.classic == nil ? consumerMember : classicMember
        )
    }

    /// Topics that are gone are left out: they have no name.
    private static func describe(
        _ assignment: PartitionAssignment, _ topics: TopicSnapshot
    ) -> ConsumerGroupDescribeResponse.Assignment {
        Response.Assignment(
            topicPartitions: assignment.listed.compactMap { topic in
                topics.names[topic.topicID].map {
                    Response.TopicPartitions(topicID: topic.topicID, topicName: $0, partitions: topic.partitions)
                }
            })
    }
}
