import KafkaWire
import System

/// ListTransactions (API 66): the transactional ids that are known.
enum ListTransactionsHandler {
    static func handle(_ request: ListTransactionsRequest, _ context: RequestContext) {
        let states = Set(request.stateFilters.compactMap { TransactionState(name: $0) })
        let unknown = request.stateFilters.filter { TransactionState(name: $0) == nil }
        var pattern: TopicPattern?
        if let text = request.transactionalIDPattern, !text.isEmpty {
            do throws(TopicPattern.Failure) { pattern = try TopicPattern(text) } catch {
                context.count(.invalidRegularExpression)
                return context.answer(ListTransactionsResponse(errorCode: .invalidRegularExpression))
            }
        }
        let producers = Set(request.producerIDFilters)
        let now = context.core.clock.wallMilliseconds
        let found = context.core.transactions.all.filter { id, transaction in
            guard request.stateFilters.isEmpty || states.contains(transaction.state) else { return false }
            guard producers.isEmpty || producers.contains(transaction.producer.id) else { return false }
            guard pattern?.matches(id) ?? true else { return false }
            guard request.durationFilterMilliseconds >= 0 else { return true }
            return transaction.state.isActive
                && now - transaction.startMilliseconds > request.durationFilterMilliseconds
        }
        context.answer(
            ListTransactionsResponse(
                unknownStateFilters: unknown,
                transactions: found.map { id, transaction in
                    ListTransactionsResponse.Transaction(
                        transactionalID: id, producerID: transaction.producer.id, state: transaction.state.name)
                }))
    }
}
