import KafkaWire

/// ListGroups (API 16): all groups, or those in some states or of some types; case does not matter in either.
enum ListGroupsHandler {
    static func handle(_ request: ListGroupsRequest, _ context: RequestContext) {
        let states = Set(request.states.map { $0.lowercased() })
        let types = Set(request.types.map { $0.lowercased() })
        let groups = context.core.groups.list().filter { group in
            (states.isEmpty || states.contains(group.state.lowercased()))
                && (types.isEmpty || types.contains(group.kind.rawValue))
        }
        context.answer(
            ListGroupsResponse(
                groups: groups.map {
                    ListGroupsResponse.Group(
                        groupID: $0.id, protocolType: $0.protocolType, state: $0.state, type: $0.kind.rawValue)
                }))
    }
}
