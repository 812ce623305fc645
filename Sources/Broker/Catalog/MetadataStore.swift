import Bytes
import Synchronization
import System

/// The contents of `__cluster_metadata`: topic records by id, and where the next block of producer ids begins.
///
/// Thread-safe. `put` returns when the record is durable. Replayed from the log when it is made.
final class MetadataStore: Sendable {
    private struct State: Sendable {
        var topics: [UUID: MetadataRecord.TopicRecord] = [:]
        /// Names whose last topic was deleted, in case its files are still there.
        var deletedNames: Set<String> = []
        var nextProducerID: Int64 = 0

        mutating func apply(_ record: MetadataRecord) {
            switch record {
            case .topic(let topic):
                topics[topic.id] = topic
                deletedNames.remove(topic.name)
            case .topicDeleted(let id):
                if let topic = topics.removeValue(forKey: id) { deletedNames.insert(topic.name) }
            case .producerIDs(let next):
                nextProducerID = max(nextProducerID, next)
            }
        }

        var records: [MetadataRecord] {
            topics.values.map { MetadataRecord.topic($0) } + [.producerIDs(next: nextProducerID)]
        }
    }

    private let log: InternalLog
    private let state = Mutex(State())
    /// Held while a record is written, so that the log and `state` see the same order.
    private let writing = Mutex(())

    /// Reads everything that `log` holds; throws `dataDirectory` for a record that this version cannot read.
    init(_ log: InternalLog) throws(BrokerError) {
        self.log = log
        var replayed = State()
        try log.replay { (offset, key, value) throws(BrokerError) in
            do throws(DecodeError) {
                guard let key else { throw DecodeError("metadata record without key", at: 0) }
                replayed.apply(try MetadataRecord(key: key, value: value))
            } catch {
                throw BrokerError(
                    .dataDirectory,
                    "\(TopicName.clusterMetadata) at offset \(offset): \(error); was it written by a newer version?")
            }
        }
        let complete = replayed
        state.withLock { $0 = complete }
    }

    /// All topics that exist.
    var topics: [MetadataRecord.TopicRecord] { state.withLock { Array($0.topics.values) } }

    /// Names of topics that were deleted and not made again.
    var deletedNames: Set<String> { state.withLock { $0.deletedNames } }

    /// The first producer id that was never given out.
    var nextProducerID: Int64 { state.withLock { $0.nextProducerID } }

    /// Writes a record, waits until it is durable, and applies it.
    func put(_ record: MetadataRecord) throws(BrokerError) {
        let outcome: Result<Void, BrokerError> = writing.withLock { _ in
            do throws(BrokerError) {
                let last = try log.append([(record.key, record.value)])
                try log.waitUntilDurable(last)
                let all = state.withLock { state in
                    state.apply(record)
                    return state.records
                }
                try log.rewriteIfWorthwhile { all.map { ($0.key, $0.value) } }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
