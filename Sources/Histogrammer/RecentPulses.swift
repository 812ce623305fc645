/// Copies of the latest pulses that were counted, so that those behind a run's end can be taken out again: the end is
/// told some milliseconds after its time, when later pulses may already be counted.
///
/// Entries are in the order of counting. Of those that were dropped the latest time is known, so it is always certain
/// whether every pulse from a given moment on is still here.
struct RecentPulses {
    /// What one pulse of one message has added.
    enum Content {
        /// A pu00: only its time.
        case metadata
        /// Events that a veto kept out.
        case vetoed(events: Int)
        /// Events that were counted; `pixels` is nil for monitors, `isKnown` tells whether there was a pu00.
        case counted(times: [Int32], pixels: [Int32]?, isKnown: Bool)
    }

    private struct Entry {
        let timeNanoseconds: Int64
        let bytes: Int
        let content: Content
    }

    /// The most memory that the entries may use.
    static let bytesMax = 64 << 20
    /// Pulses that are older than this before the newest one are dropped.
    static let ageMaxNanoseconds: Int64 = 1_000_000_000
    /// What an entry uses at most besides its events: its place, room that the array keeps, and two array heads.
    static let entryBytes = 256

    /// What the entries use now.
    private(set) var bytes = 0
    private let bytesMax: Int
    /// Dropped entries before `first` are nil, which frees their events at once.
    private var entries: [Entry?] = []
    private var first = 0
    private var newest = Int64.min
    private var latestDropped: Int64?

    init(bytesMax: Int = Self.bytesMax) { self.bytesMax = bytesMax }

    /// How many pulses are kept.
    var count: Int { entries.count - first }

    /// The latest pulse that was ever appended and not taken out; nil when there is none.
    var latestNanoseconds: Int64? {
        entries[first...].reduce(latestDropped) { latest, entry in
            guard let time = entry?.timeNanoseconds else { return latest }
            return max(latest ?? time, time)
        }
    }

    /// Keeps a pulse of `events` events, or only its time when it is too old; drops what is beyond the limits.
    mutating func append(_ timeNanoseconds: Int64, events: Int, _ content: @autoclosure () -> Content) {
        newest = max(newest, timeNanoseconds)
        let size = events * 2 * MemoryLayout<Int32>.stride + Self.entryBytes
        guard !isOld(timeNanoseconds), size <= bytesMax else {
            drop(timeNanoseconds)
            return
        }
        entries.append(Entry(timeNanoseconds: timeNanoseconds, bytes: size, content: content()))
        bytes += size
        while first < entries.count, let entry = entries[first], bytes > bytesMax || isOld(entry.timeNanoseconds) {
            drop(entry.timeNanoseconds)
            bytes -= entry.bytes
            entries[first] = nil
            first += 1
        }
        if first > 64, first > entries.count / 2 {
            entries.removeFirst(first)
            first = 0
        }
    }

    /// Takes out all pulses at or after a moment.
    ///
    /// - Returns: false, and nothing is taken out, when such pulses were dropped.
    mutating func takeOut(atOrAfter momentNanoseconds: Int64, _ body: (Content) -> Void) -> Bool {
        if let latestDropped, latestDropped >= momentNanoseconds { return false }
        var kept: [Entry?] = []
        for case let entry? in entries[first...] {
            if entry.timeNanoseconds >= momentNanoseconds {
                body(entry.content)
                bytes -= entry.bytes
            } else {
                kept.append(entry)
            }
        }
        entries = kept
        first = 0
        newest = latestNanoseconds ?? .min
        return true
    }

    private func isOld(_ timeNanoseconds: Int64) -> Bool {
        let (limit, overflow) = newest.subtractingReportingOverflow(Self.ageMaxNanoseconds)
        return !overflow && timeNanoseconds < limit
    }

    private mutating func drop(_ timeNanoseconds: Int64) {
        latestDropped = max(latestDropped ?? timeNanoseconds, timeNanoseconds)
    }
}
