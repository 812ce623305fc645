import Bytes

extension StateRecord {
    /// A record of `__transaction_state`.
    static func ofTransactions(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?
    ) throws(DecodeError) -> StateRecord? {
        switch try TransactionRecord.parseKey(key) {
        case .transaction(let id):
            let stored = try value.map(TransactionRecord.parseValue)
            return StateRecord("transaction", [Field("transactional_id", .text(id))], stored.map(fields))
        case .offset(let id, let offset):
            let stored = try value.map(OffsetRecord.parseValue)
            return StateRecord(
                "transaction_offset", [Field("transactional_id", .text(id))] + self.key(offset),
                stored.map { self.fields($0) })
        case nil: return nil
        }
    }

    private static func fields(_ transaction: Transaction) -> [Field] {
        let partitions = transaction.partitions.map { "\($0.topic)-\($0.partition)" }.sorted()
        var fields = [
            Field("state", .text(transaction.state.name)), Field("producer_id", .number(transaction.producer.id)),
            Field("producer_epoch", .number(transaction.producer.epoch)),
            Field("timeout_milliseconds", .number(transaction.timeoutMilliseconds)),
            Field("partitions", .list(partitions.map { .text($0) })),
            Field("updated_milliseconds", .number(transaction.updateMilliseconds)),
            Field("started_milliseconds", .number(transaction.startMilliseconds)),
        ]
        for (name, id) in [
            ("previous_producer_id", transaction.previousProducerID), ("next_producer_id", transaction.nextProducerID),
        ] where id >= 0 {
            fields.append(Field(name, .number(id)))
        }
        return fields
    }
}
