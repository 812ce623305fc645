import Observability
import RecordBatch
import System

extension PartitionLog {
    /// Appends one batch.
    ///
    /// - Parameters:
    ///   - batch: exactly one validated batch of format 2; its base offset and leader epoch are overwritten in place.
    ///   - header: the batch's header as parsed.
    ///   - durability: whether consumers may see it before it is synced.
    ///   - beginsTransaction: asked under the partition's lock before a batch that would begin a transaction here; the
    ///     batch is refused when it answers false. A marker that is written after the answer ends what the batch began.
    /// - Returns: where it is; for a repeated batch of an idempotent producer, where it was appended first.
    /// - Throws: `LogError`; the log is then as it was before.
    @discardableResult
    public func append(
        _ batch: UnsafeMutableRawBufferPointer, header: RecordBatchHeader, durability: Durability,
        beginsTransaction: () -> Bool = { true }
    ) throws(LogError) -> AppendResult {
        precondition(batch.count == header.totalBytes, "one whole batch")
        precondition(header.lastOffsetDelta >= 0 && header.magic == 2)
        let marker = header.isControl ? try marker(UnsafeRawBufferPointer(batch), header) : nil
        let done = try locked { (state) throws(LogError) -> Appended in
            try state.checkWritable(name)
            if let known = try check(header, marker, state, beginsTransaction) {
                return Appended(result: known, moved: false, flush: nil)
            }
            try environment.freeSpace.admit(batch.count)
            try repairTail(&state)
            try rollIfNeeded(&state, for: header)
            return try write(batch, header, marker, durability, &state)
        }
        if let urgency = done.flush { environment.flusher.request(self, urgency) }
        if done.moved { notify() }
        return done.result
    }

    private struct Appended: Sendable {
        let result: AppendResult
        let moved: Bool
        /// The flush to ask for.
        let flush: FlushUrgency?
    }

    /// Throws when the batch must not be appended; returns where it is when it was appended before.
    private func check(
        _ header: RecordBatchHeader, _ marker: ControlRecord?, _ state: PartitionState, _ beginsTransaction: () -> Bool
    ) throws(LogError) -> AppendResult? {
        if let marker {
            try state.producers.check(marker, producerID: header.producerID, producerEpoch: header.producerEpoch)
            guard state.active.aborted.pending.count < TransactionIndex.pendingMax else {
                throw .limit("aborted transactions that cannot be written to the index of \(name)")
            }
            return nil
        }
        if case .duplicate(let batch) = try state.producers.check(header) {
            return AppendResult(
                baseOffset: batch.firstOffset, lastOffset: batch.lastOffset, timestamp: batch.timestamp,
                isDuplicate: true)
        }
        guard !state.producers.begins(header) || beginsTransaction() else {
            throw .invalidTransactionState(
                producerID: header.producerID, reason: "has no open transaction that includes \(name)")
        }
        return nil
    }

    private func write(
        _ batch: UnsafeMutableRawBufferPointer, _ header: RecordBatchHeader, _ marker: ControlRecord?,
        _ durability: Durability, _ state: inout PartitionState
    ) throws(LogError) -> Appended {
        let start = state.end
        var stored = header
        stored.baseOffset = start.offset
        stored.partitionLeaderEpoch = environment.options.leaderEpoch
        RecordBatchHeader.patch(batch, baseOffset: start.offset, leaderEpoch: stored.partitionLeaderEpoch)
        guard let file = state.active.files?.log else { preconditionFailure("the active segment is open") }
        reserve(file, upTo: start.position + Int64(batch.count), &state)
        do {
            try file.write(UnsafeRawBufferPointer(batch), at: start.position)
        } catch {
            state.hasTornTail = true
            try? repairTail(&state)
            throw .storage(error)
        }
        state.active.size += Int64(batch.count)
        state.active.modifiedMilliseconds = environment.clock.wallMilliseconds
        state.active.arrivedNanoseconds = environment.clock.monotonicNanoseconds
        state.active.index?.note(stored, position: start.position, interval: environment.options.indexIntervalBytes)
        if state.active.index?.isFull == true { writeIndex(&state.active) }
        note(stored, marker, at: start, &state)
        state.endOffset = stored.lastOffset + 1
        state.unsyncedBytes += batch.count
        state.bytesSinceSnapshot += batch.count
        if durability == .durable, state.firstUnsynced == nil, !isRelaxed(state.settings) {
            state.firstUnsynced = start
        }
        let moved = state.advanceHighWatermark()
        let result = AppendResult(
            baseOffset: start.offset, lastOffset: stored.lastOffset, timestamp: stored.maxTimestamp, isDuplicate: false)
        let urgency: FlushUrgency = state.unsyncedBytes >= environment.options.flushBytes ? .soon : .later
        return Appended(result: result, moved: moved, flush: state.queueFlush(urgency) ? urgency : nil)
    }

    /// Cuts off what a failed write left behind the last batch.
    func repairTail(_ state: inout PartitionState) throws(LogError) {
        guard state.hasTornTail, let file = state.active.files?.log else { return }
        let size = state.active.size
        try storing { () throws(SystemError) in try file.truncate(to: size) }
        state.active.reservedEnd = 0
        state.hasTornTail = false
    }

    // MARK: - Room on the disk

    private static let reserveBytesMax: Int64 = 64 << 20

