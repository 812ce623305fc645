import Glibc
import RecordBatch
import System

/// Opens one partition's directory: verifies what may not have reached the disk, cuts a torn tail, remembers damage.
///
/// Everything below the recovery point was synced once, so damage there is kept and reported. Behind it the log is
/// read with checksums, and ends where bytes never reached the disk: where the file ends within a batch, or holds zeros.
/// Bytes that are neither zeros nor intact, with intact batches behind them, were damaged later: they are kept too.
struct PartitionRecovery {
    private struct LogFile {
        let base: Int64
        var size: Int64
        let modifiedMilliseconds: Int64
    }

    /// How far a scan came.
    private struct Place {
        var position: Int64
        var expected: Int64
        var isTorn: Bool
    }

    private let environment: LogEnvironment
    private let key: PartitionKey
    private let directory: String
    private let loader: SegmentLoader
    /// What was in the directory.
    private var names: [String] = []
    private var segments: [LogFile] = []
    private var damage: [DamagedRange] = []
    private var lastLog: (base: Int64, file: any File)?
    /// Whether segments were taken out of the log.
    private var hasRenamed = false
    /// Where the log was read with its checksums from.
    private var scanned: (base: Int64, position: Int64) = (0, 0)
    /// What was found.
    private(set) var report = RecoveryReport()

    init(_ environment: LogEnvironment, _ key: PartitionKey, _ directory: String) {
        self.environment = environment
        self.key = key
        self.directory = directory
        loader = SegmentLoader(environment.fileSystem, directory, environment.options.indexIntervalBytes)
    }

    /// The state to go on with.
    mutating func open(_ settings: PartitionSettings) throws(LogError) -> PartitionState {
        let recoveryPoint = environment.recoveryPoints[key] ?? 0
        let startCheckpoint = environment.startOffsets[key] ?? 0
        try list(firstBase: max(recoveryPoint, startCheckpoint))
        let known = damage
        if segments[0].base > startCheckpoint { hole(startCheckpoint, segments[0].base) }
        let found = try recover(recoveryPoint)
        let end = max(found.expected, recoveryPoint, startCheckpoint)
        if damage != known { try saveDamage() }
        if end > found.expected { try begin(at: end) }
        let active = segments[segments.count - 1]
        let loaded = try loader.load(
            base: active.base, log: try openLog(active.base), size: active.size, damage: ranges(active.base),
            isActive: true)
        if !environment.wasClean, active.size >= environment.options.reserveFromBytes {
            // Gives back the room that the last process had set aside.
            try? loaded.files.log.truncate(to: active.size)
        }
        let now = environment.clock.monotonicNanoseconds
        var state = PartitionState(
            settings: settings,
            segments: segments.map {
                Segment(
                    base: $0.base, size: $0.size, createdNanoseconds: now,
                    modifiedMilliseconds: $0.modifiedMilliseconds, checked: CheckedParts(from: checkedFrom($0.base)))
            },
            startOffset: max(startCheckpoint, segments[0].base), endOffset: end, durableOffset: end,
            highWatermark: LogPosition(offset: end, segmentBase: active.base, position: active.size),
            producers: ProducerState(), damage: damage)
        state.active.ageAtOpenMilliseconds = age(loaded.files.log)
        state.active.files = loaded.files
        state.active.index = loaded.index
        var producers = ProducerRecovery(environment, directory, loader, state.segments, damage)
        try producers.run(names, upTo: end)
        state.segments = producers.segments
        state.producers = producers.state
        return state
    }

    /// How long ago a file was made, ms; a wall clock that says nonsense makes it new.
    private func age(_ file: any File) -> Int64 {
        guard let created = try? file.createdMilliseconds(), created > 0 else { return 0 }
        return max(0, environment.clock.wallMilliseconds - created)
    }

    // MARK: - Files

    private mutating func list(firstBase: Int64) throws(LogError) {
        let fileSystem = environment.fileSystem
        names = try storing { () throws(SystemError) in try fileSystem.list(directory) }
        for name in names where name.hasSuffix(".tmp") || name.hasSuffix(CleanedSegment.cleanedEnding) {
            try storing { () throws(SystemError) in try fileSystem.remove(directory + "/" + name) }
        }
        try finishSwaps()
        for base in names.compactMap({ SegmentFiles.base($0, ending: ".log") }).sorted() {
            let log = try openLog(base)
            segments.append(
                try storing { () throws(SystemError) in
                    LogFile(base: base, size: try log.size(), modifiedMilliseconds: try log.modifiedMilliseconds())
                })
        }
        if segments.isEmpty {
            try storing { () throws(SystemError) in
                _ = try fileSystem.open(SegmentFiles.stem(directory, firstBase) + ".log", .createNew)
            }
            segments = [LogFile(base: firstBase, size: 0, modifiedMilliseconds: environment.clock.wallMilliseconds)]
        }
        guard names.contains(DamagedRange.fileName) else { return }
        let bytes = try storing { () throws(SystemError) in
            try fileSystem.contents(directory + "/" + DamagedRange.fileName)
        }
        damage = DamagedRange.decode(bytes).filter { range in
            segments.contains { $0.base == range.segmentBase && range.endPosition <= $0.size }
        }
    }

