import KafkaWire

/// AlterClientQuotas (API 49).
enum AlterClientQuotasHandler {
    static func handle(_ request: AlterClientQuotasRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            AlterClientQuotasResponse(
                entries: request.entries.map { entry in
                    var answer = AlterClientQuotasResponse.Entry(
                        entity: entry.entity.map { .init(type: $0.type, name: $0.name) })
                    do throws(BrokerError) {
                        let entity = try QuotaEntity(entry.entity.map { ($0.type, $0.name) })
                        try core.quotas.alter(
                            entity, try changes(entry.operations, of: entity), validateOnly: request.validateOnly)
                    } catch {
                        answer.errorCode = error.errorCode
                        answer.errorMessage = error.message
                    }
                    return answer
                })
        } then: { response in
            for entry in response.entries where entry.errorCode != .none { context.count(entry.errorCode) }
            context.answer(response)
        }
    }

    private static func changes(
        _ operations: [AlterClientQuotasRequest.Operation], of entity: QuotaEntity
    ) throws(BrokerError) -> [QuotaKey: Double?] {
        var changes: [QuotaKey: Double?] = [:]
        for operation in operations {
            let key = try QuotaKey(operation.key, of: entity)
            guard changes[key] == nil else {
                throw BrokerError(.invalidRequest, "quota \(operation.key) is changed twice")
            }
            if !operation.isRemoval { try key.check(operation.value) }
            changes.updateValue(operation.isRemoval ? nil : operation.value, forKey: key)
        }
        return changes
    }
}