    /// Sets room aside for the next batches, a quarter of what the segment has.
    ///
    /// The file system then has no blocks to find while a batch is written or synced: writes cost half as much, and wait
    /// for hardly anything while a sync is under way. Where no room can be had, each write finds its own.
    private func reserve(_ file: any File, upTo end: Int64, _ state: inout PartitionState) {
        let size = state.active.size
        guard end > state.active.reservedEnd, size >= environment.options.reserveFromBytes else { return }
        let count = min(size / 4, Self.reserveBytesMax)
        state.active.reservedEnd = max(end, size + count)
        guard environment.freeSpace.hasRoom(for: count) else { return }
        try? file.reserve(count, at: size)
    }

    /// Gives back what was set aside and not used.
    func releaseReserve(_ state: inout PartitionState) {
        guard state.active.reservedEnd > state.active.size, !state.hasTornTail else { return }
        try? state.active.files?.log.truncate(to: state.active.size)
        state.active.reservedEnd = 0
    }

    // MARK: - Segments

    private func rollIfNeeded(_ state: inout PartitionState, for header: RecordBatchHeader) throws(LogError) {
        let size = state.active.size + Int64(header.totalBytes)
        let limit = min(state.settings.segmentBytes, PartitionSettings.segmentBytesMax)
        guard header.totalBytes <= PartitionSettings.segmentBytesMax else { throw .limit("bytes in one batch") }
        let isOld = state.active.ageMilliseconds(environment.clock) >= state.settings.segmentAgeMax
        let isFar = state.endOffset + Int64(header.lastOffsetDelta) - state.active.base > Int64(Int32.max)
        guard state.active.size > 0, size > Int64(limit) || isOld || isFar else { return }
        try roll(&state)
    }

    /// Closes the active segment and begins a new one.
    func roll(_ state: inout PartitionState) throws(LogError) {
        precondition(state.active.size > 0 && !state.hasTornTail)
        let base = state.endOffset
        let path = SegmentFiles.stem(directory, base) + ".log"
        let file = try storing { () throws(SystemError) in
            // A file of that name can only be the rest of a roll that failed half-way.
            let file = try environment.fileSystem.open(path, .create)
            if try file.size() > 0 { try file.truncate(to: 0) }
            return file
        }
        state.active.index?.finish()
        writeIndex(&state.active)
        writeSnapshot(&state)
        releaseReserve(&state)
        if let files = state.active.files { state.unsyncedSegments.append(files) }
        state.useCount += 1
        state.active.lastUse = state.useCount
        state.segments.append(
            Segment(
                base: base, size: 0, index: SegmentIndex(),
                files: SegmentFiles(log: file, offsets: nil, times: nil),
                createdNanoseconds: environment.clock.monotonicNanoseconds,
                modifiedMilliseconds: environment.clock.wallMilliseconds, checked: .all))
        state.hasUnsyncedNames = true
        closeIdleFiles(&state)
        _ = state.advanceHighWatermark()
    }

    /// Writes a segment's pending index entries, creating the files at the first time.
    func writeIndex(_ segment: inout Segment) {
        guard segment.index?.hasPending == true, let files = segment.files else { return }
        let stem = SegmentFiles.stem(directory, segment.base)
        if files.offsets == nil || files.times == nil {
            guard let offsets = try? environment.fileSystem.open(stem + ".index", .create),
                let times = try? environment.fileSystem.open(stem + ".timeindex", .create)
            else {
                segment.index?.dropPending()
                return
            }
            segment.files = SegmentFiles(log: files.log, offsets: offsets, times: times)
        }
        guard let offsets = segment.files?.offsets, let times = segment.files?.times else { return }
        segment.index?.write(offsets: offsets, times: times, base: segment.base)
    }

    /// Lets go of the files of closed segments that were not used for longest.
    func closeIdleFiles(_ state: inout PartitionState, keeping keep: Int = PartitionState.openClosedSegmentsMax) {
        var open = state.segments.dropLast().indices.filter { state.segments[$0].files != nil }
        while open.count > keep {
            guard let oldest = open.min(by: { state.segments[$0].lastUse < state.segments[$1].lastUse }) else { return }
            state.segments[oldest].files = nil
            open.removeAll { $0 == oldest }
        }
    }

    /// Writes the producers' state for the log below the end offset. It is not synced: the log can replace it.
    ///
    /// It vouches for the transaction indexes, so there is none while one of them is not complete.
    func writeSnapshot(_ state: inout PartitionState) {
        writeTransactionIndexes(&state)
        guard state.segments.allSatisfy({ $0.aborted.pending.isEmpty }) else { return }
        let bytes = ProducerSnapshot(state).encoded
        let path = SegmentFiles.stem(directory, state.endOffset) + ".snapshot"
        state.bytesSinceSnapshot = 0
        do {
            let file = try environment.fileSystem.open(path, .create)
            try file.truncate(to: 0)
            try bytes.withUnsafeBufferPointer { (raw) throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(raw), at: 0)
            }
            let old = try environment.fileSystem.list(directory).filter { $0.hasSuffix(".snapshot") }
            for name in old.dropLast(ProducerSnapshot.filesMax) {
                try environment.fileSystem.remove(directory + "/" + name)
            }
        } catch {
            environment.log.warningOncePerMinute(cause: "snapshot", "\(path): \(error)")
        }
    }
}
