/// What one compaction of a partition works on, as it was when the plan was made.
struct CompactionPlan: Sendable {
    /// A closed segment.
    struct Source: Sendable, Equatable {
        let base: Int64
        /// The base of the next segment.
        let end: Int64
        let size: Int64
        let modifiedMilliseconds: Int64
        /// How long ago its last batch arrived.
        let silenceMilliseconds: Int64
    }

    /// The last thing that is known of a producer, which must stay in the log for its sequence to be known.
    enum LastBatch: Sendable, Equatable {
        /// The last offset of its last batch of records.
        case data(Int64)
        /// There is no batch of records of this epoch, only markers.
        case marker(epoch: Int16)
    }

    /// Segments that may be compacted, by base: closed, durable, decided, and free of known damage.
    var sources: [Source]
    /// Below this offset every key is there once.
    var firstDirty: Int64
    var producers: [Int64: LastBatch]
    /// Whether records have waited as long as they may.
    var isOverdue = false

    /// The share of bytes that came since the last compaction.
    var dirtyRatio: Double {
        let all = sources.reduce(0) { $0 + $1.size }
        let dirty = sources.reduce(0) { $0 + ($1.base >= firstDirty ? $1.size : 0) }
        return all == 0 ? 0 : Double(dirty) / Double(all)
    }

    /// Segments that go into one file together: as many as fit into `bytes`.
    func groups(below end: Int64, bytes: Int64) -> [[Source]] {
        var groups: [[Source]] = []
        var size: Int64 = 0
        for source in sources where source.base < end {
            let first = groups.last?.first?.base ?? source.base
            if groups.isEmpty || size + source.size > bytes || source.end - first > Int64(Int32.max) {
                groups.append([])
                size = 0
            }
            groups[groups.count - 1].append(source)
            size += source.size
        }
        return groups
    }
}
