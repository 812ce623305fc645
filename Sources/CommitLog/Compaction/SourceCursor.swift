import RecordBatch
import System

/// Reads the batches of one closed segment whole, each with its checksum; damage is noted and ends the reading.
struct SourceCursor: ~Copyable {
    private let log: PartitionLog
    private let source: CompactionPlan.Source
    private let file: any File
    private var walker: BatchWalker

    init(_ log: PartitionLog, _ source: CompactionPlan.Source) throws(LogError) {
        self.log = log
        self.source = source
        let path = SegmentFiles.stem(log.directory, source.base) + ".log"
        file = try storing { () throws(SystemError) in try log.environment.fileSystem.open(path, .read) }
        walker = BatchWalker(file, from: 0, to: source.size, expected: source.base, below: source.end)
    }

    /// Whether the last batch that was given is the last one of the segment.
    var isAtEnd: Bool { walker.position >= source.size }

    /// The next batch, whose bytes are then the first ones of `bytes`; nil at the end.
    mutating func next(into bytes: inout [UInt8]) throws(LogError) -> RecordBatchHeader? {
        let expected = walker.expected
        switch try walker.next() {
        case .end: return nil
        case .bad(let position): throw try damage(at: position, expected)
        case .batch(let header, let position):
            let count = header.totalBytes
            if bytes.count < count { bytes += [UInt8](repeating: 0, count: count - bytes.count) }
            let file = file
            let isIntact = try bytes.withUnsafeMutableBufferPointer { (raw) throws(LogError) -> Bool in
                let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: raw[..<count]))
                let done = try storing { () throws(SystemError) in try file.read(into: target, at: position) }
                return done == count
                    && RecordBatchHeader.computeCRC(UnsafeRawBufferPointer(target)) == header.crc
            }
            guard isIntact else { throw try damage(at: position, expected) }
            return header
        }
    }

    private func damage(at position: Int64, _ expected: Int64) throws(LogError) -> LogError {
        try log.noteDamage(source.base, file, at: position, to: source.size, expected: expected)
    }
}
