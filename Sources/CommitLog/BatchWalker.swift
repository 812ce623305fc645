import CKernels
import RecordBatch
import System

/// Walks the batches of a log file from a position on, by their headers, optionally with checksums.
///
/// It reads pieces of bounded size, whatever lengths the headers claim. Damaged ranges that are known are stepped over.
/// The checksum covers neither base offset nor leader epoch: where one of them jumps, the batches behind must agree.
struct BatchWalker: ~Copyable {
    /// What lies at the current position.
    enum Step {
        case batch(RecordBatchHeader, position: Int64)
        /// Bytes that are no batch, a batch that does not end before the end, or one whose place its neighbours deny.
        case bad(position: Int64)
        case end
    }

    private static let bytesMax = 256 << 10
    private static let bytesMin = 4096

    private let file: any File
    private let end: Int64
    private let limit: Int64
    private let boundary: Int64
    private let checksums: Bool
    private let skip: [DamagedRange]
    /// Where the next step begins.
    private(set) var position: Int64
    /// The least base offset that the next batch may have.
    private(set) var expected: Int64
    /// The leader epoch of the batch before.
    private var epoch: Int32 = 0
    /// Where the batch before the next step began, and what was expected there; nil before the first one.
    private(set) var lastBatch: (position: Int64, expected: Int64)?
    private let buffer: UnsafeMutableRawBufferPointer
    private var bufferStart: Int64 = 0
    private var bufferCount = 0

