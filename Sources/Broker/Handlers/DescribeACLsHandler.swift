import KafkaWire

/// DescribeAcls (API 29).
enum DescribeACLsHandler {
    static func handle(_ request: DescribeACLsRequest, _ context: RequestContext) {
        do throws(BrokerError) {
            let rules = try context.core.accessRules()
            let filter = try AccessRuleFilter(
                resource: request.resourceType, name: request.resourceName, pattern: request.patternType,
                principal: request.principal, host: request.host, operation: request.operation,
                permission: request.permissionType)
            context.answer(DescribeACLsResponse(resources: resources(rules.rules.matching(filter))))
        } catch {
            context.count(error.errorCode)
            context.answer(DescribeACLsResponse(errorCode: error.errorCode, errorMessage: error.message))
        }
    }

    private struct Place: Hashable {
        let resource: AccessResource
        let pattern: AccessRule.Pattern
        let name: String
    }

    private static func resources(_ rules: [AccessRule]) -> [DescribeACLsResponse.Resource] {
        let places = Dictionary(grouping: rules) { Place(resource: $0.resource, pattern: $0.pattern, name: $0.name) }
        return places.map { place, rules in
            DescribeACLsResponse.Resource(
                type: place.resource.rawValue, name: place.name, patternType: place.pattern.rawValue,
                rules: rules.map {
                    .init(
                        principal: $0.principal, host: $0.host, operation: $0.operation.rawValue,
                        permissionType: $0.permission.rawValue)
                })
        }.sorted { ($0.type, $0.name, $0.patternType) < ($1.type, $1.name, $1.patternType) }
    }
}
