import KafkaWire

/// AlterConfigs (API 33): whole sets of settings.
enum AlterConfigsHandler {
    static func handle(_ request: AlterConfigsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            let repeated = Repeated(request.resources.map(\.description))
            return AlterConfigsResponse(
                responses: request.resources.map { resource in
                    var response = AlterConfigsResponse.Response(type: resource.type, name: resource.name)
                    do throws(BrokerError) {
                        try repeated.check(resource.description)
                        try ResourceSettings(core: core).replace(
                            ConfigurationResource(
                                type: resource.type, name: resource.name, nodeID: core.options.nodeID),
                            with: resource.configs.map { ($0.name, $0.value) }, validateOnly: request.validateOnly)
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
}

extension AlterConfigsRequest.Resource {
    fileprivate var description: String { "resource \(name.debugDescription) of type \(type)" }
}
