import KafkaWire

/// LeaveGroup (API 13): members are gone when it is answered.
enum LeaveGroupHandler {
    static func handle(_ request: LeaveGroupRequest, _ context: RequestContext) {
        guard !request.groupID.isEmpty else {
            return context.answer(LeaveGroupResponse(errorCode: .invalidGroupID), counting: .invalidGroupID)
        }
        let leavers = request.members.map {
            ClassicGroup.Leaver(memberID: $0.memberID, instanceID: $0.groupInstanceID)
        }
        let errors = context.core.groups.leave(request.groupID, leavers)
        // Before version 3 the only member's error is that of the request.
        let whole = context.version < 3 ? errors.first ?? .none : .none
        let members = zip(request.members, errors).map { member, error in
            LeaveGroupResponse.Member(
                memberID: member.memberID, groupInstanceID: member.groupInstanceID, errorCode: error)
        }
        context.answer(LeaveGroupResponse(errorCode: whole, members: members), counting: whole)
    }
}
