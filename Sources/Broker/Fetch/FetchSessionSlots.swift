/// Which fetch sessions there are, and which one gives way when there are too many: Kafka's rule, as a value.
///
/// When all places are taken, a session that was not used for two minutes gives way to a new one, the longest unused
/// first; failing that, the smallest that has lived for two minutes and is smaller than the new one; failing that, the
/// new one is not made, and its client fetches without a session.
struct FetchSessionSlots {
    /// Sessions of one event loop at most (Kafka's `max.incremental.fetch.session.cache.slots`).
    static let sessionsMax = 1000
    /// Partitions of all sessions of one event loop at most.
    static let partitionsMax = 200_000
    /// How long a session is safe from a larger one, and how long it may be unused, ms.
    static let evictionMilliseconds: Int64 = 120_000

    /// What to do about a new session.
    enum Admission: Equatable {
        case admitted
        /// Let go of these, then admitted.
        case evict([Int32])
        case refused
    }

    private struct Session {
        let createdMilliseconds: Int64
        var usedMilliseconds: Int64
        var partitionCount: Int
    }

    private var sessions: [Int32: Session] = [:]
    private let sessionsMax: Int
    private let partitionsMax: Int
    /// Partitions of all sessions.
    private(set) var partitionCount = 0

    init(sessionsMax: Int = Self.sessionsMax, partitionsMax: Int = Self.partitionsMax) {
        self.sessionsMax = sessionsMax
        self.partitionsMax = partitionsMax
    }

    /// How many sessions there are.
    var count: Int { sessions.count }

    /// Whether a session of so many partitions can be made at `now`, and at whose cost. Nothing is changed.
    func admission(partitionCount new: Int, now: Int64) -> Admission {
        guard new > 0, new <= min(FetchSession.partitionsMax, partitionsMax) else { return .refused }
        var (count, partitions) = (sessions.count, partitionCount)
        guard count >= sessionsMax || partitions + new > partitionsMax else { return .admitted }
        var evicted: [Int32] = []
        for (id, session) in candidates(for: new, now) {
            evicted.append(id)
            (count, partitions) = (count - 1, partitions - session.partitionCount)
            if count < sessionsMax, partitions + new <= partitionsMax { return .evict(evicted) }
        }
        return .refused
    }

    /// Sessions that may give way, in order.
    private func candidates(for new: Int, _ now: Int64) -> [(Int32, Session)] {
        let stale = sessions.filter { now - $0.value.usedMilliseconds > Self.evictionMilliseconds }
            .sorted { $0.value.usedMilliseconds < $1.value.usedMilliseconds }
        let small = sessions.filter { _, session in
            now - session.usedMilliseconds <= Self.evictionMilliseconds
                && now - session.createdMilliseconds > Self.evictionMilliseconds && session.partitionCount < new
        }.sorted { $0.value.partitionCount < $1.value.partitionCount }
        return stale.map { ($0.key, $0.value) } + small.map { ($0.key, $0.value) }
    }

    /// Notes a new session.
    mutating func add(_ id: Int32, partitionCount: Int, now: Int64) {
        precondition(sessions[id] == nil)
        sessions[id] = Session(createdMilliseconds: now, usedMilliseconds: now, partitionCount: partitionCount)
        self.partitionCount += partitionCount
    }

    /// Notes that a session was used and how large it is now; false when it is too large to go on.
    mutating func touch(_ id: Int32, partitionCount new: Int, now: Int64) -> Bool {
        guard let old = sessions[id]?.partitionCount else { preconditionFailure("a session that was added") }
        sessions[id]?.usedMilliseconds = now
        sessions[id]?.partitionCount = new
        partitionCount += new - old
        return new <= FetchSession.partitionsMax && (new <= old || partitionCount <= partitionsMax)
    }

    /// Forgets a session.
    mutating func remove(_ id: Int32) {
        guard let session = sessions.removeValue(forKey: id) else { return }
        partitionCount -= session.partitionCount
    }
}
