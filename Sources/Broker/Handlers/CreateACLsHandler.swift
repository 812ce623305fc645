import KafkaWire

/// CreateAcls (API 30).
enum CreateACLsHandler {
    static func handle(_ request: CreateACLsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            var failures: [BrokerError?] = []
            var rules: [AccessRule] = []
            for creation in request.creations {
                do throws(BrokerError) {
                    _ = try core.accessRules()
                    rules.append(try rule(creation))
                    failures.append(nil)
                } catch {
                    failures.append(error)
                }
            }
            var failure: BrokerError?
            do throws(BrokerError) {
                if !rules.isEmpty { try core.accessRules().add(rules) }
            } catch {
                failure = error
            }
            return CreateACLsResponse(
                results: failures.map { own in
                    let error = own ?? failure
                    return .init(errorCode: error?.errorCode ?? .none, errorMessage: error?.message)
                })
        } then: { response in
            for result in response.results where result.errorCode != .none { context.count(result.errorCode) }
            context.answer(response)
        }
    }

    /// The rule of a request; throws `invalidRequest` for one that means nothing.
    private static func rule(_ creation: CreateACLsRequest.Creation) throws(BrokerError) -> AccessRule {
        guard let resource = AccessResource(rawValue: creation.resourceType), resource != .any else {
            throw BrokerError(.invalidRequest, "a rule for resources of type \(creation.resourceType)")
        }
        guard let pattern = AccessRule.Pattern(rawValue: creation.patternType) else {
            throw BrokerError(
                .invalidRequest, "a rule names resources literally (3) or by prefix (4), not \(creation.patternType)")
        }
        guard let operation = AccessOperation(rawValue: creation.operation), operation != .any else {
            throw BrokerError(.invalidRequest, "a rule for operation \(creation.operation)")
        }
        guard let permission = AccessRule.Permission(rawValue: creation.permissionType) else {
            throw BrokerError(.invalidRequest, "a rule denies (2) or allows (3), not \(creation.permissionType)")
        }
        guard !creation.resourceName.isEmpty else {
            throw BrokerError(.invalidRequest, "a rule without a resource's name")
        }
        guard resource != .cluster || creation.resourceName == AccessResource.clusterName else {
            throw BrokerError(
                .invalidRequest, "the only resource of type cluster is \(AccessResource.clusterName)")
        }
        guard let colon = creation.principal.firstIndex(of: ":"), colon != creation.principal.startIndex,
            creation.principal.index(after: colon) != creation.principal.endIndex
        else {
            throw BrokerError(
                .invalidRequest, "principal \(creation.principal.debugDescription): give type and name, as User:anna")
        }
        guard !creation.host.isEmpty else { throw BrokerError(.invalidRequest, "a rule without a host; * is any") }
        return AccessRule(
            resource: resource, pattern: pattern, name: creation.resourceName, principal: creation.principal,
            host: creation.host, operation: operation, permission: permission)
    }
}
