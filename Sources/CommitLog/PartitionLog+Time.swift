import RecordBatch
import System

extension PartitionLog {
    /// The first visible record whose timestamp is `timestamp` or later, by offset; nil when there is none.
    ///
    /// Exact for any order of timestamps: the time index narrows the search, batch headers and then the records decide.
    public func offset(forTimestamp timestamp: Int64) throws(LogError) -> (offset: Int64, timestamp: Int64)? {
        for base in visibleBases() {
            guard let view = try view(base), try maxTimestamp(base) >= timestamp else { continue }
            var walker = try view.walk(beforeTimestamp: timestamp)
            walk: while true {
                switch try walker.next() {
                case .batch(let header, let position):
                    guard header.maxTimestamp >= timestamp, header.lastOffset >= startOffset else { continue }
                    let found = try record(view, header, position) { $0 >= timestamp }
                    if let found { return found }
                case .bad: throw try damaged(view, walker)
                case .end: break walk
                }
            }
        }
        return nil
    }

    /// The first visible record with the largest timestamp (KIP-734); nil when there is none.
    public func offsetOfMaxTimestamp() throws(LogError) -> (offset: Int64, timestamp: Int64)? {
        var best: (base: Int64, timestamp: Int64)?
        for base in visibleBases() {
            let timestamp = try maxTimestamp(base)
            if timestamp > best?.timestamp ?? -1 { best = (base, timestamp) }
        }
        guard let best else { return nil }
        if let found = try offset(forTimestamp: best.timestamp) { return found }
        // The newest timestamp is not visible yet, or was deleted: look at every visible batch.
        var largest: Int64 = -1
        for base in visibleBases() {
            guard let view = try view(base) else { continue }
            var walker = try view.walk(from: nil)
            while case .batch(let header, _) = try walker.next() {
                if header.lastOffset >= startOffset && !header.isControl { largest = max(largest, header.maxTimestamp) }
            }
        }
        return largest < 0 ? nil : try offset(forTimestamp: largest)
    }

    private func visibleBases() -> [Int64] {
        always { state in
            state.segments[state.segmentIndex(for: state.startOffset)...].map(\.base)
                .filter { $0 < state.highWatermark.offset }
        }
    }

    /// A segment up to the high watermark, loaded when needed; nil when it was deleted meanwhile.
    private func view(_ base: Int64) throws(LogError) -> SegmentView? {
        for _ in 0..<Self.loadsMax {
            var isThere = true
            let found = try locked { (state) throws(LogError) -> SegmentView? in
                try state.checkReadable(name)
                let index = state.segments.firstIndex { $0.base == base }
                isThere = index != nil
                return index.flatMap { view(&state, $0, state.highWatermark) }
            }
            guard found == nil, isThere else { return found }
            try load(base)
        }
        return nil
    }

    /// Other readers may close a segment's files between loading and use, but not for ever.
    private static let loadsMax = 8

    private func maxTimestamp(_ base: Int64) throws(LogError) -> Int64 {
        func known() -> Int64? {
            always { state in state.segments.first { $0.base == base }?.index?.maxTimestamp }
        }
        if let known = known() { return known }
        try load(base)
        return known() ?? -1
    }

    /// The first record of a batch, at or behind the start offset, whose timestamp satisfies `matches`.
    private func record(
        _ view: SegmentView, _ header: RecordBatchHeader, _ position: Int64, _ matches: (Int64) -> Bool
    ) throws(LogError) -> (offset: Int64, timestamp: Int64)? {
        let bytes = try LogSlice.batch(view.files.log, header, at: position).bytes()
        var found: (offset: Int64, timestamp: Int64)?
        let damaged = bytes.withUnsafeBufferPointer { raw in
            var reader = RecordBatchReader()
            do {
                try reader.read(UnsafeRawBufferPointer(raw), from: max(header.baseOffset, startOffset)) { record in
                    guard matches(record.timestampMilliseconds) else { return true }
                    found = (record.offset, record.timestampMilliseconds)
                    return false
                }
                return false
            } catch { return true }
        }
        let isIntact = bytes.withUnsafeBytes { RecordBatchHeader.computeCRC($0) == header.crc }
        if damaged && !isIntact {
            // The search goes on behind it: one damaged batch must not hide all that came later.
            _ = try noteDamage(
                view.base, view.files.log, at: position, to: view.end, expected: header.baseOffset)
        }
        return found
    }
}
