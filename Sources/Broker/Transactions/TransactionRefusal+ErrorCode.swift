import KafkaWire

extension TransactionRefusal {
    /// The code that a client is told.
    ///
    /// - Parameters:
    ///   - fenced: the code for a producer that was replaced, which depends on the API and its version.
    ///   - isAbortable: whether the client knows TRANSACTION_ABORTABLE (KIP-890).
    func errorCode(fenced: ErrorCode, isAbortable: Bool = false) -> ErrorCode {
        switch self {
        case .unknownProducer: .invalidProducerIDMapping
        case .fenced: fenced
        case .wrongState: .invalidTransactionState
        case .notInTransaction: isAbortable ? .transactionAbortable : .invalidTransactionState
        case .busy: .concurrentTransactions
        case .timeoutTooLong: .invalidTransactionTimeout
        case .invalid: .invalidRequest
        case .limitReached: .policyViolation
        case .failed(let kind): BrokerError(kind, "").errorCode
        }
    }
}
