import CommitLog
import Observability
import RecordBatch
import Streams
import Synchronization
import System

/// Collects records into batches and appends those straight to the log.
///
/// One thread sends; the lingering thread and the log's flusher come in through the lock.
final class EmbeddedProducer: StreamProducer, @unchecked Sendable {
    // Unchecked: every `var` is only touched with `lock` held.

    /// Bytes that are appended but not yet durable; `send` waits when there are more.
    static let inFlightBytesMax = 64 << 20
    /// Room left in a batch for its header and a record's own fields, bytes.
    private static let overheadBytes = 128

    /// What happened to batches that are on their way.
    private struct Flow {
        var inFlightBytes = 0
        var inFlightBatches = 0
        /// The first failure since the last `flush`.
        var failure: StreamError?
        /// Whether it hit a record that nobody was told of.
        var isUntold = false
    }

    private let streams: EmbeddedStreams
    private let options: ProducerOptions
    private let lingerer: Lingerer?
    private let flow = Condition(Flow())
    private let lock = Mutex(())
    private var topics: [String: TopicSlots] = [:]
    private var last: TopicSlots?
    private var filled: [PartitionSlot] = []
    private var isClosed = false
    /// What is to be done once `lock` is let go: those who are told may send again.
    private var afterwards: [() -> Void] = []

    init(_ streams: EmbeddedStreams, _ options: ProducerOptions, _ lingerer: Lingerer?) {
        self.streams = streams
        self.options = options
        self.lingerer = lingerer
    }

