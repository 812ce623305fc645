/// The parts of a log file whose batches this process has written, or has read with their checksums: they are given to
/// readers as they are. The disk may have damaged the others since they were written.
struct CheckedParts: Sendable, Equatable {
    /// So many parts of a file are remembered; what is forgotten is read with its checksums again.
    static let countMax = 64

    /// Nothing.
    static let none = CheckedParts(parts: [])
    /// The whole file, and what will be appended to it.
    static let all = CheckedParts(parts: [0..<Int64.max])

    /// Bytes of the file, in order, apart from each other.
    private(set) var parts: [Range<Int64>]

    private init(parts: [Range<Int64>]) { self.parts = parts }

    /// The file from `position` on, and what will be appended to it.
    init(from position: Int64) {
        self = position == 0 ? .all : position == .max ? .none : CheckedParts(parts: [position..<Int64.max])
    }

    /// Behind the part that holds `position`; `position` itself when none does.
    func end(from position: Int64) -> Int64 {
        parts.first { $0.contains(position) }?.upperBound ?? position
    }

    /// Adds a part.
    mutating func add(_ part: Range<Int64>) {
        guard !part.isEmpty else { return }
        var joined = part
        parts.removeAll { other in
            guard other.lowerBound <= joined.upperBound, joined.lowerBound <= other.upperBound else { return false }
            joined = min(joined.lowerBound, other.lowerBound)..<max(joined.upperBound, other.upperBound)
            return true
        }
        if parts.count >= Self.countMax, let least = parts.indices.min(by: { parts[$0].count < parts[$1].count }) {
            parts.remove(at: least)
        }
        parts.insert(joined, at: parts.firstIndex { $0.lowerBound > joined.lowerBound } ?? parts.count)
    }
}
