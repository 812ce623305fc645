import Observability
import Synchronization
import System

extension PartitionLog {
    /// Calls `done` when everything below `offset` is durable, or cannot become so.
    ///
    /// The call comes at once when that is known already, else on a thread of the flusher; it must be quick.
    /// With relaxed durability, written counts as durable.
    public func whenDurable(upTo offset: Int64, _ done: @escaping @Sendable (Result<Void, LogError>) -> Void) {
        enum Next: Sendable {
            case answer(Result<Void, LogError>)
            case wait(asking: Bool)
        }
        let next = always { (state) -> Next in
            precondition(offset <= state.endOffset, "waiting for records that were not appended")
            if offset <= state.durableOffset { return .answer(.success(())) }
            do throws(LogError) { try state.checkWritable(name) } catch { return .answer(.failure(error)) }
            if isRelaxed(state.settings) { return .answer(.success(())) }
            guard state.waiters.count < PartitionState.waitersMax else {
                return .answer(.failure(.limit("callers waiting for \(name)")))
            }
            state.waiters.append(DurabilityWaiter(offset: offset, done: done))
            return .wait(asking: state.queueFlush(.now))
        }
        switch next {
        case .answer(let result): done(result)
        case .wait(let asking): if asking { environment.flusher.request(self, .now) }
        }
    }

    /// Whether `.durable` means no more than `.written`.
    func isRelaxed(_ settings: PartitionSettings) -> Bool {
        settings.writeCaching || environment.options.relaxedDurability && !settings.isAlwaysDurable
    }

    private struct Sync: Sendable {
        let target: Int64
        let closed: [SegmentFiles]
        let active: SegmentFiles?
        let indexes: Set<Int64>
        let syncsNames: Bool
    }

    /// Syncs everything that was written before the call, moves the high watermark, and answers those who waited.
    ///
    /// - Returns: what became durable.
    @discardableResult
    func flush() throws(LogError) -> Flushed {
        try syncLock.withLock { (_) throws(LogError) -> Flushed in
            var bytes = 0
            let sync = always { (state) -> Sync? in
                state.queuedFlush = nil
                guard case .open = state.status, state.durableOffset < state.endOffset || state.hasUnsyncedNames else {
                    return nil
                }
                bytes = state.unsyncedBytes
                state.unsyncedBytes = 0
                precondition(state.firstSyncing == nil, "one sync at a time")
                state.firstSyncing = state.firstUnsynced
                state.firstUnsynced = nil
                defer {
                    state.unsyncedSegments = []
                    state.unsyncedIndexes = []
                    state.hasUnsyncedNames = false
                }
                return Sync(
                    target: state.endOffset, closed: state.unsyncedSegments, active: state.active.files,
                    indexes: state.unsyncedIndexes, syncsNames: state.hasUnsyncedNames)
            }
            guard let sync else {
                answerWaiters()
                return Flushed()
            }
            do throws(SystemError) { try perform(sync) } catch {
                fail(.storage(error))
                throw .storage(error)
            }
            let moved = try locked { (state) throws(LogError) -> Bool in
                state.durableOffset = max(state.durableOffset, sync.target)
                state.firstSyncing = nil
                return state.advanceHighWatermark()
            }
            answerWaiters()
            if moved { notify() }
            return Flushed(bytes: bytes, closesSegment: !sync.closed.isEmpty)
        }
    }

    private func perform(_ sync: Sync) throws(SystemError) {
        if sync.syncsNames { try environment.fileSystem.syncDirectory(directory) }
        for files in sync.closed {
            try files.log.syncData()
            try files.offsets?.syncData()
            try files.times?.syncData()
        }
        try sync.active?.log.syncData()
        // Hints: losing one costs reading the log at the next start.
        for base in sync.indexes {
            let path = SegmentFiles.stem(directory, base) + TransactionIndex.ending
            try? environment.fileSystem.open(path, .readWrite).syncData()
        }
    }

    private func answerWaiters() {
        let ready = always { (state) -> [DurabilityWaiter] in
            guard !state.waiters.isEmpty else { return [] }
            let durable = state.durableOffset
            let ready = state.waiters.filter { $0.offset <= durable }
            state.waiters.removeAll { $0.offset <= durable }
            return ready
        }
        for waiter in ready { waiter.done(.success(())) }
    }

    /// A sync failed: the kernel may have dropped the dirty pages, so a second try would succeed without the data
    /// being there. Nothing is acknowledged from here on.
    private func fail(_ error: LogError) {
        environment.noteFailedSync()
        end(.failed(error), error)
        environment.log.error("\(name): \(error); the disk can no longer be trusted, ending")
        environment.options.onFatal(error)
    }
}
