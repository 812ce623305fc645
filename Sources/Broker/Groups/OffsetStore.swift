import Bytes
import Observability
import Synchronization
import System

/// What groups have committed and what they are, kept in `__consumer_offsets`.
///
/// Thread-safe. A change can be read once it is durable, and only then its caller is told. Replayed from the log when it
/// is made. Committed offsets are kept as values; records of other kinds (`GroupRecord`) as bytes, which only the group
/// coordinator reads.
final class OffsetStore: Sendable {
    /// Records that a rewrite of the log writes while it keeps others from writing.
    private static let rewriteCount = 500

    /// A partition by name.
    struct TopicKey: Hashable, Sendable {
        let topic: String
        let partition: Int32
    }

    /// Records that belong together: all are written, or none. A nil value removes its key.
    struct Change: Sendable {
        var offsets: [(key: OffsetKey, value: CommittedOffset?)] = []
        /// Keys and values of other records of the log.
        var records: [(key: [UInt8], value: [UInt8]?)] = []

        var count: Int { offsets.count + records.count }
    }

    /// A change that is written and perhaps not durable yet.
    struct Written: Sendable {
        fileprivate let change: Change
        fileprivate let last: Int64
        fileprivate var first: Int64 { last - Int64(change.count) + 1 }
    }

    private struct Entry<Value: Sendable>: Sendable {
        var value: Value
        /// Where it stands in the log: of two writes the later one counts, whichever is told of first.
        var recordOffset: Int64
    }

    private enum AnyKey: Hashable, Sendable {
        case offset(OffsetKey)
        case record([UInt8])
    }

    /// Writes of one key that are not durable yet.
    private struct Pending: Sendable {
        var count = 0
        /// The latest of them that has become durable.
        var applied: Int64 = -1
    }

    private struct State: Sendable {
        var groups: [String: [TopicKey: Entry<CommittedOffset>]] = [:]
        var records: [[UInt8]: Entry<[UInt8]>] = [:]
        var count = 0
        var pending: [AnyKey: Pending] = [:]
        /// First offsets of the changes that are not durable yet.
        var pendingFirsts: Set<Int64> = []
        var isRewriting = false

        func recordOffset(_ key: AnyKey) -> Int64? {
            switch key {
            case .offset(let key):
                groups[key.group]?[TopicKey(topic: key.topic, partition: key.partition)]?.recordOffset
            case .record(let key): records[key]?.recordOffset
            }
        }

        mutating func apply(_ key: OffsetKey, _ value: CommittedOffset?, _ recordOffset: Int64) {
            let topic = TopicKey(topic: key.topic, partition: key.partition)
            let old = groups[key.group]?[topic]
            if let old, old.recordOffset > recordOffset { return }
            if old == nil, value != nil { count += 1 }
            if old != nil, value == nil { count -= 1 }
            groups[key.group, default: [:]][topic] = value.map { Entry(value: $0, recordOffset: recordOffset) }
            if groups[key.group]?.isEmpty == true { groups[key.group] = nil }
        }

        mutating func apply(_ key: [UInt8], _ value: [UInt8]?, _ recordOffset: Int64) {
            if let old = records[key], old.recordOffset > recordOffset { return }
            records[key] = value.map { Entry(value: $0, recordOffset: recordOffset) }
        }

        /// Notes that a value stands at another place of the log now.
        mutating func move(_ key: AnyKey, to recordOffset: Int64) {
            switch key {
            case .offset(let key):
                let topic = TopicKey(topic: key.topic, partition: key.partition)
                groups[key.group]?[topic]?.recordOffset = recordOffset
            case .record(let key):
                records[key]?.recordOffset = recordOffset
            }
        }

        /// Notes a write that is under way.
        mutating func began(_ key: AnyKey) { pending[key, default: Pending()].count += 1 }

        /// Notes that a write has ended; false when a later one of the key counts already.
        mutating func ended(_ key: AnyKey, _ recordOffset: Int64, isDurable: Bool) -> Bool {
            guard var entry = pending[key] else { return isDurable }
            entry.count -= 1
            let counts = isDurable && entry.applied < recordOffset
            if counts { entry.applied = recordOffset }
            pending[key] = entry.count == 0 ? nil : entry
            return counts
        }
    }

