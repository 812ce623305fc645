import KafkaWire

/// IncrementalAlterConfigs (API 44): changes of single settings.
enum IncrementalAlterConfigsHandler {
    static func handle(_ request: IncrementalAlterConfigsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            let repeated = Repeated(request.resources.map(\.description))
            return IncrementalAlterConfigsResponse(
                responses: request.resources.map { resource in
                    var response = IncrementalAlterConfigsResponse.Response(type: resource.type, name: resource.name)
                    do throws(BrokerError) {
                        try repeated.check(resource.description)
                        try change(resource, request.validateOnly, core)
                    } catch {
                        response.errorCode = error.errorCode
                        response.errorMessage = error.message
                    }
                    return response
                })
        } then: { response in
            for response in response.responses where response.errorCode != .none { context.count(response.errorCode) }
            context.answer(response)
        }
    }

    private static func change(
        _ resource: IncrementalAlterConfigsRequest.Resource, _ validateOnly: Bool, _ core: BrokerCore
    ) throws(BrokerError) {
        let changed = try ConfigurationResource(
            type: resource.type, name: resource.name, nodeID: core.options.nodeID)
        var changes: [SettingChange] = []
        for config in resource.configs {
            changes.append(try SettingChange(name: config.name, operation: config.operation, value: config.value))
        }
        try ResourceSettings(core: core).change(changed, changes, validateOnly: validateOnly)
    }
}

extension IncrementalAlterConfigsRequest.Resource {
    fileprivate var description: String { "resource \(name.debugDescription) of type \(type)" }
}
