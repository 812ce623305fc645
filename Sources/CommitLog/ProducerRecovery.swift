import RecordBatch
import System

/// Finds out what a partition knew of its producers: the newest snapshot that can be trusted, and what the log says
/// behind it. Writes the transaction indexes anew from there.
struct ProducerRecovery {
    private let environment: LogEnvironment
    private let directory: String
    private let loader: SegmentLoader
    private let damage: [DamagedRange]
    /// The segments, with their transaction indexes once `run` is over.
    private(set) var segments: [Segment]
    /// What is known.
    private(set) var state = ProducerState()

    init(
        _ environment: LogEnvironment, _ directory: String, _ loader: SegmentLoader, _ segments: [Segment],
        _ damage: [DamagedRange]
    ) {
        self.environment = environment
        self.directory = directory
        self.loader = loader
        self.segments = segments
        self.damage = damage
    }

    /// Reads what the log holds below `end`.
    ///
    /// - Parameter names: the files in the partition's directory.
    mutating func run(_ names: [String], upTo end: Int64) throws(LogError) {
        var from = segments[0].base
        state.nowNanoseconds = environment.clock.monotonicNanoseconds
        if let found = try newestSnapshot(names, upTo: end) {
            from = max(from, found.base)
            for index in segments.indices {
                segments[index].aborted = found.snapshot.indexes[segments[index].base] ?? .init()
            }
            for (id, entry) in found.snapshot.producers {
                state.restore(id, entry.producer, openSince: try entry.transactionStart.map(place))
            }
        }
        try cutIndexes(names)
        if from < end {
            for index in (segments.lastIndex { $0.base <= from } ?? 0)..<segments.count { try replay(index, from) }
        }
        state.settle(below: end)
    }

    // MARK: - Snapshots

    /// The newest snapshot that agrees with the log and the transaction indexes; removes those that do not.
    private func newestSnapshot(
        _ names: [String], upTo end: Int64
    ) throws(LogError) -> (base: Int64, snapshot: ProducerSnapshot)? {
        let fileSystem = environment.fileSystem
        var found: (base: Int64, snapshot: ProducerSnapshot)?
        var hasRemoved = false
        for base in names.compactMap({ SegmentFiles.base($0, ending: ".snapshot") }).sorted(by: >) {
            let path = SegmentFiles.stem(directory, base) + ".snapshot"
            if let bytes = base <= end ? try? fileSystem.contents(path) : nil,
                let snapshot = ProducerSnapshot(decoding: bytes), agrees(snapshot)
            {
                found = (base, snapshot)
                break
            }
            // It tells of records that are not there, or is damaged.
            try storing { () throws(SystemError) in try fileSystem.remove(path) }
            hasRemoved = true
        }
        // It must not come back once the log has grown beyond it.
        if hasRemoved { try storing { () throws(SystemError) in try fileSystem.syncDirectory(directory) } }
        return found
    }

    private func agrees(_ snapshot: ProducerSnapshot) -> Bool {
        segments.allSatisfy { segment in
            guard let index = snapshot.indexes[segment.base] else { return true }
            guard let file = try? environment.fileSystem.open(indexPath(segment.base), .read) else { return false }
            return (try? index.agrees(with: file)) == true
        }
    }

    private func indexPath(_ base: Int64) -> String { SegmentFiles.stem(directory, base) + TransactionIndex.ending }

    /// Cuts off the index entries that the snapshot does not vouch for.
    private func cutIndexes(_ names: [String]) throws(LogError) {
        for base in names.compactMap({ SegmentFiles.base($0, ending: TransactionIndex.ending) }) {
            let count = segments.first { $0.base == base }?.aborted.count ?? 0
            try storing { () throws(SystemError) in
                // It may have gone with its segment.
                guard environment.fileSystem.exists(indexPath(base)) else { return }
                if count == 0 { return try environment.fileSystem.remove(indexPath(base)) }
                let file = try environment.fileSystem.open(indexPath(base), .readWrite)
                let size = Int64(count * TransactionIndex.Entry.size)
                if try file.size() > size { try file.truncate(to: size) }
            }
        }
    }

    /// Where the batch with the first offset of a transaction is, or what is left of it.
    private func place(_ offset: Int64) throws(LogError) -> LogPosition {
        let segment = segments[segments.lastIndex { $0.base <= offset } ?? 0]
        var place = LogPosition(offset: offset, segmentBase: segment.base, position: 0)
        guard segment.size > 0, offset > segment.base else { return place }
        let view = try view(segment)
        var walker = try view.walk(before: offset)
        while case .batch(let header, let position) = try walker.next() {
            place.position = position
            if header.lastOffset >= offset { return place }
        }
        place.position = segment.size
        return place
    }

    // MARK: - The log

    private func view(_ segment: Segment) throws(LogError) -> SegmentView {
        let log: any File
        if let files = segment.files { log = files.log } else { log = try loader.openLog(base: segment.base) }
        return loader.rawView(
            base: segment.base, log: log, size: segment.size,
            damage: damage.filter { $0.segmentBase == segment.base })
    }

    private mutating func replay(_ index: Int, _ from: Int64) throws(LogError) {
        let segment = segments[index]
        guard segment.size > 0 else { return }
        let view = try view(segment)
        var walker = try view.walk(before: from)
        walk: while true {
            switch try walker.next() {
            case .batch(let header, let position):
                guard header.baseOffset >= from, header.producerID >= 0 else { continue }
                try note(header, view.files.log, position, index)
            case .bad(let position):
                // Damage that nobody knew of: what lies behind it still counts.
                let next = try BatchWalker.intact(
                    view.files.log, behind: position, to: segment.size, expected: walker.expected, limit: .max)
                guard let next else { break walk }
                walker.resume(at: next.position, expected: next.offset)
            case .end: break walk
            }
        }
        // Without room for them they wait in memory.
        try? segments[index].aborted.write(environment.fileSystem, indexPath(segment.base))
    }

    private mutating func note(
        _ header: RecordBatchHeader, _ log: any File, _ position: Int64, _ index: Int
    ) throws(LogError) {
        let segment = segments[index]
        guard header.isControl else {
            let place = LogPosition(offset: header.baseOffset, segmentBase: segment.base, position: position)
            return state.note(header, at: place, seen: segment.modifiedMilliseconds)
        }
        guard let marker = try marker(header, log, position),
            let aborted = state.note(marker, header, seen: segment.modifiedMilliseconds)
        else { return }
        segments[index].aborted.add(aborted)
    }

    /// Markers are this short; other control batches may be larger and are not ours.
    private static let markerBytesMax = 1024

    private func marker(
        _ header: RecordBatchHeader, _ log: any File, _ position: Int64
    ) throws(LogError) -> ControlRecord? {
        guard header.totalBytes <= Self.markerBytesMax else { return nil }
        return try LogSlice.batch(log, header, at: position).bytes().withUnsafeBytes {
            // A damaged marker must not end a transaction the other way.
            RecordBatchHeader.computeCRC($0) == header.crc ? ControlRecord(reading: $0, header) : nil
        }
    }
}
