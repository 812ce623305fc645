import KafkaWire

/// DescribeGroups (API 15): classic groups and groups without members. One that does not exist is `Dead`, which is an
/// error of its own from version 6 on.
enum DescribeGroupsHandler {
    /// What everybody may do with a group: read it, delete it, describe it (bits of Kafka's `AclOperation`).
    static let authorizedOperations: Int32 = 1 << 3 | 1 << 6 | 1 << 8

    static func handle(_ request: DescribeGroupsRequest, _ context: RequestContext) {
        let groups = request.groups.map { id in
            var described = describe(id, context)
            if request.includesAuthorizedOperations, described.errorCode == .none {
                described.authorizedOperations = authorizedOperations
            }
            return described
        }
        context.answer(DescribeGroupsResponse(groups: groups))
    }

    private static func describe(_ id: String, _ context: RequestContext) -> DescribeGroupsResponse.Group {
        guard !id.isEmpty else {
            return DescribeGroupsResponse.Group(
                errorCode: .invalidGroupID, errorMessage: "a group needs a name",
                state: ClassicGroup.State.dead.rawValue)
        }
        let groups = context.core.groups
        if let group = groups.group(id) {
            guard let classic = group.classic else { return missing("group \(id) is not a classic group", id, context) }
            return describe(classic)
        }
        guard groups.offsets.hasOffsets(id) else { return missing("group \(id) does not exist", id, context) }
        return DescribeGroupsResponse.Group(groupID: id, state: ClassicGroup.State.empty.rawValue)
    }

    private static func missing(
        _ message: String, _ id: String, _ context: RequestContext
    ) -> DescribeGroupsResponse.Group {
        DescribeGroupsResponse.Group(
            errorCode: context.version >= 6 ? .groupIDNotFound : .none, errorMessage: message, groupID: id,
            state: ClassicGroup.State.dead.rawValue)
    }

    /// What members say and got is told only while it counts.
    private static func describe(_ group: ClassicGroup) -> DescribeGroupsResponse.Group {
        let isStable = group.state == .stable
        return DescribeGroupsResponse.Group(
            groupID: group.id, state: group.state.rawValue, protocolType: group.protocolType ?? "",
            protocolData: isStable ? group.protocolName ?? "" : "",
            members: group.membersInOrder.map { member in
                DescribeGroupsResponse.Member(
                    memberID: member.id, groupInstanceID: member.instanceID, clientID: member.clientID,
                    clientHost: member.clientHost, metadata: isStable ? member.metadata(group.protocolName) : [],
                    assignment: isStable ? member.assignment : [])
            })
    }
}
