import RecordBatch
import System

/// Something that a check of log files found.
public struct LogFinding: Sendable, Equatable {
    /// What it is, and whether it costs records.
    public enum Kind: String, Sendable {
        /// Bytes that are no intact batch, inside the log: their records cannot be read.
        case damaged
        /// Offsets that no file holds, between two segments.
        case missing
        /// Batches whose offsets belong to the next segment.
        case overlap
        /// Bytes behind the last whole batch: a write that did not finish, which nobody was told about.
        case torn
        /// An index that does not agree with its log, and is rebuilt when the broker starts.
        case index
        /// A file beside the log that is no part of it.
        case leftover
    }

    /// What it is.
    public let kind: Kind
    /// Where it is.
    public let topic: String
    /// Where it is.
    public let partition: Int32
    /// The base offset of the segment; nil for a file beside the log.
    public let segment: Int64?
    /// Offsets that cannot be read; nil when it costs none.
    public let offsets: Range<Int64>?
    /// Where in the file, in bytes.
    public let position: Int64
    /// How many bytes.
    public let bytes: Int64
    /// The file, for people.
    public let path: String
    /// What was found, in a sentence.
    public let detail: String

    /// Whether records are lost that somebody may have been promised.
    public var isDamage: Bool { [.damaged, .missing, .overlap].contains(kind) }
}

/// Checks the files of partitions: every batch's checksum, the order of offsets, the indexes. It changes nothing.
public struct LogVerifier: Sendable {
    /// What was looked at.
    public struct Counts: Sendable, Equatable {
        public var segments = 0
        public var batches = 0
        public var records: Int64 = 0
        public var bytes: Int64 = 0
    }

    /// Whether a broker may be writing to the last segment, so that its end may be a write under way.
    public var isLive: Bool
    /// What was looked at so far.
    public private(set) var counts = Counts()

    /// A check of files at rest, or of files that a broker works on.
    public init(isLive: Bool = false) { self.isLive = isLive }

    /// Checks one partition; what it finds comes in the order of the files.
    public mutating func verify(_ partition: OfflinePartition) throws(LogError) -> [LogFinding] {
        var findings: [LogFinding] = []
        if let start = partition.startOffset, let first = partition.segments.first, first.baseOffset > start {
            findings.append(
                LogFinding(
                    kind: .missing, topic: partition.topic, partition: partition.partition, segment: first.baseOffset,
                    offsets: start..<first.baseOffset, position: 0, bytes: 0, path: first.path,
                    detail: "offsets \(start)..<\(first.baseOffset) are missing"))
        }
        for (index, segment) in partition.segments.enumerated() {
            let next = index + 1 < partition.segments.count ? partition.segments[index + 1].baseOffset : nil
            findings += try verify(partition, segment, next: next)
        }
        for leftover in partition.leftovers {
            findings.append(
                LogFinding(
                    kind: .leftover, topic: partition.topic, partition: partition.partition, segment: nil,
                    offsets: nil, position: 0, bytes: leftover.bytes, path: partition.path + "/" + leftover.name,
                    detail: "\(leftover.name) is kept beside the log and not read"))
        }
        return findings
    }

