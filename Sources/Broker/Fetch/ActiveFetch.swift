import Bytes
import CommitLog
import KafkaWire
import Observability

/// A fetch session with its partitions' logs, or one fetch without a session; with the request that waits in it, if
/// one does. Belongs to its loop's thread.
final class ActiveFetch {
    /// Where a slot's records are.
    private struct Target {
        let topic: Topic
        let log: PartitionLog
        var watch: PartitionWatch?
    }

    /// A request that is being answered.
    struct Request {
        let context: RequestContext
        let isolationLevel: Int8
        let bytesMax: Int
        let bytesMin: Int
        let waitMilliseconds: Int
        /// Whether the answer names every partition, not only those with news.
        let isFull: Bool

        init(_ request: FetchRequest, _ context: RequestContext, isFull: Bool) {
            self.context = context
            isolationLevel = request.isolationLevel
            bytesMax = min(Int(max(0, request.maxBytes)), context.core.options.fetchMaxBytes)
            bytesMin = min(Int(request.minBytes), bytesMax)
            waitMilliseconds = Int(request.maxWaitMilliseconds)
            self.isFull = isFull
        }
    }

    private struct Parked {
        let request: Request
        var cancelTimer: () -> Void = {}
        /// Bytes that were found, by slot and together.
        private var byteCounts: [Int: Int] = [:]
        private var byteCount = 0

        init(request: Request) { self.request = request }

        var isEnough: Bool { byteCount >= request.bytesMin }

        mutating func note(_ count: Int, of slot: Int) {
            byteCount += count - (byteCounts.updateValue(count, forKey: slot) ?? 0)
        }
    }

    private(set) var session: FetchSession
    private unowned let fetches: Fetches
    private var targets: [Target?] = []
    private var parked: Parked?
    private var isOver = false

    init(_ session: FetchSession, _ fetches: Fetches) {
        self.session = session
        self.fetches = fetches
    }

    /// Whether this is a session, which lives longer than a request.
    private var isSession: Bool { session.id != 0 }
    /// Whether a request waits.
    var isParked: Bool { parked != nil }

    // MARK: - Requests

    /// Takes an incremental request that the session has not refused.
    func update(_ request: FetchRequest) {
        for number in session.update(request) where number < targets.count {
            targets[number]?.watch?.remove(self)
            targets[number] = nil
        }
    }

    /// Answers a request, at once or later.
    func run(_ request: Request) {
        precondition(parked == nil, "one request at a time")
        // Who does not wait must see what was acknowledged a moment ago, of which the news may still be on its way.
        if isSession, request.waitMilliseconds <= 0 || request.bytesMin <= 0 { session.enqueueAll() }
        let findings = look(request)
        let byteCount = findings.reduce(0) { $0 + $1.byteCount }
        let isReady =
            byteCount >= request.bytesMin || session.count == 0 || findings.contains { $0.errorCode != .none }
        guard !isReady, request.waitMilliseconds > 0, fetches.mayPark else { return answer(request, findings) }
        var waiting = Parked(request: request)
        for (number, finding) in zip(session.queue, findings) where finding.byteCount > 0 {
            waiting.note(finding.byteCount, of: number)
        }
        waiting.cancelTimer = request.context.shard.schedule(milliseconds: request.waitMilliseconds) { [weak self] in
            self?.finish()
        }
        parked = waiting
        fetches.parked(self, request.context)
        if !isSession { watchAll(findings) }
    }

    /// Watches the partitions of a fetch without a session, and looks at those that have grown since `findings`.
    private func watchAll(_ findings: [FetchFinding]) {
        for (number, finding) in zip(session.queue, findings) {
            guard var target = targets[number] else { continue }
            let watch = fetches.watches.watch(target.log)
            target.watch = watch
            targets[number] = target
            watch.add(self, slot: number)
            watch.arm()
            guard
                target.log.highWatermark != finding.highWatermark
                    || target.log.lastStableOffset != finding.lastStableOffset
            else { continue }
            partitionGrew(number)
            if parked == nil { return }
        }
    }

    /// Ends the request that waits with what there is.
    func finish() {
        guard let waiting = endParking() else { return }
        answer(waiting.request, look(waiting.request))
    }

    /// Ends the request that waits with an error of the whole.
    func refuse(_ code: ErrorCode) {
        guard let waiting = endParking() else { return }
        waiting.request.context.count(code)
        waiting.request.context.answer(FetchResponse(errorCode: code), inserting: [])
    }

