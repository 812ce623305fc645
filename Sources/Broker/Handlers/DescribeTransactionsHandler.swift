import KafkaWire

/// DescribeTransactions (API 65): how some transactional ids stand.
enum DescribeTransactionsHandler {
    static func handle(_ request: DescribeTransactionsRequest, _ context: RequestContext) {
        let transactions = context.core.transactions
        context.answer(
            DescribeTransactionsResponse(
                transactions: request.transactionalIDs.map { id in
                    guard !id.isEmpty else { return refusal(id, .invalidRequest) }
                    guard let found = transactions.transaction(id) else { return refusal(id, .transactionalIDNotFound) }
                    return describe(id, found)
                }))
    }

    private static func refusal(_ id: String, _ code: ErrorCode) -> DescribeTransactionsResponse.Transaction {
        DescribeTransactionsResponse.Transaction(errorCode: code, transactionalID: id)
    }

    private static func describe(_ id: String, _ found: Transaction) -> DescribeTransactionsResponse.Transaction {
        DescribeTransactionsResponse.Transaction(
            transactionalID: id, state: found.state.name, timeoutMilliseconds: found.timeoutMilliseconds,
            startMilliseconds: found.startMilliseconds, producerID: found.producer.id,
            producerEpoch: found.producer.epoch,
            topics: Dictionary(grouping: found.partitions, by: \.topic).sorted { $0.key < $1.key }.map {
                DescribeTransactionsResponse.Topic(name: $0.key, partitions: $0.value.map(\.partition).sorted())
            })
    }
}