    func send(
        topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [StreamHeader], timestampMilliseconds: Int64?,
        delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError) {
        try throwFailure(onlyUntold: true)
        let target = topic
        let timestamp = timestampMilliseconds ?? streams.clock.wallMilliseconds
        guard timestamp >= -1 else {
            throw StreamError(.invalidArgument, "timestamp \(timestamp) ms lies before 1970")
        }
        var wakes = false
        let outcome: Result<Void, StreamError> = lock.withLock { _ in
            do throws(StreamError) {
                let slot = try slot(target, partition, key)
                let size = (key?.count ?? 0) + (value?.count ?? 0) + Self.overheadBytes + Self.size(headers)
                try checkSize(size, slot)
                if !slot.builder.isEmpty && slot.builder.byteCount + size > min(options.batchBytes, slot.bytesMax) {
                    append(slot)
                }
                wakes = filled.isEmpty
                try add(slot, key, value, headers, timestamp, delivered)
                let isFull = slot.builder.byteCount >= options.batchBytes
                if isFull || isLingered(slot, streams.clock.monotonicNanoseconds) { append(slot) }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        runAfterwards()
        do throws(StreamError) {
            try outcome.get()
        } catch {
            guard let delivered, error.code != .closed, error.code != .unknownTopic else { throw error }
            delivered(.failure(error))
            return
        }
        if wakes { lingerer?.wake() }
        waitForRoom()
    }

    func flush(timeoutMilliseconds: Int) throws(StreamError) {
        lock.withLock { _ in appendAll() }
        runAfterwards()
        let done = flow.wait(milliseconds: timeoutMilliseconds) { flow in
            flow.inFlightBatches == 0 || flow.failure != nil ? true : nil
        }
        try throwFailure(onlyUntold: false)
        guard done != nil else {
            throw StreamError(.timedOut, "records were not durable within \(timeoutMilliseconds) ms")
        }
    }

    func close() {
        lock.withLock { _ in
            guard !isClosed else { return }
            appendAll()
            isClosed = true
            topics = [:]
            last = nil
        }
        runAfterwards()
    }

    /// Sends batches that have waited long enough; returns after how many ms the next one will have, nil for none.
    func sendLingered() -> Int? {
        defer { runAfterwards() }
        return lock.withLock { _ in
            let now = streams.clock.monotonicNanoseconds
            for slot in filled where isLingered(slot, now) { append(slot) }
            guard let oldest = filled.map(\.firstNanoseconds).min() else { return nil }
            let age = Int((now - min(oldest, now)) / 1_000_000)
            return max(1, options.lingerMilliseconds - age)
        }
    }

    // MARK: - With the lock held

    private func slot(
        _ name: String, _ partition: Int32?, _ key: UnsafeRawBufferPointer?
    ) throws(StreamError) -> PartitionSlot {
        guard !isClosed else { throw StreamError(.closed, "the producer is closed") }
        try streams.checkOpen()
        let slots = try slots(name)
        let count = Int32(slots.partitions.count)
        let index = partition ?? key.map { Murmur2.partition($0, count: count) } ?? 0
        guard index >= 0, index < count else {
            throw StreamError(.unknownTopic, "topic \(name) has \(count) partitions, none is \(index)")
        }
        return slots.partitions[Int(index)]
    }

    private func slots(_ name: String) throws(StreamError) -> TopicSlots {
        if let last, last.topic.name == name { return last }
        if let known = topics[name] {
            last = known
            return known
        }
        let topic: Topic
        if let present = streams.catalog.topic(name) {
            topic = present
        } else {
            guard streams.options.autoCreate else {
                throw StreamError(.unknownTopic, "topic \(name) does not exist and is not made automatically")
            }
            do throws(BrokerError) { topic = try streams.catalog.ensure(name) } catch { throw error.streamError }
        }
        guard !topic.isInternal else {
            throw StreamError(.invalidArgument, "topic \(name) holds the broker's own state")
        }
        let made = TopicSlots(topic)
        topics[name] = made
        last = made
        return made
    }

    private func checkSize(_ size: Int, _ slot: PartitionSlot) throws(StreamError) {
        guard size <= slot.bytesMax else {
            throw StreamError(
                .messageTooLarge,
                "a record of \(size) bytes for \(slot.topic.name), which takes \(slot.bytesMax) (max.message.bytes)")
        }
    }

    private func add(
        _ slot: PartitionSlot, _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?,
        _ headers: [StreamHeader], _ timestamp: Int64, _ delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError) {
        let index = slot.builder.recordCount
        do throws(RecordBatchError) {
            try slot.builder.append(
                key: key, value: value, headers: headers.map { RecordHeader(name: $0.key, value: $0.value) },
                timestampMilliseconds: timestamp)
        } catch {
            throw StreamError(.messageTooLarge, "\(error)")
        }
        if let delivered { slot.callbacks.append((index, delivered)) }
        if index == 0 {
            slot.firstNanoseconds = streams.clock.monotonicNanoseconds
            filled.append(slot)
        }
    }

    private func isLingered(_ slot: PartitionSlot, _ now: UInt64) -> Bool {
        options.lingerMilliseconds > 0 && !slot.builder.isEmpty
            && now >= slot.firstNanoseconds + UInt64(options.lingerMilliseconds) * 1_000_000
    }

    private func appendAll() {
        for slot in filled { append(slot) }
    }

    /// Appends the slot's batch and empties it.
    private func append(_ slot: PartitionSlot) {
        filled.removeAll { $0 === slot }
        let callbacks = slot.callbacks
        let recordCount = Int(slot.builder.recordCount)
        slot.callbacks = []
        let result = slot.append(
            durability: options.acknowledgement == .durable ? .durable : .written, clock: streams.clock)
        // Counted until its callbacks have run: `flush` must not return while another thread is about to call them.
        flow.withLock { $0.inFlightBatches += 1 }
        switch result {
        case .failure(let error):
            // The topic may have been deleted and made again: it is looked up anew.
            topics[slot.topic.name] = nil
            last = nil
            afterwards.append { [self] in
                tell(callbacks, recordCount, .failure(error))
                settle(bytes: 0)
            }
        case .success(let (appended, bytes)):
            slot.topic.counters.receivedBytes.add(bytes)
            slot.topic.counters.receivedRecords.add(recordCount)
            guard options.acknowledgement == .durable else {
                return afterwards.append { [self] in
                    tell(callbacks, recordCount, .success(appended.baseOffset))
                    settle(bytes: 0)
                }
            }
            flow.withLock { $0.inFlightBytes += bytes }
            let log = slot.log
            afterwards.append { [self] in
                log.whenDurable(upTo: appended.lastOffset + 1) { [self] result in
                    switch result {
                    case .success: tell(callbacks, recordCount, .success(appended.baseOffset))
                    case .failure(let error): tell(callbacks, recordCount, .failure(error.streamError))
                    }
                    settle(bytes: bytes)
                }
            }
        }
    }

    // MARK: - On any thread

    private func tell(
        _ callbacks: [PartitionSlot.Callback], _ recordCount: Int, _ result: Result<Int64, StreamError>
    ) {
        switch result {
        case .success(let base):
            for callback in callbacks { callback.delivered(.success(base + Int64(callback.index))) }
        case .failure(let error):
            if options.acknowledgement != .none {
                flow.update { flow in
                    flow.failure = flow.failure ?? error
                    flow.isUntold = flow.isUntold || callbacks.count < recordCount
                }
            }
            for callback in callbacks { callback.delivered(.failure(error)) }
        }
    }

    /// A batch is done with, its callbacks included.
    private func settle(bytes: Int) {
        flow.update { flow in
            flow.inFlightBatches -= 1
            flow.inFlightBytes -= bytes
        }
    }

    private func runAfterwards() {
        let actions = lock.withLock { _ in
            defer { afterwards = [] }
            return afterwards
        }
        for action in actions { action() }
    }

    private func throwFailure(onlyUntold: Bool) throws(StreamError) {
        let failure = flow.withLock { flow -> StreamError? in
            guard flow.isUntold || !onlyUntold else { return nil }
            defer {
                flow.failure = nil
                flow.isUntold = false
            }
            return flow.failure
        }
        if let failure { throw failure }
    }

    private func waitForRoom() {
        guard options.acknowledgement == .durable else { return }
        _ = flow.wait(milliseconds: nil) { $0.inFlightBytes <= Self.inFlightBytesMax ? true : nil }
    }

    private static func size(_ headers: [StreamHeader]) -> Int {
        headers.isEmpty ? 0 : headers.reduce(0) { $0 + $1.key.utf8.count + ($1.value?.count ?? 0) + 10 }
    }
}
