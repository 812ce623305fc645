import CommitLog
import Synchronization

/// The fetches of one event loop that want to hear of one partition.
///
/// Belongs to the loop's thread; only the waker is touched by others.
final class PartitionWatch {
    /// Says that the partition has grown.
    final class Waker: Sendable {
        fileprivate let isArmed = Atomic<Bool>(false)
        fileprivate let log: PartitionLog

        init(_ log: PartitionLog) { self.log = log }
    }

    private struct Watcher {
        let fetch: ActiveFetch
        let slot: Int
    }

    let log: PartitionLog
    private let waker: Waker
    private let observer: ObserverToken
    private var watchers: [Watcher] = []
    /// When the list has grown to this, those that have gone are swept out.
    private var sweepAt = 8

    fileprivate init(_ log: PartitionLog, _ mailbox: WakeMailbox) {
        self.log = log
        let waker = Waker(log)
        self.waker = waker
        observer = log.observe {
            // One exchange per append while nobody waits, one message per wait otherwise.
            if waker.isArmed.exchange(false, ordering: .sequentiallyConsistent) { mailbox.put(waker) }
        }
    }

    /// Has the next growth told. To be called before looking at the partition, so that nothing is missed: the exchange
    /// is a barrier between this and the look.
    func arm() { _ = waker.isArmed.exchange(true, ordering: .sequentiallyConsistent) }

    /// Tells `fetch` about the partition from now on, as its slot of this number.
    func add(_ fetch: ActiveFetch, slot: Int) {
        if watchers.count >= sweepAt {
            watchers.removeAll { !$0.fetch.watches(self, slot: $0.slot) }
            sweepAt = max(8, 2 * watchers.count)
        }
        watchers.append(Watcher(fetch: fetch, slot: slot))
    }

    /// Tells `fetch` no more.
    func remove(_ fetch: ActiveFetch) { watchers.removeAll { $0.fetch === fetch } }

    fileprivate func tellAll(_ tell: (ActiveFetch, Int) -> Void) {
        watchers.removeAll { !$0.fetch.watches(self, slot: $0.slot) }
        // A fetch that is told may be answered, and its client's next one added.
        for watcher in watchers where watcher.fetch.watches(self, slot: watcher.slot) {
            tell(watcher.fetch, watcher.slot)
        }
    }

    fileprivate func end() { log.removeObserver(observer) }
}

/// The partitions that the fetches of one event loop watch.
///
/// An append tells each loop that waits for its partition at most once until the loop has looked. Belongs to the loop's
/// thread.
final class PartitionWatches {
    private let mailbox: WakeMailbox
    private var watches: [ObjectIdentifier: PartitionWatch] = [:]

    /// `notify` is called on any thread when the loop should call `wake`.
    init(notify: @escaping @Sendable () -> Void) {
        mailbox = WakeMailbox(notify: notify)
    }

    /// The watch of a partition.
    func watch(_ log: PartitionLog) -> PartitionWatch {
        if let watch = watches[ObjectIdentifier(log)] { return watch }
        let watch = PartitionWatch(log, mailbox)
        watches[ObjectIdentifier(log)] = watch
        return watch
    }

    /// Tells the fetches of partitions that have grown.
    func wake() {
        for waker in mailbox.take() {
            watches[ObjectIdentifier(waker.log)]?.tellAll { fetch, slot in fetch.partitionGrew(slot) }
        }
    }

    /// Tells every fetch of these partitions that they are gone, and forgets them.
    func remove(_ logs: [PartitionLog]) {
        var told: [ActiveFetch] = []
        for log in logs {
            guard let watch = watches.removeValue(forKey: ObjectIdentifier(log)) else { continue }
            watch.end()
            watch.tellAll { fetch, slot in
                fetch.partitionEnded(slot)
                if told.last !== fetch { told.append(fetch) }
            }
        }
        for fetch in told { fetch.finish() }
    }
}

/// Wakers on their way to one event loop: the loop is told once, however many there are.
final class WakeMailbox: Sendable {
    private let wakers = Mutex<[PartitionWatch.Waker]>([])
    private let notify: @Sendable () -> Void

    /// `notify` is called on any thread when the mailbox is no longer empty.
    init(notify: @escaping @Sendable () -> Void) {
        self.notify = notify
    }

    /// Puts a waker in.
    func put(_ waker: PartitionWatch.Waker) {
        let wasEmpty = wakers.withLock { wakers in
            defer { wakers.append(waker) }
            return wakers.isEmpty
        }
        if wasEmpty { notify() }
    }

    /// Takes all out.
    func take() -> [PartitionWatch.Waker] {
        wakers.withLock { wakers in
            defer { wakers = [] }
            return wakers
        }
    }
}
