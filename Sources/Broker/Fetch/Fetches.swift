import KafkaWire
import System

/// The fetches of one event loop: its sessions, those that wait, and the partitions that they watch. Belongs to the
/// loop's thread.
///
/// A session ends with the connection that used it last: a client that comes back opens a new one.
final class Fetches {
    /// Fetches that may wait at a time; one more is answered at once with what there is.
    static let parkedMax = 100_000

    let core: BrokerCore
    let watches: PartitionWatches
    private var sessions: [Int32: ActiveFetch] = [:]
    private var slots = FetchSessionSlots()
    private var connectionOfSession: [Int32: UInt64] = [:]
    /// Sessions and waiting fetches of a connection: a handful.
    private var fetchesOfConnection: [UInt64: [ActiveFetch]] = [:]
    private var parkedCount = 0

    init(_ core: BrokerCore, notify: @escaping @Sendable () -> Void) {
        self.core = core
        watches = PartitionWatches(notify: notify)
    }

    // MARK: - Requests

    /// Answers a fetch, at once or later.
    func handle(_ request: FetchRequest, _ context: RequestContext) {
        guard request.sessionEpoch == 0 || request.sessionEpoch == -1 else { return proceed(request, context) }
        // A full request ends the session that it names.
        if request.sessionID != 0 { close(request.sessionID, .fetchSessionIDNotFound) }
        let fetch =
            (request.sessionEpoch == 0 ? open(request, context) : nil)
            ?? ActiveFetch(FetchSession(once: request, version: context.version), self)
        fetch.run(ActiveFetch.Request(request, context, isFull: true))
    }

    /// Goes on with a session.
    private func proceed(_ request: FetchRequest, _ context: RequestContext) {
        guard let fetch = sessions[request.sessionID] else { return refuse(.fetchSessionIDNotFound, context) }
        if let code = fetch.session.refusal(of: request, version: context.version) { return refuse(code, context) }
        // The session has moved on under a request that still waits.
        fetch.refuse(.invalidFetchSessionEpoch)
        fetch.update(request)
        guard fetch.session.count > 0 else {
            close(request.sessionID, .fetchSessionIDNotFound)
            return ActiveFetch(FetchSession(once: request, version: context.version), self)
                .run(ActiveFetch.Request(request, context, isFull: true))
        }
        guard slots.touch(request.sessionID, partitionCount: fetch.session.count, now: nowMilliseconds) else {
            close(request.sessionID, .fetchSessionIDNotFound)
            return refuse(.fetchSessionIDNotFound, context)
        }
        own(fetch, context.connectionID)
        fetch.run(ActiveFetch.Request(request, context, isFull: false))
    }

    private func refuse(_ code: ErrorCode, _ context: RequestContext) {
        context.count(code)
        context.answer(FetchResponse(errorCode: code), inserting: [])
    }

    // MARK: - Sessions

    /// A new session; nil when there is no room for it.
    private func open(_ request: FetchRequest, _ context: RequestContext) -> ActiveFetch? {
        let now = nowMilliseconds
        switch slots.admission(partitionCount: request.topics.reduce(0) { $0 + $1.partitions.count }, now: now) {
        case .refused: return nil
        case .evict(let ids): for id in ids { close(id, .fetchSessionIDNotFound) }
        case .admitted: break
        }
        var id = Int32.random(in: 1...Int32.max)
        while sessions[id] != nil { id = Int32.random(in: 1...Int32.max) }
        let session = FetchSession(id: id, opening: request, version: context.version)
        let fetch = ActiveFetch(session, self)
        slots.add(id, partitionCount: session.count, now: now)
        sessions[id] = fetch
        own(fetch, context.connectionID)
        return fetch
    }

    private func close(_ id: Int32, _ code: ErrorCode) {
        guard let fetch = sessions.removeValue(forKey: id) else { return }
        slots.remove(id)
        if let connection = connectionOfSession.removeValue(forKey: id) { disown(fetch, connection) }
        fetch.refuse(code)
        fetch.end()
    }

    private var nowMilliseconds: Int64 { Int64(core.clock.monotonicNanoseconds / 1_000_000) }

    // MARK: - Connections

    private func own(_ fetch: ActiveFetch, _ connection: UInt64) {
        let id = fetch.session.id
        if let before = connectionOfSession[id] {
            if before == connection { return }
            disown(fetch, before)
        }
        connectionOfSession[id] = connection
        fetchesOfConnection[connection, default: []].append(fetch)
    }

    private func disown(_ fetch: ActiveFetch, _ connection: UInt64) {
        fetchesOfConnection[connection]?.removeAll { $0 === fetch }
        if fetchesOfConnection[connection]?.isEmpty == true { fetchesOfConnection[connection] = nil }
    }

    /// Ends what a connection that is gone has left.
    func connectionClosed(_ connection: UInt64) {
        for fetch in fetchesOfConnection.removeValue(forKey: connection) ?? [] {
            let id = fetch.session.id
            if id != 0 {
                sessions[id] = nil
                connectionOfSession[id] = nil
                slots.remove(id)
            }
            fetch.end()
        }
    }

    // MARK: - Waiting

    /// Whether one more fetch may wait.
    var mayPark: Bool { parkedCount < Self.parkedMax }

    func parked(_ fetch: ActiveFetch, _ context: RequestContext) {
        parkedCount += 1
        context.noteWaitingFetch(1)
        if fetch.session.id == 0 { fetchesOfConnection[context.connectionID, default: []].append(fetch) }
    }

    func unparked(_ fetch: ActiveFetch, _ context: RequestContext) {
        parkedCount -= 1
        context.noteWaitingFetch(-1)
        if fetch.session.id == 0 { disown(fetch, context.connectionID) }
    }

    /// Answers what waits for a connection with what there is.
    func finishWaiting(of connection: UInt64) {
        for fetch in fetchesOfConnection[connection] ?? [] { fetch.finish() }
    }

    /// Answers everything that waits with what there is, since the broker stops.
    func finishAll() {
        for fetch in fetchesOfConnection.values.flatMap({ $0 }) { fetch.finish() }
    }

    /// Ends the partitions of a topic that was deleted.
    func remove(_ topic: Topic) {
        watches.remove(topic.partitions)
    }
}