    private mutating func verify(
        _ partition: OfflinePartition, _ segment: OfflineSegment, next: Int64?
    ) throws(LogError) -> [LogFinding] {
        func finding(
            _ kind: LogFinding.Kind, _ offsets: Range<Int64>?, _ position: Int64, _ bytes: Int64, _ detail: String
        )
            -> LogFinding
        {
            LogFinding(
                kind: kind, topic: partition.topic, partition: partition.partition, segment: segment.baseOffset,
                offsets: offsets, position: position, bytes: bytes, path: segment.path, detail: detail)
        }
        var findings: [LogFinding] = []
        var scan = try OfflineScan(segment, synced: partition.syncedOffset)
        var index = IndexCheck(segment)
        counts.segments += 1
        counts.bytes += segment.bytes
        var overlap: (position: Int64, first: Int64)?
        var expected = segment.baseOffset
        while let item = try scan.next() {
            switch item {
            case .batch(let header, let position):
                if !partition.mayHaveGaps, header.baseOffset > expected,
                    findings.last?.offsets?.upperBound != header.baseOffset
                {
                    let detail = "offsets \(expected)..<\(header.baseOffset) are missing between two batches"
                    findings.append(finding(.missing, expected..<header.baseOffset, position, 0, detail))
                }
                expected = header.lastOffset + 1
                counts.batches += 1
                counts.records += Int64(header.recordCount)
                index.note(header, position)
                if let next, header.lastOffset >= next, overlap == nil { overlap = (position, header.baseOffset) }
            case .damage(let position, let bytes, let first, let nextOffset):
                index.skip(to: position + bytes)
                let synced = partition.syncedOffset > first ? partition.syncedOffset : nil
                if let end = nextOffset ?? next ?? synced {
                    let detail =
                        "no intact batch in its place at byte \(position), offsets \(first)..<\(end) cannot be read"
                    findings.append(finding(.damaged, first..<max(first, end), position, bytes, detail))
                } else if !isLive {
                    let detail = "no whole batch behind offset \(first): cut off at the next start"
                    findings.append(finding(.torn, nil, position, bytes, detail))
                }
            }
        }
        if let next, let overlap {
            findings.append(
                finding(
                    .overlap, overlap.first..<scan.expectedOffset, overlap.position, segment.bytes - overlap.position,
                    "offsets up to \(scan.expectedOffset) where the next segment begins at \(next)"))
        } else if let next, scan.expectedOffset < next, findings.last?.offsets?.upperBound != next {
            let first = scan.expectedOffset
            findings.append(finding(.missing, first..<next, segment.bytes, 0, "offsets \(first)..<\(next) are missing"))
        } else if next == nil, scan.expectedOffset < partition.syncedOffset, findings.last?.offsets == nil {
            let (first, end) = (scan.expectedOffset, partition.syncedOffset)
            let detail = "offsets \(first)..<\(end) were on the disk and are missing"
            findings.append(finding(.missing, first..<end, segment.bytes, 0, detail))
        }
        if !isLive || next != nil, let problem = index.finish() {
            findings.append(finding(.index, nil, 0, segment.offsetIndexBytes ?? 0, problem))
        }
        return findings
    }
}

/// Compares a segment's index files with the batches of its log, one batch after another.
private struct IndexCheck {
    private let offsets: [SegmentIndex.OffsetEntry]
    private var next = 0
    private var problem: String?

    init(_ segment: OfflineSegment) {
        let bytes = Self.contents(segment, ".index")
        offsets = IndexFile.offsetEntries(bytes, base: segment.baseOffset, size: segment.bytes)
        let present = bytes.count / SegmentIndex.OffsetEntry.size
        let times = Self.contents(segment, ".timeindex")
        let timeEntries = IndexFile.timeEntries(times, base: segment.baseOffset)
        if Self.hasMore(bytes, than: offsets.count * SegmentIndex.OffsetEntry.size) {
            problem = "the offset index has \(present) entries, of which only the first \(offsets.count) can be right"
        } else if Self.hasMore(times, than: timeEntries.count * SegmentIndex.TimeEntry.size) {
            problem = "the time index is right only up to its entry \(timeEntries.count)"
        }
    }

    private static func contents(_ segment: OfflineSegment, _ ending: String) -> [UInt8] {
        (try? segment.fileSystem.contents(segment.path(ending))) ?? []
    }

    /// Kafka makes index files long in advance and fills them with zeros, which are no entries.
    private static func hasMore(_ bytes: [UInt8], than count: Int) -> Bool {
        bytes[min(count, bytes.count)...].contains { $0 != 0 }
    }

    /// Steps over the entries of a damaged part of the log: there is nothing to compare them with.
    mutating func skip(to position: Int64) {
        while next < offsets.count, offsets[next].position < position { next += 1 }
    }

    /// What is wrong, once the log is at its end.
    mutating func finish() -> String? {
        if problem == nil, next < offsets.count {
            let entry = offsets[next]
            problem =
                "the offset index says offset \(entry.lastOffset) at byte \(entry.position), behind the last batch"
        }
        return problem
    }

    mutating func note(_ header: RecordBatchHeader, _ position: Int64) {
        while next < offsets.count, offsets[next].position <= position {
            let entry = offsets[next]
            next += 1
            guard problem == nil, entry.position != position || entry.lastOffset < header.baseOffset else { continue }
            problem = "the offset index says offset \(entry.lastOffset) at byte \(entry.position), the log does not"
        }
    }
}
