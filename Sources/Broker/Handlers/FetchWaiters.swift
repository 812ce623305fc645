import CommitLog
import KafkaWire
import Synchronization

/// Fetches of one event loop that wait for records, by partition.
///
/// An append tells each loop that waits for its partition at most once until the loop has looked. Belongs to the loop's
/// thread; only `Waker` is touched by others.
final class FetchWaiters {
    /// Fetches that may wait at a time; one more is answered at once with what there is.
    static let fetchesMax = 100_000

    /// Says that a partition has grown.
    final class Waker: Sendable {
        fileprivate let isArmed = Atomic<Bool>(false)
        fileprivate let log: PartitionLog
        init(_ log: PartitionLog) { self.log = log }
    }

    /// A fetch that waits.
    private final class Parked {
        let request: FetchRequest
        let context: RequestContext
        var logs: [PartitionLog] = []
        var isDone = false
        var cancelTimer: () -> Void = {}

        init(_ request: FetchRequest, _ context: RequestContext) {
            self.request = request
            self.context = context
        }
    }

    private struct Entry {
        let waker: Waker
        let observer: ObserverToken
        var parked: [Parked] = []
    }

    private let mailbox: WakeMailbox
    private var entries: [ObjectIdentifier: Entry] = [:]
    private var parkedCount = 0

    /// `notify` is called on any thread when the loop should call `wake`.
    init(notify: @escaping @Sendable () -> Void) {
        mailbox = WakeMailbox(notify: notify)
    }

    /// Answers a fetch when its partitions have grown enough or its time is over.
    func park(_ request: FetchRequest, _ plan: FetchPlan, _ context: RequestContext) {
        guard parkedCount < Self.fetchesMax else { return FetchHandler.answer(plan, context) }
        let parked = Parked(request, context)
        parkedCount += 1
        parked.logs = plan.results.compactMap(\.log)
        for log in parked.logs { add(parked, log) }
        arm(parked)
        parked.cancelTimer = context.shard.schedule(milliseconds: Int(request.maxWaitMilliseconds)) {
            [weak self, weak parked] in
            guard let self, let parked else { return }
            finish(parked, FetchPlan(parked.request, parked.context.core))
        }
        // What came between the plan and the arming woke nobody.
        if plan.isOutdated { check(parked) }
    }

    /// Looks at the fetches of partitions that have grown.
    func wake() {
        for waker in mailbox.take() {
            guard let entry = entries[ObjectIdentifier(waker.log)] else { continue }
            for parked in entry.parked where !parked.isDone { check(parked) }
        }
    }

    /// Answers every fetch of the topic, which is gone, and forgets its partitions.
    func remove(_ topic: Topic) {
        for log in topic.partitions {
            guard let entry = entries.removeValue(forKey: ObjectIdentifier(log)) else { continue }
            log.removeObserver(entry.observer)
            for parked in entry.parked where !parked.isDone {
                finish(parked, FetchPlan(parked.request, parked.context.core))
            }
        }
    }

    /// Ends the fetches of connections that are gone.
    func removeClosed() {
        for entry in entries.values where !entry.parked.isEmpty {
            for parked in entry.parked where !parked.isDone && !parked.context.isConnected {
                finish(parked, FetchPlan(parked.request, parked.context.core))
            }
        }
    }

    private func check(_ parked: Parked) {
        // Armed before looking, so that what comes while looking wakes again.
        arm(parked)
        let plan = FetchPlan(parked.request, parked.context.core)
        if plan.isReady || !parked.context.isConnected { finish(parked, plan) }
    }

    private func finish(_ parked: Parked, _ plan: FetchPlan) {
        guard !parked.isDone else { return }
        parked.isDone = true
        parkedCount -= 1
        parked.cancelTimer()
        for log in parked.logs {
            entries[ObjectIdentifier(log)]?.parked.removeAll { $0 === parked }
        }
        FetchHandler.answer(plan, parked.context)
    }

    private func add(_ parked: Parked, _ log: PartitionLog) {
        let identifier = ObjectIdentifier(log)
        if entries[identifier] == nil {
            let waker = Waker(log)
            let mailbox = mailbox
            let observer = log.observe {
                // One exchange per append while nobody waits, one message per wait otherwise.
                if waker.isArmed.exchange(false, ordering: .acquiringAndReleasing) { mailbox.put(waker) }
            }
            entries[identifier] = Entry(waker: waker, observer: observer)
        }
        entries[identifier]?.parked.append(parked)
    }

    private func arm(_ parked: Parked) {
        for log in parked.logs {
            entries[ObjectIdentifier(log)]?.waker.isArmed.store(true, ordering: .releasing)
        }
    }
}

/// Wakers on their way to one event loop: the loop is told once, however many there are.
final class WakeMailbox: Sendable {
    private let wakers = Mutex<[FetchWaiters.Waker]>([])
    private let notify: @Sendable () -> Void

    /// `notify` is called on any thread when the mailbox is no longer empty.
    init(notify: @escaping @Sendable () -> Void) {
        self.notify = notify
    }

    /// Puts a waker in.
    func put(_ waker: FetchWaiters.Waker) {
        let wasEmpty = wakers.withLock { wakers in
            defer { wakers.append(waker) }
            return wakers.isEmpty
        }
        if wasEmpty { notify() }
    }

    /// Takes all out.
    func take() -> [FetchWaiters.Waker] {
        wakers.withLock { wakers in
            defer { wakers = [] }
            return wakers
        }
    }
}
