/// The transactions that hold back readers of committed data in one partition.
///
/// A transaction does so from its first batch until its marker is visible: a reader must never see the data of one whose
/// end could still be taken back.
struct OpenTransactions: Sendable {
    /// A transaction whose marker is written but not visible.
    private struct Ending: Sendable {
        let start: LogPosition
        let markerOffset: Int64
    }

    /// As many may be open in one partition; further ones are refused.
    static let countMax = 50_000

    private var starts: [Int64: LogPosition] = [:]
    private var ending: [Ending] = []
    /// The first batch of the oldest transaction that has no marker; nil for none.
    private(set) var firstOpen: LogPosition?
    /// The first batch of the oldest transaction that has no visible end; nil when everything visible is decided.
    private(set) var firstUnstable: LogPosition?

    /// How many are open.
    var count: Int { starts.count }

    /// Where a producer's open transaction begins; nil when it has none.
    func start(of producerID: Int64) -> LogPosition? { starts.isEmpty ? nil : starts[producerID] }

    /// A producer's first batch is at `place`.
    mutating func begin(_ producerID: Int64, at place: LogPosition) {
        starts[producerID] = place
        // Those that a snapshot held come in any order.
        if firstOpen.map({ place.offset < $0.offset }) ?? true { firstOpen = place }
        if firstUnstable.map({ place.offset < $0.offset }) ?? true { firstUnstable = place }
    }

    /// A producer's marker is at `markerOffset`; returns where its transaction began, nil when it had none.
    mutating func end(_ producerID: Int64, markerOffset: Int64) -> LogPosition? {
        guard let start = starts.removeValue(forKey: producerID) else { return nil }
        ending.append(Ending(start: start, markerOffset: markerOffset))
        if firstOpen?.offset == start.offset { firstOpen = starts.values.min { $0.offset < $1.offset } }
        return start
    }

    /// Everything below `offset` is visible.
    mutating func settle(below offset: Int64) {
        guard let first = ending.first, first.markerOffset < offset else { return }
        // Markers stand in the order in which they were written.
        ending.removeFirst(ending.firstIndex { $0.markerOffset >= offset } ?? ending.count)
        let firstEnding = ending.map(\.start).min { $0.offset < $1.offset }
        firstUnstable = [firstOpen, firstEnding].compactMap { $0 }.min { $0.offset < $1.offset }
    }
}
