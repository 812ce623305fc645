import RecordBatch
import Synchronization
import System

extension PartitionLog {
    /// Whole batches from the one that holds `offset` on, all in one file.
    ///
    /// The first batch may begin before `offset`; nothing stored is rewritten.
    /// - Parameters:
    ///   - maxBytes: at most so many bytes.
    ///   - limit: how far to see.
    ///   - minimumOneBatch: whether the first batch is given even when it is larger than `maxBytes` (KIP-74).
    /// - Returns: an empty slice when there is nothing at `offset` yet.
    public func read(
        from offset: Int64, maxBytes: Int, limit: ReadLimit, minimumOneBatch: Bool
    ) throws(LogError) -> LogSlice {
        var offset = offset
        var detours = 0
        while true {
            switch try plan(offset, limit) {
            case .nothing(let file): return .empty(file, at: offset)
            case .load(let base): try load(base)
            case .read(let view, let hint):
                do throws(LogError) {
                    if let slice = try slice(view, hint, offset, maxBytes, minimumOneBatch) { return slice }
                } catch {
                    // Damage on the way to the offset is known now, and stepped over.
                    guard case .corrupt(_, let first, let next) = error, offset < first || offset >= next,
                        detours < Self.detoursMax
                    else { throw error }
                    detours += 1
                    continue
                }
                // The segment ends before the offset: a hole, so go on behind it.
                guard let next = nextSegmentBase(after: view.base) else {
                    return .empty(view.files.log, at: offset)
                }
                offset = max(offset, next)
            }
        }
    }

    /// So many damaged places may come to light on the way to one offset.
    private static let detoursMax = 64

    private enum Plan: Sendable {
        case nothing(any File)
        case load(Int64)
        case read(SegmentView, hint: Int64?)
    }

    private func plan(_ offset: Int64, _ limit: ReadLimit) throws(LogError) -> Plan {
        try locked { (state) throws(LogError) -> Plan in
            try state.checkReadable(name)
            guard offset >= state.startOffset, offset <= state.endOffset else {
                throw .offsetOutOfRange(requested: offset, start: state.startOffset, end: state.endOffset)
            }
            let end = state.position(of: limit)
            if offset >= end.offset {
                guard let file = state.active.files?.log else { throw .closed }
                return .nothing(file)
            }
            if let range = state.damage.first(where: { $0.firstOffset <= offset && offset < $0.nextOffset }) {
                let path = SegmentFiles.stem(directory, range.segmentBase) + ".log"
                throw .corrupt(path: path, first: range.firstOffset, next: range.nextOffset)
            }
            let index = state.segmentIndex(for: offset)
            guard let view = view(&state, index, end) else { return .load(state.segments[index].base) }
            return .read(view, hint: state.hints.position(of: offset, in: view.base))
        }
    }

    /// What a reader needs of the segment at `index`; nil when it must be loaded first.
    func view(_ state: inout PartitionState, _ index: Int, _ end: LogPosition) -> SegmentView? {
        let segment = state.segments[index]
        guard let files = segment.files, let entries = segment.index else { return nil }
        state.useCount += 1
        state.segments[index].lastUse = state.useCount
        let last = segment.base == end.segmentBase ? end.position : segment.base < end.segmentBase ? segment.size : 0
        let isLast = segment.base == end.segmentBase || index + 1 == state.segments.count
        return SegmentView(
            base: segment.base, files: files, end: last, limit: end,
            offsetLimit: isLast ? end.offset : state.segments[index + 1].base, offsetCount: entries.offsetCount,
            timeCount: entries.timeCount, pendingOffsets: entries.pendingOffsets, pendingTimes: entries.pendingTimes,
            damage: state.damage.isEmpty ? [] : state.damage.filter { $0.segmentBase == segment.base },
            checked: segment.checked)
    }

    func nextSegmentBase(after base: Int64) -> Int64? {
        always { state in state.segments.first { $0.base > base }?.base }
    }

    /// Opens a closed segment's files and checks its indexes.
    func load(_ base: Int64) throws(LogError) {
        try careLock.withLock { (_) throws(LogError) in
            try finishSwap(base)
            let found = always { (state) -> (size: Int64, index: SegmentIndex?, damage: [DamagedRange])? in
                guard let index = state.segments.firstIndex(where: { $0.base == base }),
                    index + 1 < state.segments.count
                else { return nil }
                let segment = state.segments[index]
                if segment.files != nil && segment.index != nil { return nil }
                return (segment.size, segment.index, state.damage.filter { $0.segmentBase == base })
            }
            guard let found else { return }
            let loader = SegmentLoader(environment.fileSystem, directory, environment.options.indexIntervalBytes)
            let log = try loader.openLog(base: base)
            let loaded: SegmentLoader.Loaded
            if let index = found.index {
                loaded = SegmentLoader.Loaded(files: loader.open(base: base, log: log), index: index)
            } else {
                loaded = try loader.load(
                    base: base, log: log, size: found.size, damage: found.damage, isActive: false)
            }
            always { state in
                guard let index = state.segments.firstIndex(where: { $0.base == base }) else { return }
                state.segments[index].files = loaded.files
                state.segments[index].index = loaded.index
                state.useCount += 1
                state.segments[index].lastUse = state.useCount
                closeIdleFiles(&state)
            }
        }
    }

