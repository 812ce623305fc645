import Bytes
import Observability
import Synchronization
import System

/// Committed offsets of groups, kept in `__consumer_offsets`.
///
/// Thread-safe. A commit can be read once it is durable, and only then its caller is told. Replayed from the log when
/// it is made.
final class OffsetStore: Sendable {
    /// The longest text that a client may store with an offset (Kafka `offset.metadata.max.bytes`).
    static let metadataBytesMax = 4096
    /// Offsets kept at a time, of all groups together.
    static let offsetsMax = 1_000_000
    /// How long the offsets of a group that no longer commits are kept (Kafka `offsets.retention.minutes`), ms.
    static let retentionMilliseconds: Int64 = 7 * 24 * 3600 * 1000

    private struct Entry: Sendable {
        var value: CommittedOffset
        /// Where it stands in the log: of two commits the later one counts, whichever is told of first.
        var recordOffset: Int64
    }

    private struct State: Sendable {
        var groups: [String: [TopicKey: Entry]] = [:]
        var count = 0
        /// Commits that are written but not yet durable.
        var pending = 0

        mutating func apply(_ key: OffsetKey, _ value: CommittedOffset?, _ recordOffset: Int64) {
            let topic = TopicKey(topic: key.topic, partition: key.partition)
            let old = groups[key.group]?[topic]
            if let old, old.recordOffset > recordOffset { return }
            if old == nil, value != nil { count += 1 }
            if old != nil, value == nil { count -= 1 }
            groups[key.group, default: [:]][topic] = value.map { Entry(value: $0, recordOffset: recordOffset) }
            if groups[key.group]?.isEmpty == true { groups[key.group] = nil }
        }
    }

    /// A partition by name.
    struct TopicKey: Hashable, Sendable {
        let topic: String
        let partition: Int32
    }

    private let log: InternalLog
    private let worker: Worker
    private let clock: any Clock
    private let state = Condition(State())
    /// Held while records are written, so that a rewrite stands behind no commit that it does not hold.
    private let writing = Mutex(())

    /// Reads everything that `log` holds.
    init(_ log: InternalLog, worker: Worker, clock: any Clock) throws(BrokerError) {
        self.log = log
        self.worker = worker
        self.clock = clock
        var replayed = State()
        var unreadable = 0
        try log.replay { (offset, key, value) throws(BrokerError) in
            do throws(DecodeError) {
                guard let key, let parsed = try OffsetRecord.parseKey(key) else { return }
                replayed.apply(
                    parsed, try value.map { (raw) throws(DecodeError) in try OffsetRecord.parseValue(raw) }, offset)
            } catch {
                unreadable += 1
            }
        }
        if unreadable > 0 {
            Log("offsets").warning("\(TopicName.consumerOffsets): skipped \(unreadable) records that cannot be read")
        }
        let complete = replayed
        state.withLock { $0 = complete }
    }

    /// What a group has committed for a partition; nil for nothing.
    func committed(_ key: OffsetKey) -> CommittedOffset? {
        state.withLock { $0.groups[key.group]?[TopicKey(topic: key.topic, partition: key.partition)]?.value }
    }

    /// Everything that a group has committed.
    func committed(group: String) -> [TopicKey: CommittedOffset] {
        state.withLock { $0.groups[group]?.mapValues(\.value) ?? [:] }
    }

    /// Names of groups with committed offsets, sorted.
    var groups: [String] { state.withLock { $0.groups.keys.sorted() } }

    /// Writes offsets (nil removes one); calls `done` on any thread once they are durable, or with what failed.
    func commit(
        _ offsets: [(key: OffsetKey, value: CommittedOffset?)], done: @escaping @Sendable (BrokerError?) -> Void
    ) {
        guard !offsets.isEmpty else { return done(nil) }
        let isFull = state.withLock { $0.count + offsets.count > Self.offsetsMax }
        if isFull {
            return done(BrokerError(.limitReached, "\(Self.offsetsMax) committed offsets are kept; delete old groups"))
        }
        let written: Result<Int64, BrokerError> = writing.withLock { _ in
            do throws(BrokerError) {
                let last = try log.append(offsets.map { (OffsetRecord.key($0.key), $0.value.map(OffsetRecord.value)) })
                state.withLock { $0.pending += 1 }
                return .success(last)
            } catch {
                return .failure(error)
            }
        }
        switch written {
        case .failure(let error): done(error)
        case .success(let last):
            log.whenDurable(last) { [self] failure in
                finish(offsets, last: last, failure)
                done(failure)
                if log.isRewriteWorthwhile { _ = worker.submit { self.rewrite() } }
            }
        }
    }

    private func finish(
        _ offsets: [(key: OffsetKey, value: CommittedOffset?)], last: Int64, _ failure: BrokerError?
    ) {
        let first = last - Int64(offsets.count) + 1
        state.update { state in
            state.pending -= 1
            guard failure == nil else { return }
            for (index, offset) in offsets.enumerated() {
                state.apply(offset.key, offset.value, first + Int64(index))
            }
        }
    }

    /// As `commit`, but returns when it is done.
    func commitAndWait(_ offsets: [(key: OffsetKey, value: CommittedOffset?)]) throws(BrokerError) {
        let outcome = Condition<Result<Void, BrokerError>?>(nil)
        commit(offsets) { failure in
            outcome.update { $0 = failure.map { .failure($0) } ?? .success(()) }
        }
        guard let result = outcome.wait(milliseconds: nil, until: { $0 }) else { return }
        try result.get()
    }

    /// Forgets what any group committed for a topic, which is gone.
    func remove(topic: String) {
        remove { key, _ in key.topic == topic }
    }

    /// Forgets offsets that were committed longer ago than `retentionMilliseconds`.
    func expire() {
        let oldest = clock.wallMilliseconds - Self.retentionMilliseconds
        remove { _, value in value.committedMilliseconds < oldest }
    }

    private func remove(where matches: (TopicKey, CommittedOffset) -> Bool) {
        let gone = state.withLock { state in
            state.groups.flatMap { group, entries in
                entries.filter { matches($0.key, $0.value.value) }.map {
                    OffsetKey(group: group, topic: $0.key.topic, partition: $0.key.partition)
                }
            }
        }
        commit(gone.map { ($0, nil) }) { failure in
            if let failure { Log("offsets").warning("could not forget \(gone.count) offsets: \(failure)") }
        }
    }

    /// Writes everything that counts to the end of the log and drops what is before. Runs on the worker.
    private func rewrite() {
        let outcome: Result<Void, BrokerError> = writing.withLock { _ in
            // Nothing new is written meanwhile; what is under way must count before it is copied.
            _ = state.wait(milliseconds: nil) { $0.pending == 0 ? true : nil }
            do throws(BrokerError) {
                return .success(try log.rewriteIfWorthwhile { state.withLock(Self.records) })
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = outcome {
            Log("offsets").warningOncePerMinute(cause: "rewrite", "could not shorten the log: \(error)")
        }
    }

    private static func records(_ state: inout State) -> [(key: [UInt8], value: [UInt8]?)] {
        state.groups.flatMap { group, entries in
            entries.map { topic, entry in
                let key = OffsetKey(group: group, topic: topic.topic, partition: topic.partition)
                return (key: OffsetRecord.key(key), value: OffsetRecord.value(entry.value))
            }
        }
    }
}