    /// - Parameters:
    ///   - expected: the least base offset of the first batch.
    ///   - limit: behind the last offset that a batch may have.
    ///   - boundary: an offset where a batch begins, or would: none before it may reach it.
    init(
        _ file: any File, from position: Int64, to end: Int64, expected: Int64, below limit: Int64 = .max,
        boundary: Int64 = .min, checksums: Bool = false, skipping skip: [DamagedRange] = []
    ) {
        self.file = file
        self.position = position
        self.end = end
        self.expected = expected
        self.limit = limit
        self.boundary = boundary
        self.checksums = checksums
        self.skip = skip
        buffer = .allocate(byteCount: checksums ? Self.bytesMax : Self.bytesMin, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The next batch; a bad step does not move the position.
    mutating func next() throws(LogError) -> Step {
        if let range = skip.first(where: { $0.position == position }) {
            position = range.endPosition
            expected = max(expected, range.nextOffset)
            return try next()
        }
        guard position < end else { return .end }
        guard let header = try header(at: position) else { return .bad(position: position) }
        if checksums {
            guard try isIntact(header) else { return .bad(position: position) }
        }
        let hasJumped = header.baseOffset > expected || header.partitionLeaderEpoch != epoch
        if hasJumped, try isDenied(header) { return .bad(position: position) }
        let start = position
        epoch = header.partitionLeaderEpoch
        lastBatch = (position, expected)
        position += Int64(header.totalBytes)
        expected = header.lastOffset + 1
        return .batch(header, position: start)
    }

    /// Where damage begins that shows at the current position: at the batch before, when its length or its offsets are
    /// what was damaged, or else here.
    borrowing func damageStart() throws(LogError) -> (position: Int64, expected: Int64) {
        guard let lastBatch, !checksums else { return (position, expected) }
        var probe = BatchWalker(
            file, from: lastBatch.position, to: end, expected: lastBatch.expected, checksums: true)
        if case .batch = try probe.next() { return (position, expected) }
        return lastBatch
    }

    /// Goes back to where the last step began.
    mutating func stepBack(to position: Int64, expected: Int64) {
        precondition(position <= self.position)
        self.position = position
        self.expected = expected
        lastBatch = nil
    }

    /// Goes on behind a bad place.
    mutating func resume(at position: Int64, expected: Int64) {
        precondition(position > self.position)
        self.position = position
        self.expected = expected
        lastBatch = nil
    }

    private mutating func header(at position: Int64) throws(LogError) -> RecordBatchHeader? {
        guard let bytes = try piece(at: position, atLeast: RecordBatchHeader.size),
            let header = try? RecordBatchHeader(parsing: bytes),
            Self.isPlausible(header, expected: expected, room: end - position), header.lastOffset < limit,
            expected >= boundary || header.lastOffset < boundary
        else { return nil }
        return header
    }

    /// Whether the batches behind deny the base offset or the leader epoch of the one at the current position: one batch
    /// is the odd one out among its neighbours, and it is this one.
    private mutating func isDenied(_ header: RecordBatchHeader) throws(LogError) -> Bool {
        let behind = position + Int64(header.totalBytes)
        guard !skip.contains(where: { $0.position == behind }), let next = try plainHeader(at: behind) else {
            return false
        }
        let epochs = next.partitionLeaderEpoch
        if header.partitionLeaderEpoch > epoch, epochs >= epoch, epochs < header.partitionLeaderEpoch { return true }
        if header.partitionLeaderEpoch < epoch, epochs >= epoch { return true }
        guard header.baseOffset > expected, next.baseOffset <= header.lastOffset,
            next.baseOffset > expected + Int64(header.lastOffsetDelta)
        else { return false }
        // One of the two is wrong. In a log without gaps the third never agrees with the first.
        let third = try plainHeader(at: behind + Int64(next.totalBytes))?.baseOffset ?? limit
        guard third < .max, third > header.lastOffset + Int64(next.lastOffsetDelta) + 1 else { return true }
        let room = header.lastOffset + 1...third - Int64(next.lastOffsetDelta) - 1
        return !(0..<63).contains { room.contains(next.baseOffset ^ (1 << $0)) }
    }

    /// The header at a place whatever offsets it tells; nil for bytes that cannot be one.
    private mutating func plainHeader(at position: Int64) throws(LogError) -> RecordBatchHeader? {
        guard position + Int64(RecordBatchHeader.size) <= end,
            let bytes = try piece(at: position, atLeast: RecordBatchHeader.size),
            let header = try? RecordBatchHeader(parsing: bytes),
            Self.isPlausible(header, expected: 0, room: end - position)
        else { return nil }
        return header
    }

    private mutating func isIntact(_ header: RecordBatchHeader) throws(LogError) -> Bool {
        var crc: UInt32 = 0
        var at = position + Int64(RecordBatchHeader.crcStart)
        let stop = position + Int64(header.totalBytes)
        while at < stop {
            guard let bytes = try piece(at: at, atLeast: 1) else { return false }
            let count = Int(min(Int64(bytes.count), stop - at))
            crc = ck_crc32c(crc, bytes.baseAddress!, count)
            at += Int64(count)
        }
        return crc == header.crc
    }

    /// Bytes from `position` on, as many as are in the buffer; nil when the end comes first.
    private mutating func piece(at position: Int64, atLeast count: Int) throws(LogError) -> UnsafeRawBufferPointer? {
        if position < bufferStart || position + Int64(count) > bufferStart + Int64(bufferCount) {
            let wanted = Int(min(Int64(buffer.count), end - position))
            guard wanted >= count else { return nil }
            bufferStart = position
            bufferCount = 0
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            do { bufferCount = try file.read(into: target, at: position) } catch { throw .storage(error) }
            guard bufferCount >= count else { return nil }
        }
        return UnsafeRawBufferPointer(rebasing: buffer[Int(position - bufferStart)..<bufferCount])
    }

    /// Whether a header can be that of a batch at a place with `room` bytes, in a log where `expected` comes next.
    static func isPlausible(_ header: RecordBatchHeader, expected: Int64, room: Int64) -> Bool {
        header.magic == 2
            && header.batchLength >= RecordBatchHeader.size - RecordBatchHeader.prefixSize
            && Int64(header.totalBytes) <= room
            && header.lastOffsetDelta >= 0
            && header.recordCount >= 0
            && Int64(header.recordCount) <= Int64(header.lastOffsetDelta) + 1
            && header.baseOffset >= expected
            && header.baseOffset <= Int64.max - Int64(Int32.max)
    }

    /// The first intact batch behind a bad place: where the bad batch says that it ends, or else anywhere.
    ///
    /// - Parameters:
    ///   - expected: the least base offset that it may have.
    ///   - limit: behind the last offset that it may have.
    static func intact(
        _ file: any File, behind position: Int64, to end: Int64, expected: Int64, limit: Int64
    ) throws(LogError) -> (position: Int64, offset: Int64)? {
        func offset(at position: Int64) throws(LogError) -> Int64? {
            var walker = BatchWalker(
                file, from: position, to: end, expected: expected, below: limit, checksums: true)
            guard case .batch(let header, _) = try walker.next() else { return nil }
            return header.baseOffset
        }
        var probe = BatchWalker(file, from: position, to: end, expected: expected)
        if let bad = try probe.plainHeader(at: position) {
            let behind = position + Int64(bad.totalBytes)
            if let offset = try offset(at: behind) { return (behind, offset) }
        }
        guard let found = try search(file, from: position + 1, to: end, expected: expected, limit: limit),
            let offset = try offset(at: found)
        else { return nil }
        return (found, offset)
    }

    /// The header of a batch with the right checksum, whatever its offsets; nil when there is none at `position`.
    static func whole(
        _ file: any File, at position: Int64, to end: Int64
    ) throws(LogError) -> RecordBatchHeader? {
        var walker = BatchWalker(file, from: position, to: end, expected: 0, checksums: true)
        guard let header = try walker.plainHeader(at: position), try walker.isIntact(header) else { return nil }
        return header
    }

    /// The first intact batch at or behind `start`, found by trying every byte.
    private static func search(
        _ file: any File, from start: Int64, to end: Int64, expected: Int64, limit: Int64
    ) throws(LogError) -> Int64? {
        let window = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax, alignment: 16)
        defer { window.deallocate() }
        var base = start
        while base + Int64(RecordBatchHeader.size) <= end {
            let count = try storing { () throws(SystemError) in try file.read(into: window, at: base) }
            guard count >= RecordBatchHeader.size else { return nil }
            for index in 0...(count - RecordBatchHeader.size) where window[index + 16] == 2 {
                let bytes = UnsafeRawBufferPointer(rebasing: window[index..<count])
                let position = base + Int64(index)
                guard let header = try? RecordBatchHeader(parsing: bytes), header.lastOffset < limit,
                    isPlausible(header, expected: expected, room: end - position)
                else { continue }
                var walker = BatchWalker(file, from: position, to: end, expected: expected, checksums: true)
                if case .batch = try walker.next() { return position }
            }
            base += Int64(count - RecordBatchHeader.size + 1)
        }
        return nil
    }

    /// Whether a damaged range looks as if bytes of it never reached the disk: those read as zeros, by the page.
    static func holdsLostPage(_ file: any File, from start: Int64, to end: Int64) throws(LogError) -> Bool {
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: pageBytes, alignment: 16)
        defer { page.deallocate() }
        var position = start
        while position < end {
            let stop = min((position / Int64(pageBytes) + 1) * Int64(pageBytes), end)
            let isFirst = position == start
            let wanted = UnsafeMutableRawBufferPointer(rebasing: page[..<Int(stop - position)])
            let count = try storing { () throws(SystemError) in try file.read(into: wanted, at: position) }
            // The first piece begins at a batch, whose header is never all zeros.
            let least = isFirst ? min(wanted.count, RecordBatchHeader.size) : pageBytes
            if count >= least, wanted[..<least].allSatisfy({ $0 == 0 }) { return true }
            position = stop
        }
        return false
    }

    /// Whether the last two bytes of a file of `size` bytes are zeros.
    static func endsInZeros(_ file: any File, _ size: Int64) throws(LogError) -> Bool {
        var last: [UInt8] = [1, 1]
        try last.withUnsafeMutableBufferPointer { (raw) throws(LogError) in
            let target = UnsafeMutableRawBufferPointer(raw)
            do throws(SystemError) {
                _ = try file.read(into: target, at: max(0, size - 2))
            } catch { throw .storage(error) }
        }
        return last == [0, 0]
    }

    private static let pageBytes = 4096
}
