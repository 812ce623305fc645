import Observability
import RecordBatch
import Synchronization
import System

extension PartitionLog {
    /// Compacts the partition when its settings ask for it and enough is new.
    ///
    /// - Parameters:
    ///   - now: ms since the epoch.
    ///   - pause: called between files; may throw to end the work early.
    /// - Returns: what was done; nil when nothing was due.
    func compact(now: Int64, pause: () throws(LogError) -> Void = {}) throws(LogError) -> CompactionSummary? {
        try finishSwaps()
        try rollIfOld()
        // The end of a transaction that a power cut could take back decides nothing.
        if always({ $0.settings.isCompacted && $0.lastMarkerOffset >= $0.durableOffset }) { try flush() }
        guard let plan = compactionPlan(now: now) else { return nil }
        // From here on offsets may be missing between batches: whoever looks for lost ones must know, also after a crash.
        try environment.cleanedOffsets.update { $0[key] = $0[key] ?? 0 }
        let summary = try LogCleaner(self, plan, now: now).run(pause: pause)
        try environment.cleanedOffsets.update { $0[key] = max($0[key] ?? 0, summary.cleanedOffset) }
        environment.log.info(
            "\(name): compacted \(summary.bytesBefore) bytes to \(summary.bytesAfter), below offset "
                + "\(summary.cleanedOffset)")
        return summary
    }

    /// What a compaction would work on; nil when none is due.
    func compactionPlan(now: Int64) -> CompactionPlan? {
        let cleaned = environment.cleanedOffsets[key] ?? 0
        return always { state in
            guard case .open = state.status, state.settings.isCompacted, state.segments.count > 1,
                state.lastMarkerOffset < state.durableOffset
            else { return nil }
            // A newer record that the disk does not have yet, or whose transaction is not decided, replaces nothing.
            let limit = min(state.durableOffset, state.lastStable.offset)
            var sources: [CompactionPlan.Source] = []
            for (segment, next) in zip(state.segments, state.segments.dropFirst()) {
                guard next.base <= limit, !segment.isSwapPending else { break }
                let silence = max(0, segment.silenceMilliseconds(now: now, environment.clock))
                guard silence >= state.settings.minCompactionLagMilliseconds else { break }
                // Bytes that are no batches may hold a marker: what lies before is not put together with what follows.
                guard !state.damage.contains(where: { $0.segmentBase == segment.base }) else {
                    sources = []
                    continue
                }
                sources.append(
                    CompactionPlan.Source(
                        base: segment.base, end: next.base, size: segment.size,
                        modifiedMilliseconds: segment.modifiedMilliseconds, silenceMilliseconds: silence))
            }
            guard let first = sources.first, let last = sources.last else { return nil }
            let firstDirty = max(min(cleaned, last.end), first.base)
            var plan = CompactionPlan(sources: sources, firstDirty: firstDirty, producers: [:])
            if let oldest = sources.first(where: { $0.end > firstDirty && $0.size > 0 }) {
                plan.isOverdue = oldest.silenceMilliseconds > state.settings.maxCompactionLagMilliseconds
            }
            let isDue = plan.isOverdue || plan.dirtyRatio > state.settings.minCleanableRatio
            guard firstDirty < last.end && isDue else { return nil }
            plan.producers = lastBatches(state)
            return plan
        }
    }

    private func lastBatches(_ state: PartitionState) -> [Int64: CompactionPlan.LastBatch] {
        state.producers.producers.mapValues { producer in
            producer.batches.last.map { .data($0.lastOffset) } ?? .marker(epoch: producer.epoch)
        }
    }

    // MARK: - Replacing segments

    /// Puts a finished file in the place of closed segments. Readers that hold the old files read on.
    func replace(
        _ group: [CompactionPlan.Source], size: Int64, modified: Int64, stem: String
    ) throws(LogError) {
        try careLock.withLock { (_) throws(LogError) in
            let isThere = always { state in
                guard case .open = state.status,
                    let first = state.segments.firstIndex(where: { $0.base == group[0].base }),
                    first + group.count < state.segments.count
                else { return false }
                return zip(group, state.segments[first...]).allSatisfy {
                    $0.base == $1.base && $0.size == $1.size
                } && !state.damage.contains { range in group.contains { $0.base == range.segmentBase } }
            }
            guard isThere else { throw .limit("changes of \(name) while it was compacted") }
            let fileSystem = environment.fileSystem
            try storing { () throws(SystemError) in
                try fileSystem.rename(stem + CleanedSegment.cleanedEnding, to: stem + CleanedSegment.swapEnding)
            }
            do throws(SystemError) { try fileSystem.syncDirectory(directory) } catch {
                // Without the sync nobody knows which of the names a crash leaves: the old files stay in use.
                try? fileSystem.remove(stem + CleanedSegment.swapEnding)
                throw .storage(error)
            }
            always { state in
                guard let first = state.segments.firstIndex(where: { $0.base == group[0].base }) else { return }
                var segment = Segment(
                    base: group[0].base, size: size, createdNanoseconds: state.segments[first].createdNanoseconds,
                    modifiedMilliseconds: modified, checked: .all)
                segment.arrivedNanoseconds =
                    state.segments[first..<first + group.count].compactMap(\.arrivedNanoseconds).max()
                segment.swapEnd = group[group.count - 1].end
                let hadAborted = state.segments[first..<first + group.count].contains { !$0.aborted.isEmpty }
                state.segments.replaceSubrange(first..<first + group.count, with: [segment])
                state.hints.removeAll()
                // The older snapshots vouch for transaction indexes that are gone now.
                if hadAborted { writeSnapshot(&state) }
            }
            do throws(LogError) { try finishSwap(group[0].base) } catch {
                environment.log.warning("\(name): \(error); it is tried again before the segment is read")
            }
        }
    }

    /// Finishes replacements that were begun and whose last steps failed.
    func finishSwaps() throws(LogError) {
        try careLock.withLock { (_) throws(LogError) in
            for base in always({ state in state.segments.filter(\.isSwapPending).map(\.base) }) {
                try finishSwap(base)
            }
        }
    }

    /// Removes the files that a compacted segment replaces, and gives it its name. `careLock` is held.
    func finishSwap(_ base: Int64) throws(LogError) {
        guard let end = always({ state in state.segments.first { $0.base == base }?.swapEnd }) else { return }
        let (fileSystem, directory) = (environment.fileSystem, directory)
        try storing { () throws(SystemError) in
            try CleanedSegment.complete(base, end: end, in: directory, fileSystem)
        }
        always { state in
            guard let index = state.segments.firstIndex(where: { $0.base == base }) else { return }
            state.segments[index].swapEnd = nil
        }
    }
}

extension CleanedSegment {
    /// The last steps of a replacement, which a start repeats when they were not finished.
    static func complete(
        _ base: Int64, end: Int64, in directory: String, _ fileSystem: any FileSystem
    ) throws(SystemError) {
        let stem = SegmentFiles.stem(directory, base)
        guard fileSystem.exists(stem + swapEnding) else { return try fileSystem.syncDirectory(directory) }
        for name in try fileSystem.list(directory) {
            for ending in SegmentFiles.endings {
                guard let other = SegmentFiles.base(name, ending: ending), other >= base, other < end,
                    other > base || ending != ".log"
                else { continue }
                try fileSystem.remove(directory + "/" + name)
            }
        }
        try fileSystem.rename(stem + swapEnding, to: stem + ".log")
        try fileSystem.syncDirectory(directory)
    }
}