    /// Finishes what a compaction had begun when the process ended: its file is complete.
    private mutating func finishSwaps() throws(LogError) {
        let fileSystem = environment.fileSystem
        let bases = names.compactMap { SegmentFiles.base($0, ending: CleanedSegment.swapEnding) }
        guard !bases.isEmpty else { return }
        for base in bases {
            let path = SegmentFiles.stem(directory, base) + CleanedSegment.swapEnding
            let file = try storing { () throws(SystemError) in try fileSystem.open(path, .read) }
            let size = try storing { () throws(SystemError) in try file.size() }
            var walker = BatchWalker(file, from: 0, to: size, expected: base, checksums: true)
            walk: while true {
                switch try walker.next() {
                case .batch: continue
                case .end:
                    // It ends with a batch that reaches to the end of what it replaces.
                    let end = walker.expected
                    try storing { () throws(SystemError) in
                        try CleanedSegment.complete(base, end: end, in: directory, fileSystem)
                    }
                    break walk
                case .bad:
                    report.messages.append(
                        "\(key.directoryName): the compacted segment \(base) is damaged and set aside")
                    try storing { () throws(SystemError) in try fileSystem.rename(path, to: path + ".cut") }
                    break walk
                }
            }
        }
        names = try storing { () throws(SystemError) in try fileSystem.list(directory) }
    }

    /// The log file of a segment; the last one that was asked for stays open.
    private mutating func openLog(_ base: Int64) throws(LogError) -> any File {
        if let lastLog, lastLog.base == base { return lastLog.file }
        // Any of them may turn out to be the active one.
        let file = try loader.openLog(base: base, isActive: true)
        lastLog = (base, file)
        return file
    }

    private func ranges(_ base: Int64) -> [DamagedRange] { damage.filter { $0.segmentBase == base } }

    private func saveDamage() throws(LogError) {
        try storing { () throws(SystemError) in
            try DamagedRange.save(damage, in: directory, environment.fileSystem)
        }
    }

    // MARK: - The log's end

    /// Scans from the recovery point on and cuts what is torn; returns the end offset.
    ///
    /// What survives is a prefix of what was written: a batch is only kept when all before it are there, or were damaged
    /// after they had reached the disk. Otherwise a producer's retry of a lost batch would count as a repetition.
    private mutating func recover(_ recoveryPoint: Int64) throws(LogError) -> Place {
        let first = segments.lastIndex { $0.base <= recoveryPoint } ?? 0
        try reportHoles(before: first)
        var index = first
        var place = try locate(recoveryPoint, first)
        let start = place.position
        scanned = (segments[first].base, start)
        if !place.isTorn { place = try scan(first, from: place, recoveryPoint) }
        while index + 1 < segments.count {
            let next = segments[index + 1].base
            if place.expected >= next {
                try trim(index, to: place.position)
            } else {
                let wasSynced = place.expected < recoveryPoint
                guard try wasSynced ? true : wasComplete(index, place, next) else { break }
                keep(index, place, to: segments[index].size, next: next)
                if !place.isTorn { hole(place.expected, next) }
            }
            index += 1
            place = try scan(
                index, from: Place(position: 0, expected: max(next, place.expected), isTorn: false), recoveryPoint)
        }
        let isUntouched =
            index == first && place.position == start && !place.isTorn && first == segments.count - 1
        try cut(index, place, recoveryPoint)
        if !isUntouched { try sync(from: first, recoveryPoint) }
        return place
    }

    /// Where the batches of a segment begin that were read with their checksums.
    private func checkedFrom(_ base: Int64) -> Int64 {
        base == scanned.base ? scanned.position : base > scanned.base ? 0 : .max
    }