    private func endParking() -> Parked? {
        guard let waiting = parked.take() else { return nil }
        waiting.cancelTimer()
        fetches.unparked(self, waiting.request.context)
        return waiting
    }

    /// Lets go of everything; a request that waits is not answered.
    func end() {
        _ = endParking()
        isOver = true
        if isSession { for target in targets { target?.watch?.remove(self) } }
        targets = []
    }

    // MARK: - Partitions

    /// Whether the slot of this number watches there.
    func watches(_ watch: PartitionWatch, slot number: Int) -> Bool {
        !isOver && number < targets.count && targets[number]?.watch === watch
    }

    /// Says that a slot's partition has grown, or has lost its oldest records.
    func partitionGrew(_ number: Int) {
        session.enqueue(number)
        guard let request = parked?.request, let target = targets[number] else { return }
        target.watch?.arm()
        let room = FetchFinding.Room(byteCount: .max, isFirst: true)
        let finding = FetchFinding(session.slots[number], target.log, request.isolationLevel, room)
        parked?.note(finding.byteCount, of: number)
        if finding.errorCode != .none || parked?.isEnough == true { finish() }
    }

    /// Says that a slot's partition was deleted; a request that waits is to be finished when all have been told.
    func partitionEnded(_ number: Int) {
        targets[number] = nil
        session.enqueue(number)
    }

    /// Looks at every partition of the queue, in order.
    private func look(_ request: Request) -> [FetchFinding] {
        if targets.count < session.slots.count {
            targets += [Target?](repeating: nil, count: session.slots.count - targets.count)
        }
        var room = FetchFinding.Room(byteCount: request.bytesMax, isFirst: true)
        var found: (name: String, id: UUID, topic: Topic?)?
        return session.queue.map { number in
            let slot = session.slots[number]
            if targets[number] == nil {
                if found?.name != slot.key.name || found?.id != slot.key.id {
                    found = (slot.key.name, slot.key.id, topic(of: slot.key))
                }
                guard let topic = found?.topic else {
                    return FetchFinding(session.usesTopicIDs ? .unknownTopicID : .unknownTopicOrPartition)
                }
                guard let log = topic.partition(slot.key.index) else { return FetchFinding(.unknownTopicOrPartition) }
                targets[number] = target(topic, log, number)
            }
            guard let target = targets[number] else { preconditionFailure("a target was just found") }
            target.watch?.arm()
            let finding = FetchFinding(slot, target.log, request.isolationLevel, room)
            room.byteCount -= finding.byteCount
            if finding.byteCount > 0 { room.isFirst = false }
            return finding
        }
    }

    private func topic(of key: FetchSession.Key) -> Topic? {
        session.usesTopicIDs ? fetches.core.catalog.topic(id: key.id) : fetches.core.catalog.topic(key.name)
    }

    private func target(_ topic: Topic, _ log: PartitionLog, _ number: Int) -> Target {
        guard isSession else { return Target(topic: topic, log: log, watch: nil) }
        let watch = fetches.watches.watch(log)
        watch.add(self, slot: number)
        return Target(topic: topic, log: log, watch: watch)
    }

    // MARK: - Answers

    private func answer(_ request: Request, _ findings: [FetchFinding]) {
        let queue = session.queue
        let isTold = isSession ? session.answer(findings.map(\.outcome)) : []
        var response = FetchResponse(sessionID: session.id)
        var slices: [LogSlice] = []
        for (place, number) in queue.enumerated() where request.isFull || isTold[place] {
            let (key, finding) = (session.slots[number].key, findings[place])
            if finding.errorCode != .none { request.context.count(finding.errorCode) }
            let partition = finding.response(key.index, fetches.core)
            if response.topics.last?.name != key.name || response.topics.last?.id != key.id {
                response.topics.append(FetchResponse.Topic(name: key.name, id: key.id))
            }
            response.topics[response.topics.count - 1].partitions.append(partition)
            guard let slice = finding.slice else { continue }
            targets[number]?.topic.counters.sentBytes.add(slice.count)
            slices.append(slice)
        }
        if findings.contains(where: { $0.errorCode == .fencedLeaderEpoch }) {
            let (host, port) = request.context.advertised
            response.nodeEndpoints = [
                FetchResponse.NodeEndpoint(nodeID: fetches.core.options.nodeID, host: host, port: port)
            ]
        }
        response.throttleMilliseconds = request.context.throttle(
            .consumerByteRate, byteCount: slices.reduce(0) { $0 + $1.count })
        request.context.answer(response, inserting: slices)
        if !isSession { end() }
    }
}
