import KafkaWire
import RecordBatch

/// How far the timestamps of records may lie from the broker's clock (`message.timestamp.before.max.ms` and
/// `.after.max.ms`, KIP-937). Records without a timestamp are always taken.
struct TimestampLimits: Equatable, Sendable {
    let beforeMaxMilliseconds: Int64
    let afterMaxMilliseconds: Int64

    /// The limits of a topic; nil when it takes every timestamp, and where the broker stamps the records itself.
    init?(_ configuration: TopicConfiguration, _ broker: BrokerConfiguration) {
        guard configuration.value("message.timestamp.type", broker) == "CreateTime" else { return nil }
        // The old setting means both directions where the new ones say nothing.
        let both = configuration.number("message.timestamp.difference.max.ms", broker)
        func limit(_ name: String) -> Int64 {
            let own = configuration.number(name, broker)
            return own == .max ? both : own
        }
        beforeMaxMilliseconds = limit("message.timestamp.before.max.ms")
        afterMaxMilliseconds = limit("message.timestamp.after.max.ms")
        if beforeMaxMilliseconds == .max && afterMaxMilliseconds == .max { return nil }
    }

    /// Throws INVALID_TIMESTAMP, naming the records, unless all records of a checked batch are within the limits.
    func check(_ batch: UnsafeRawBufferPointer, now: Int64) throws(ProduceError) {
        let refused = ProduceError.records(of: batch) { record in
            let timestamp = record.timestampMilliseconds
            guard timestamp >= 0 else { return nil }
            if now - timestamp > beforeMaxMilliseconds {
                return "timestamp \(timestamp) lies \(now - timestamp) ms back, \(beforeMaxMilliseconds) are allowed"
            }
            guard timestamp > now, timestamp - now > afterMaxMilliseconds else { return nil }
            return "timestamp \(timestamp) lies \(timestamp - now) ms ahead, \(afterMaxMilliseconds) are allowed"
        }
        guard let first = refused.first else { return }
        throw ProduceError(
            .invalidTimestamp, "record \(first.batchIndex): \(first.message ?? "timestamp out of range")",
            records: refused)
    }
}