    /// Begins a segment at `offset`, because the log ends before it: offsets are only missing between segments, so that
    /// a jump within one is known for what it is.
    private mutating func begin(at offset: Int64) throws(LogError) {
        let last = segments[segments.count - 1]
        guard last.base < offset else { return }
        if last.size == 0 {
            try storing { () throws(SystemError) in try setAside(last) }
            segments.removeLast()
        }
        try storing { () throws(SystemError) in
            let path = SegmentFiles.stem(directory, offset) + ".log"
            try environment.fileSystem.open(path, .create).truncate(to: 0)
            try environment.fileSystem.syncDirectory(directory)
        }
        segments.append(
            LogFile(base: offset, size: 0, modifiedMilliseconds: environment.clock.wallMilliseconds))
    }

    /// Whether a closed segment was whole once, up to `next`, and only its last batch was damaged.
    private mutating func wasComplete(_ index: Int, _ place: Place, _ next: Int64) throws(LogError) -> Bool {
        let segment = segments[index]
        let log = try openLog(segment.base)
        if let whole = try BatchWalker.whole(log, at: place.position, to: segment.size) {
            return place.position + Int64(whole.totalBytes) == segment.size
        }
        var walker = BatchWalker(log, from: place.position, to: segment.size, expected: place.expected)
        guard case .batch(let header, _) = try walker.next() else { return false }
        // A record ends with a zero at most; more of them at the end never reached the disk.
        guard walker.position == segment.size, header.lastOffset + 1 == next,
            try !BatchWalker.endsInZeros(log, segment.size)
        else { return false }
        return try !BatchWalker.holdsLostPage(log, from: place.position, to: segment.size)
    }

    /// Where the recovery point is in its segment.
    private mutating func locate(_ offset: Int64, _ index: Int) throws(LogError) -> Place {
        let segment = segments[index]
        var place = Place(position: 0, expected: segment.base, isTorn: false)
        guard segment.size > 0, offset > segment.base else { return place }
        let view = loader.rawView(
            base: segment.base, log: try openLog(segment.base), size: segment.size, damage: ranges(segment.base))
        let walker = try view.walk(before: offset)
        place.position = walker.position
        place.expected = walker.expected
        return try scan(index, from: place, offset, until: offset)
    }

    /// Walks a segment, stepping over damage behind which something intact follows.
    private mutating func scan(
        _ index: Int, from start: Place, _ recoveryPoint: Int64, checksums: Bool = true, until stop: Int64 = .max
    ) throws(LogError) -> Place {
        let segment = segments[index]
        let log = try openLog(segment.base)
        let nextBase = index + 1 < segments.count ? segments[index + 1].base : Int64.max
        var walker = BatchWalker(
            log, from: start.position, to: segment.size, expected: start.expected, below: nextBase,
            boundary: environment.recoveryPoints[key] ?? 0, checksums: checksums, skipping: ranges(segment.base))
        // What is missing behind damage is named with it, and what a compaction took is not missing.
        let isCompacted = environment.cleanedOffsets[key] != nil || environment.cleanedOffsets.wasDamaged
        var mayHaveGap = isCompacted
        while true {
            switch try walker.next() {
            case .batch(let header, let position):
                let expected = walker.lastBatch?.expected ?? header.baseOffset
                if header.baseOffset >= stop {
                    return Place(position: position, expected: expected, isTorn: false)
                }
                if header.baseOffset > expected && !mayHaveGap { hole(expected, header.baseOffset) }
                mayHaveGap = isCompacted
                if checksums && stop == .max { report.batchesScanned += 1 }
            case .bad(let position):
                let limit = min(nextBase, walker.expected + Int64(Int32.max))
                let torn = Place(position: position, expected: walker.expected, isTorn: true)
                guard
                    let next = try BatchWalker.intact(
                        log, behind: position, to: segment.size, expected: walker.expected, limit: limit)
                else { return torn }
                if walker.expected >= recoveryPoint, try BatchWalker.whole(log, at: position, to: segment.size) == nil {
                    guard try !BatchWalker.holdsLostPage(log, from: position, to: next.position) else { return torn }
                }
                note(
                    DamagedRange(
                        segmentBase: segment.base, position: position, endPosition: next.position,
                        firstOffset: walker.expected, nextOffset: next.offset))
                walker.resume(at: next.position, expected: next.offset)
                mayHaveGap = true
            case .end:
                return Place(position: segment.size, expected: walker.expected, isTorn: false)
            }
        }
    }

    private mutating func note(_ range: DamagedRange) {
        damage.removeAll { $0.segmentBase == range.segmentBase && $0.position == range.position }
        damage.append(range)
        report.messages.append(
            "\(key.directoryName): damaged bytes \(range.position)..<\(range.endPosition) of segment "
                + "\(range.segmentBase): offsets \(range.firstOffset)..<\(range.nextOffset) cannot be read")
    }

