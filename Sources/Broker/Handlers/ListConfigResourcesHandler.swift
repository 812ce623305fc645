import KafkaWire

/// ListConfigResources (API 74): topics, the broker with its log levels, and groups that have settings of their own.
enum ListConfigResourcesHandler {
    static func handle(_ request: ListConfigResourcesRequest, _ context: RequestContext) {
        // Version 0 is ListClientMetricsResources, of which there are none.
        guard context.version >= 1 else { return context.answer(ListConfigResourcesResponse()) }
        var types: [ConfigResourceType] = []
        for number in request.resourceTypes {
            guard let type = ConfigResourceType(rawValue: number) else {
                context.count(.unsupportedVersion)
                return context.answer(ListConfigResourcesResponse(errorCode: .unsupportedVersion))
            }
            if !types.contains(type) { types.append(type) }
        }
        if types.isEmpty { types = ConfigResourceType.allCases }
        context.answer(
            ListConfigResourcesResponse(
                resources: types.flatMap { type in
                    names(type, context.core).map {
                        ListConfigResourcesResponse.Resource(name: $0, type: type.rawValue)
                    }
                }))
    }

    private static func names(_ type: ConfigResourceType, _ core: BrokerCore) -> [String] {
        switch type {
        case .topic: core.catalog.topics.map(\.name)
        case .broker, .brokerLogger: ["\(core.options.nodeID)"]
        case .group: core.settings.groupNames
        case .clientMetrics: []
        }
    }
}