    private func slice(
        _ view: SegmentView, _ hint: Int64?, _ offset: Int64, _ maxBytes: Int, _ minimumOneBatch: Bool
    ) throws(LogError) -> LogSlice? {
        guard let start = try start(view, hint, offset) else { return nil }
        let damage = view.damage.map(\.position).filter { $0 >= start.position }.min()
        var end = min(view.end, damage ?? view.end)
        let checked = view.checked.end(from: start.position)
        if checked < end,
            let stop = try check(view, start, from: checked, to: min(end, start.position + Int64(maxBytes)))
        {
            end = stop
        }
        if end - start.position <= Int64(maxBytes) {
            return remember(view, start, to: end, next: nil)
        }
        // Whole batches up to the limit: begin at the last index entry before it.
        let limit = start.position + Int64(maxBytes)
        var walker = try view.walk(beforePosition: limit)
        if walker.position < start.position {
            walker = view.walk(fromPosition: start.position, expected: start.offset)
        }
        while true {
            switch try walker.next() {
            case .batch(let header, let position):
                if position + Int64(header.totalBytes) <= limit { continue }
                if position > start.position { return remember(view, start, to: position, next: header.baseOffset) }
                let count = minimumOneBatch ? header.totalBytes : 0
                return remember(view, start, to: position + Int64(count), next: header.lastOffset + 1)
            case .bad(let position):
                if position > start.position { return remember(view, start, to: position, next: nil) }
                throw try damaged(view, walker)
            case .end:
                return remember(view, start, to: end, next: nil)
            }
        }
    }

    /// So many bytes are read with their checksums for one slice: the caller may be an event loop.
    private static let checkBytesMax: Int64 = 4 << 20

    /// Reads batches with their checksums before they are given out for the first time.
    ///
    /// - Parameter from: where the part behind `start` ends that needs no check.
    /// - Returns: where the slice must end; nil when everything up to `end` is intact.
    /// - Throws: `corrupt` when the first batch is damaged.
    private func check(
        _ view: SegmentView, _ start: LogPosition, from: Int64, to end: Int64
    ) throws(LogError) -> Int64? {
        let isFirst = from == start.position
        var walker = BatchWalker(
            view.files.log, from: from, to: view.end, expected: isFirst ? start.offset : view.base,
            below: view.offsetLimit, checksums: true, skipping: view.damage)
        var stop: Int64?
        walk: while walker.position < end {
            if walker.position - from >= Self.checkBytesMax {
                stop = walker.position
                break
            }
            switch try walker.next() {
            case .batch: continue
            case .bad(let position):
                if position > start.position {
                    stop = position
                    break walk
                }
                throw try noteDamage(view.base, view.files.log, at: position, to: view.end, expected: start.offset)
            case .end: break walk
            }
        }
        let intact = from..<walker.position
        always { state in
            guard let index = state.segments.firstIndex(where: { $0.base == view.base }) else { return }
            state.segments[index].checked.add(intact)
        }
        return stop
    }

    /// Where the batch that holds `offset` begins; nil when the segment ends before it.
    private func start(_ view: SegmentView, _ hint: Int64?, _ offset: Int64) throws(LogError) -> LogPosition? {
        if let hint, hint < view.end { return LogPosition(offset: offset, segmentBase: view.base, position: hint) }
        var walker = try view.walk(before: offset)
        while true {
            // The batch before, should there turn out to be a gap behind it.
            let before = walker.lastBatch
            switch try walker.next() {
            case .batch(let header, let position):
                guard header.lastOffset >= offset else { continue }
                if header.baseOffset > offset { try checkGap(view, before) }
                return LogPosition(offset: header.baseOffset, segmentBase: view.base, position: position)
            case .bad:
                throw try damaged(view, walker)
            case .end:
                try checkGap(view, before)
                return nil
            }
        }
    }

    /// Offsets are missing behind a batch: compaction does that, and so does a damaged header, which must not pass for it.
    private func checkGap(_ view: SegmentView, _ batch: (position: Int64, expected: Int64)?) throws(LogError) {
        guard let batch else { return }
        var probe = BatchWalker(
            view.files.log, from: batch.position, to: view.end, expected: batch.expected, checksums: true)
        if case .batch = try probe.next() { return }
        throw try noteDamage(
            view.base, view.files.log, at: batch.position, to: view.end, expected: batch.expected)
    }

    private func remember(_ view: SegmentView, _ start: LogPosition, to end: Int64, next: Int64?) -> LogSlice {
        always { state in
            if end == view.limit.position && view.base == view.limit.segmentBase {
                state.hints.note(view.limit)
            } else if let next, end > start.position {
                state.hints.note(LogPosition(offset: next, segmentBase: view.base, position: end))
            }
        }
        return LogSlice(
            file: view.files.log, position: start.position, count: Int(end - start.position), baseOffset: start.offset,
            offsetLimit: next ?? view.offsetLimit)
    }
}