    private mutating func keep(_ index: Int, _ place: Place, to end: Int64, next: Int64) {
        guard place.position < end else { return }
        note(
            DamagedRange(
                segmentBase: segments[index].base, position: place.position, endPosition: end,
                firstOffset: place.expected, nextOffset: max(next, place.expected)))
    }

    private mutating func hole(_ first: Int64, _ next: Int64) {
        report.messages.append("\(key.directoryName): offsets \(first)..<\(next) are missing")
    }

    private mutating func reportHoles(before last: Int) throws(LogError) {
        for index in 0..<last {
            let segment = segments[index]
            let view = loader.rawView(
                base: segment.base, log: try openLog(segment.base), size: segment.size, damage: ranges(segment.base))
            let next = segments[index + 1].base
            let walker = try view.walk(before: next - 1)
            let begin = Place(position: walker.position, expected: walker.expected, isTorn: false)
            let place = try scan(index, from: begin, .max, checksums: false)
            if place.expected >= next {
                try trim(index, to: place.position)
            } else {
                keep(index, place, to: segment.size, next: next)
                if !place.isTorn { hole(place.expected, next) }
            }
        }
    }

    /// Removes what is behind the last intact batch, unless it was synced once.
    private mutating func cut(
        _ index: Int, _ place: Place, _ recoveryPoint: Int64
    ) throws(LogError) {
        if place.expected < recoveryPoint {
            keep(index, place, to: segments[index].size, next: recoveryPoint)
            if place.position == segments[index].size { hole(place.expected, recoveryPoint) }
        } else {
            try trim(index, to: place.position)
        }
        for later in segments[(index + 1)...].reversed() {
            try storing { () throws(SystemError) in try setAside(later) }
            if later.size > 0 { torn(later.size, later.base) }
        }
        segments.removeLast(segments.count - index - 1)
    }

    /// Cuts off what a write left that was not finished.
    private mutating func trim(_ index: Int, to position: Int64) throws(LogError) {
        let segment = segments[index]
        guard position < segment.size else { return }
        let log = try openLog(segment.base)
        try storing { () throws(SystemError) in
            try log.truncate(to: position)
        }
        segments[index].size = position
        torn(segment.size - position, segment.base)
    }

    private mutating func torn(_ bytes: Int64, _ base: Int64) {
        report.bytesCut += bytes
        report.messages.append("\(key.directoryName): cut a torn tail of \(bytes) bytes off segment \(base)")
    }

    /// Takes a segment behind the cut out of the log; what it held stays for a person to look at.
    private mutating func setAside(_ segment: LogFile) throws(SystemError) {
        hasRenamed = true
        let stem = SegmentFiles.stem(directory, segment.base)
        if segment.size > 0 { try environment.fileSystem.rename(stem + ".log", to: stem + ".log.cut") }
        for path in SegmentFiles.endings.reversed().map({ stem + $0 }) where environment.fileSystem.exists(path) {
            try environment.fileSystem.remove(path)
        }
    }

    /// What was found must be durable before anybody sees it.
    private func sync(from first: Int, _ recoveryPoint: Int64) throws(LogError) {
        do throws(SystemError) {
            for segment in segments[min(first, segments.count - 1)...] {
                let path = SegmentFiles.stem(directory, segment.base) + ".log"
                let file = try environment.fileSystem.open(path, .readWrite)
                if environment.hasFailedSync {
                    try Self.rewrite(file, from: checkedFrom(segment.base), to: segment.size)
                }
                try file.syncData()
            }
            // The name of a segment that begins below the recovery point was synced before that was written.
            if hasRenamed || segments[segments.count - 1].base >= recoveryPoint {
                try environment.fileSystem.syncDirectory(directory)
            }
        } catch {
            environment.noteFailedSync()
            throw .storage(error)
        }
    }

    /// Writes the bytes of a file again, so that the next sync brings them to the disk.
    private static func rewrite(_ file: any File, from start: Int64, to end: Int64) throws(SystemError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var position = start
        while position < end {
            let wanted = Int(min(Int64(buffer.count), end - position))
            let at = position
            position += Int64(
                try buffer.withUnsafeMutableBufferPointer { (raw) throws(SystemError) -> Int in
                    let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: raw[..<wanted]))
                    let count = try file.read(into: target, at: at)
                    guard count > 0 else { throw SystemError("read", file.path, code: EIO) }
                    try file.write(UnsafeRawBufferPointer(rebasing: target[..<count]), at: at)
                    return count
                })
        }
    }
}
