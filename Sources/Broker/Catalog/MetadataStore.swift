import Bytes
import Synchronization
import System

/// The contents of `__cluster_metadata`: the last record of each key. Who keeps topics, settings and the like reads its
/// own kind of records from here at the start, and writes its changes here.
///
/// Thread-safe. `put` returns when the records are durable. Replayed from the log when it is made.
final class MetadataStore: Sendable {
    private struct State: Sendable {
        var records: [[UInt8]: MetadataRecord] = [:]
        /// Names whose last topic was deleted, in case its files are still there.
        var deletedNames: Set<String> = []

        mutating func apply(_ record: MetadataRecord) {
            let key = record.key
            switch record {
            case .topic(let topic): deletedNames.remove(topic.name)
            case .topicDeleted:
                if case .topic(let topic)? = records[key] { deletedNames.insert(topic.name) }
            default: break
            }
            records[key] = record.isRemoval ? nil : record
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

    /// The last record of each key, without those that were removed.
    var records: [MetadataRecord] { state.withLock { Array($0.records.values) } }

    /// Names of topics that were deleted and not made again.
    var deletedNames: Set<String> { state.withLock { $0.deletedNames } }

    /// Writes records in one batch, waits until they are durable, and applies them.
    func put(_ records: [MetadataRecord]) throws(BrokerError) {
        guard !records.isEmpty else { return }
        let outcome: Result<Void, BrokerError> = writing.withLock { _ in
            do throws(BrokerError) {
                let last = try log.append(records.map { ($0.key, $0.value) })
                try log.waitUntilDurable(last)
                let all = state.withLock { state in
                    for record in records { state.apply(record) }
                    return state.records
                }
                try log.rewriteIfWorthwhile { all.map { ($0.key, $0.value.value) } }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
