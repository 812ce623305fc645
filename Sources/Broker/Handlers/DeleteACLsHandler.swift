import KafkaWire

/// DeleteAcls (API 31).
enum DeleteACLsHandler {
    static func handle(_ request: DeleteACLsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            DeleteACLsResponse(
                results: request.filters.map { filter in
                    do throws(BrokerError) {
                        let rules = try core.accessRules()
                        let found = rules.rules.matching(
                            try AccessRuleFilter(
                                resource: filter.resourceType, name: filter.resourceName, pattern: filter.patternType,
                                principal: filter.principal, host: filter.host, operation: filter.operation,
                                permission: filter.permissionType))
                        try rules.remove(Set(found))
                        return .init(matches: found.map(match))
                    } catch {
                        return .init(errorCode: error.errorCode, errorMessage: error.message)
                    }
                })
        } then: { response in
            for result in response.results where result.errorCode != .none { context.count(result.errorCode) }
            context.answer(response)
        }
    }

    private static func match(_ rule: AccessRule) -> DeleteACLsResponse.Match {
        DeleteACLsResponse.Match(
            resourceType: rule.resource.rawValue, resourceName: rule.name, patternType: rule.pattern.rawValue,
            principal: rule.principal, host: rule.host, operation: rule.operation.rawValue,
            permissionType: rule.permission.rawValue)
    }
}

extension AccessRuleFilter {
    private static let any: Int8 = 1

    /// The filter of a request, by Kafka's numbers; throws `invalidRequest` for numbers that are not known.
    init(
        resource: Int8, name: String?, pattern: Int8, principal: String?, host: String?, operation: Int8,
        permission: Int8
    ) throws(BrokerError) {
        guard let resource = AccessResource(rawValue: resource), let operation = AccessOperation(rawValue: operation),
            let pattern = PatternFilter(rawValue: pattern),
            permission == Self.any || AccessRule.Permission(rawValue: permission) != nil
        else { throw BrokerError(.invalidRequest, "a filter for access rules with a number that is not known") }
        self.init(
            resource: resource == .any ? nil : resource, name: name, pattern: pattern, principal: principal, host: host,
            operation: operation == .any ? nil : operation, permission: AccessRule.Permission(rawValue: permission))
    }
}
