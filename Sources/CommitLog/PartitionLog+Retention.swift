import Observability
import RecordBatch
import Synchronization
import System

extension PartitionLog {
    /// Gives up records below `offset`, durably: the start offset moves, and segments that are wholly below it go.
    public func deleteRecords(before offset: Int64) throws(LogError) {
        let highWatermark = try locked { (state) throws(LogError) -> Int64 in
            try state.checkWritable(name)
            guard offset >= 0, offset <= state.highWatermark.offset else {
                throw .offsetOutOfRange(
                    requested: offset, start: state.startOffset, end: state.highWatermark.offset)
            }
            return state.highWatermark.offset
        }
        precondition(offset <= highWatermark)
        try moveStart(to: offset)
    }

    /// Deletes the oldest segments by age and size.
    ///
    /// The age of a segment is reckoned from the later of its largest timestamp and the arrival of its last batch: records
    /// with old timestamps stay as long as any others. Timestamps in the future do not count.
    /// - Parameter now: milliseconds since the epoch.
    public func applyRetention(now: Int64) throws(LogError) {
        guard
            let settings = always({ state -> PartitionSettings? in
                guard case .open = state.status else { return nil }
                return state.settings
            })
        else { return }
        try rollIfOld()
        if settings.retentionMilliseconds >= 0 {
            try rollIfExpired(now, settings.retentionMilliseconds)
            var start: Int64?
            for base in closedBases() {
                guard let age = try age(base, now), age > settings.retentionMilliseconds else { break }
                start = nextSegmentBase(after: base)
            }
            if let start { try moveStart(to: start) }
        }
        if settings.retentionBytes >= 0, let start = startBySize(settings.retentionBytes) {
            try moveStart(to: start)
        }
        // Segments below the start offset that are left from an interrupted pass.
        try removeSegments(below: startOffset)
        always { state in
            state.producers.nowNanoseconds = environment.clock.monotonicNanoseconds
            state.producers.expire(afterMilliseconds: environment.options.producerExpirationMilliseconds)
        }
    }

    private func closedBases() -> [Int64] {
        always { state in
            zip(state.segments, state.segments.dropFirst())
                .filter { $1.base <= state.highWatermark.offset }.map { $0.0.base }
        }
    }

    private func age(_ base: Int64, _ now: Int64) throws(LogError) -> Int64? {
        try load(base)
        return always { state in
            guard let segment = state.segments.first(where: { $0.base == base }), let index = segment.index else {
                return nil
            }
            let silence = segment.silenceMilliseconds(now: now, environment.clock)
            // A time that has not come yet says nothing about the age.
            return index.maxTimestamp <= now ? min(silence, now - index.maxTimestamp) : silence
        }
    }

    /// Closes the active segment when it is as old as its settings allow, also while nothing is appended.
    func rollIfOld() throws(LogError) {
        try locked { (state) throws(LogError) in
            guard case .open = state.status, state.active.size > 0, !state.hasTornTail,
                state.active.ageMilliseconds(environment.clock) >= state.settings.segmentAgeMax
            else { return }
            try roll(&state)
        }
    }

    private func rollIfExpired(_ now: Int64, _ retention: Int64) throws(LogError) {
        try locked { (state) throws(LogError) in
            guard case .open = state.status, state.active.size > 0, !state.hasTornTail,
                state.active.silenceMilliseconds(now: now, environment.clock) > retention
            else { return }
            try roll(&state)
        }
    }

    private func startBySize(_ limit: Int64) -> Int64? {
        always { state in
            var excess = state.segments.reduce(0) { $0 + $1.size } - limit
            var start: Int64?
            for (segment, next) in zip(state.segments, state.segments.dropFirst()) {
                guard excess >= segment.size, next.base <= state.highWatermark.offset else { break }
                excess -= segment.size
                start = next.base
            }
            return start
        }
    }

    /// The oldest closed segment, if the settings allow deleting it to make room.
    var oldestDeletable: (end: Int64, arrivedMilliseconds: Int64)? {
        always { state in
            guard case .open = state.status, state.settings.isDeletable, state.segments.count > 1,
                state.segments[1].base <= state.highWatermark.offset
            else { return nil }
            return (state.segments[1].base, state.segments[0].modifiedMilliseconds)
        }
    }

    /// When the last record arrived, ms since the epoch; 0 for an empty partition.
    var lastArrivalMilliseconds: Int64 {
        always { state in state.segments.last { $0.size > 0 }?.modifiedMilliseconds ?? 0 }
    }

    /// Moves the start offset, on disk first, so that it never goes back after a crash.
    func moveStart(to offset: Int64) throws(LogError) {
        guard offset > startOffset else { return }
        try environment.startOffsets.update { $0[key] = max($0[key] ?? 0, offset) }
        try locked { (state) throws(LogError) in
            state.startOffset = max(state.startOffset, offset)
            state.hints.removeAll()
        }
        notify()
        try removeSegments(below: offset)
    }

    /// Removes closed segments that end at or below `offset`.
    private func removeSegments(below offset: Int64) throws(LogError) {
        try finishSwaps()
        let bases = careLock.withLock { _ in
            always { state -> [Int64] in
                var bases: [Int64] = []
                while state.segments.count > 1, state.segments[1].base <= offset {
                    bases.append(state.segments.removeFirst().base)
                }
                state.damage.removeAll { bases.contains($0.segmentBase) }
                return bases
            }
        }
        guard !bases.isEmpty else { return }
        for base in bases {
            for ending in SegmentFiles.endings.reversed() {
                let path = SegmentFiles.stem(directory, base) + ending
                try storing { () throws(SystemError) in
                    if environment.fileSystem.exists(path) { try environment.fileSystem.remove(path) }
                }
            }
        }
        try storing { () throws(SystemError) in try environment.fileSystem.syncDirectory(directory) }
        environment.log.info("\(name): deleted \(bases.count) segments below offset \(offset)")
    }

    // MARK: - Duties

    /// Everything below was synced: where a scan begins after a crash.
    var recoveryPoint: Int64 { always { $0.durableOffset } }

    /// How much log there may be behind the newest producer snapshot.
    private static let snapshotBytes = 64 << 20

    /// Writes a producer snapshot when much was appended since the last one.
    func snapshotIfDue() {
        always { state in
            guard case .open = state.status, state.bytesSinceSnapshot >= Self.snapshotBytes else { return }
            writeSnapshot(&state)
        }
    }

    /// What was set aside for a partition is given back when nothing came for so long.
    private static let idleMilliseconds: Int64 = 5000

    /// Writes index entries that wait, gives back room that an idle partition does not need, and closes files that no reader used since the last call.
    func releaseUnused() {
        always { state in
            guard case .open = state.status else { return }
            writeIndex(&state.active)
            let silence = state.active.silenceMilliseconds(now: environment.clock.wallMilliseconds, environment.clock)
            if silence >= Self.idleMilliseconds { releaseReserve(&state) }
            closeIdleFiles(&state, keeping: 0)
        }
    }

    /// Syncs everything and lets go of the files.
    func close() throws(LogError) {
        try flush()
        try locked { (state) throws(LogError) in
            switch state.status {
            case .open: break
            case .failed(let error): throw error
            case .deleted, .closed: return
            }
            try repairTail(&state)
            state.active.index?.finish()
            writeIndex(&state.active)
            releaseReserve(&state)
            if state.bytesSinceSnapshot > 0 { writeSnapshot(&state) }
        }
        end(.closed, .closed)
        always { state in
            closeIdleFiles(&state, keeping: 0)
            state.active.files = nil
        }
    }
}
