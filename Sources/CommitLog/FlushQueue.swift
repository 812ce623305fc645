/// How soon a partition has to be synced.
enum FlushUrgency: Int, Comparable, Sendable {
    /// Within `LogOptions.flushMilliseconds`.
    case later
    /// `LogOptions.flushBytes` or more are written: as soon as the disk has had a rest.
    case soon
    /// Somebody waits for it.
    case now

    static func < (left: FlushUrgency, right: FlushUrgency) -> Bool { left.rawValue < right.rawValue }
}

/// What is to be synced, and when.
///
/// What somebody waits for is due at once. Otherwise the disk rests after a round for three times as long as it took, and
/// 25 ms at most: a stream that fills `flushBytes` faster than the disk syncs them would else keep the disk and a
/// processor busy with small syncs.
struct FlushQueue<Item: Sendable>: Sendable {
    static var restNanosecondsMax: UInt64 { 25_000_000 }

    private var now: [Item] = []
    private var soon: [Item] = []
    /// When the disk has had its rest.
    private var soonFrom: UInt64 = 0
    /// In the order of their deadlines, because each waits equally long.
    private var later: [(item: Item, deadline: UInt64)] = []

    /// When the next one that nobody waits for is due.
    var deadline: UInt64? {
        guard let first = later.first?.deadline else { return soon.isEmpty ? nil : soonFrom }
        return soon.isEmpty ? first : min(first, soonFrom)
    }

    /// Adds one; the deadline counts for those that have time.
    mutating func add(_ item: Item, _ urgency: FlushUrgency, deadline: UInt64) {
        switch urgency {
        case .now: now.append(item)
        case .soon: soon.append(item)
        case .later: later.append((item, deadline))
        }
    }

    /// Takes out what is due at `time`.
    mutating func takeDue(_ time: UInt64) -> [Item] {
        let due = later.prefix { $0.deadline <= time }.map(\.item)
        later.removeFirst(due.count)
        let rested = soonFrom <= time ? soon : []
        if !rested.isEmpty { soon = [] }
        defer { now = [] }
        return now + rested + due
    }

    /// Has the disk rest after a round of syncs.
    mutating func roundEnded(_ time: UInt64, tookNanoseconds: UInt64) {
        soonFrom = time + min(3 * min(tookNanoseconds, Self.restNanosecondsMax), Self.restNanosecondsMax)
    }
}
