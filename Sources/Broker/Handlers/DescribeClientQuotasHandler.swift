import KafkaWire

/// DescribeClientQuotas (API 48).
enum DescribeClientQuotasHandler {
    static func handle(_ request: DescribeClientQuotasRequest, _ context: RequestContext) {
        do throws(BrokerError) {
            let filter = try QuotaFilter(
                request.components.map { ($0.entityType, $0.matchType, $0.match) }, isStrict: request.isStrict)
            context.answer(DescribeClientQuotasResponse(entries: context.core.quotas.entries(filter).map(entry)))
        } catch {
            context.count(error.errorCode)
            context.answer(
                DescribeClientQuotasResponse(errorCode: error.errorCode, errorMessage: error.message, entries: nil))
        }
    }

    private static func entry(_ entry: ClientQuotas.Entry) -> DescribeClientQuotasResponse.Entry {
        DescribeClientQuotasResponse.Entry(
            entity: QuotaEntity.Part.allCases.compactMap { part in
                switch entry.entity[part] {
                case nil: nil
                case .default?: .init(type: part.rawValue, name: nil)
                case .named(let name)?: .init(type: part.rawValue, name: name)
                }
            },
            values: entry.values.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init(key: $0.key.rawValue, value: $0.value)
            })
    }
}