    private let log: InternalLog
    private let worker: Worker
    /// Offsets kept at a time, of all groups together.
    private let offsetsMax: Int
    private let state = Condition(State())
    /// Held while records are written, so that keys and offsets agree about the order.
    private let writing = Mutex(())

    /// Reads everything that `log` holds.
    init(_ log: InternalLog, worker: Worker, offsetsMax: Int) throws(BrokerError) {
        self.log = log
        self.worker = worker
        self.offsetsMax = offsetsMax
        var replayed = State()
        var unreadable = 0
        try log.replay { (offset, key, value) throws(BrokerError) in
            do throws(DecodeError) {
                guard let key else { return }
                guard let parsed = try OffsetRecord.parseKey(key) else {
                    return replayed.apply(Array(key), value.map { Array($0) }, offset)
                }
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

    // MARK: - Reading

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

    /// Whether a group has committed anything, or is about to have.
    func hasOffsets(_ group: String) -> Bool {
        state.withLock { state in
            state.groups[group] != nil
                || state.pending.keys.contains { if case .offset(let key) = $0 { key.group == group } else { false } }
        }
    }

    /// What a group has committed for partitions for which no commit is under way.
    func settled(group: String) -> [TopicKey: CommittedOffset] {
        state.withLock { state in
            guard let entries = state.groups[group] else { return [:] }
            return entries.mapValues(\.value).filter { topic, _ in
                let key = OffsetKey(group: group, topic: topic.topic, partition: topic.partition)
                return state.pending[.offset(key)] == nil
            }
        }
    }

    /// Whether changes are written that are not durable yet.
    var isWriting: Bool { state.withLock { !$0.pendingFirsts.isEmpty } }

    /// Offsets of all groups.
    var count: Int { state.withLock { $0.count } }

    /// Records that are no offsets, by key.
    var records: [[UInt8]: [UInt8]] { state.withLock { $0.records.mapValues(\.value) } }

    /// Whether there is a record of this key, or one is being written.
    func hasRecord(_ key: [UInt8]) -> Bool {
        state.withLock { $0.records[key] != nil || $0.pending[.record(key)] != nil }
    }

    // MARK: - Writing

    /// Writes offsets (nil removes one); calls `done` on any thread once they are durable, or with what failed.
    func commit(
        _ offsets: [(key: OffsetKey, value: CommittedOffset?)], done: @escaping @Sendable (BrokerError?) -> Void
    ) {
        guard !offsets.isEmpty else { return done(nil) }
        do throws(BrokerError) {
            whenDurable(try write(Change(offsets: offsets)), done)
        } catch {
            done(error)
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

    /// Appends a change, which must not be empty, to the log. It counts once `whenDurable` has been called and says so;
    /// that must be called.
    func write(_ change: Change) throws(BrokerError) -> Written {
        let isFull = state.withLock { state in
            // What is kept already may move on.
            let added = change.offsets.count { $0.value != nil && state.recordOffset(.offset($0.key)) == nil }
            return added > 0 && state.count + added > offsetsMax
        }
        if isFull {
            throw BrokerError(.limitReached, "\(offsetsMax) committed offsets are kept; delete old groups")
        }
        let pairs =
            change.offsets.map { (OffsetRecord.key($0.key), $0.value.map(OffsetRecord.value)) } + change.records
        let written: Result<Written, BrokerError> = writing.withLock { _ in
            do throws(BrokerError) {
                let written = Written(change: change, last: try log.append(pairs))
                state.withLock { state in
                    state.pendingFirsts.insert(written.first)
                    for offset in change.offsets { state.began(.offset(offset.key)) }
                    for record in change.records { state.began(.record(record.key)) }
                }
                return .success(written)
            } catch {
                return .failure(error)
            }
        }
        return try written.get()
    }

    /// Calls `done` on any thread once a change is durable and can be read, or with what failed.
    func whenDurable(_ written: Written, _ done: @escaping @Sendable (BrokerError?) -> Void) {
        log.whenDurable(written.last) { [self] failure in
            finish(written, failure)
            done(failure)
            rewriteIfWorthwhile()
        }
    }

    private func finish(_ written: Written, _ failure: BrokerError?) {
        let change = written.change
        state.update { state in
            state.pendingFirsts.remove(written.first)
            for (index, offset) in change.offsets.enumerated() {
                let place = written.first + Int64(index)
                if state.ended(.offset(offset.key), place, isDurable: failure == nil) {
                    state.apply(offset.key, offset.value, place)
                }
            }
            for (index, record) in change.records.enumerated() {
                let place = written.first + Int64(change.offsets.count + index)
                if state.ended(.record(record.key), place, isDurable: failure == nil) {
                    state.apply(record.key, record.value, place)
                }
            }
        }
    }

    /// Forgets what any group committed for a topic, which is gone; calls `done` with the groups that are left without
    /// offsets.
    func remove(topic: String, done: @escaping @Sendable ([String]) -> Void) {
        let gone = state.withLock { state in
            state.groups.flatMap { group, entries in
                entries.keys.filter { $0.topic == topic }.map {
                    OffsetKey(group: group, topic: topic, partition: $0.partition)
                }
            }
        }
        commit(gone.map { ($0, nil) }) { [self] failure in
            if let failure { Log("offsets").warning("could not forget \(gone.count) offsets: \(failure)") }
            done(Set(gone.map(\.group)).filter { !hasOffsets($0) })
        }
    }

    // MARK: - Keeping the log short

    private func rewriteIfWorthwhile() {
        guard log.isRewriteWorthwhile else { return }
        let isFirst = state.withLock { state in
            defer { state.isRewriting = true }
            return !state.isRewriting
        }
        guard isFirst else { return }
        let taken = worker.submit { [self] in
            do throws(BrokerError) {
                try rewrite()
            } catch {
                Log("offsets").warningOncePerMinute(cause: "rewrite", "could not shorten the log: \(error)")
            }
            state.withLock { $0.isRewriting = false }
        }
        if !taken { state.withLock { $0.isRewriting = false } }
    }

    /// Writes everything that counts to the end of the log and drops what is before. Runs on the worker; others write
    /// meanwhile, so it takes a few records at a time.
    private func rewrite() throws(BrokerError) {
        guard log.isRewriteWorthwhile else { return }
        let start = writing.withLock { _ in log.endOffset }
        _ = state.wait(milliseconds: nil) { state in state.pendingFirsts.allSatisfy { $0 >= start } ? true : nil }
        let keys = state.withLock { state in
            state.groups.flatMap { group, entries in
                entries.keys.map { AnyKey.offset(OffsetKey(group: group, topic: $0.topic, partition: $0.partition)) }
            } + state.records.keys.map { AnyKey.record($0) }
        }
        var last: Int64 = -1
        for first in stride(from: 0, to: keys.count, by: Self.rewriteCount) {
            let some = keys[first..<min(first + Self.rewriteCount, keys.count)]
            last = max(last, try copyToEnd(some, before: start))
        }
        if last >= 0 { try log.waitUntilDurable(last) }
        try log.dropRecords(before: start)
    }

    /// Writes the values of keys again whose records stand before `start`; returns the offset of the last, -1 for none.
    private func copyToEnd(_ keys: ArraySlice<AnyKey>, before start: Int64) throws(BrokerError) -> Int64 {
        let outcome: Result<Int64, BrokerError> = writing.withLock { _ in
            let pairs = state.withLock { state in
                keys.compactMap { key -> (key: AnyKey, pair: InternalLog.Pair)? in
                    // A write that is under way stands behind `start` and says more than what would be copied.
                    guard state.pending[key] == nil, let place = state.recordOffset(key), place < start,
                        let pair = Self.pair(state, key)
                    else { return nil }
                    return (key, pair)
                }
            }
            guard !pairs.isEmpty else { return .success(-1) }
            do throws(BrokerError) {
                let last = try log.append(pairs.map(\.pair))
                state.withLock { state in
                    for (index, moved) in pairs.enumerated() {
                        state.move(moved.key, to: last - Int64(pairs.count - 1 - index))
                    }
                }
                return .success(last)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func pair(_ state: State, _ key: AnyKey) -> InternalLog.Pair? {
        switch key {
        case .offset(let key):
            state.groups[key.group]?[TopicKey(topic: key.topic, partition: key.partition)].map {
                (OffsetRecord.key(key), OffsetRecord.value($0.value))
            }
        case .record(let key):
            state.records[key].map { (key, $0.value) }
        }
    }
}
