import Bytes
import Reactor
import Synchronization

/// What one event loop keeps for its requests: memory for decompressing, fetches that wait, statistics.
final class Shard: @unchecked Sendable {
    // Unchecked: everything but `post` is touched on the loop's thread alone.

    let statistics: RequestStatistics
    /// Fetch sessions, and fetches that wait for records.
    let fetches: Fetches
    /// Takes decompressed records while a batch is checked.
    var scratch = ByteWriter(capacity: 0)
    private let loop: EventLoop
    /// Answers on their way to the loop. At most one for each request that waits, which the connections limit.
    private let answers = Mutex<[@Sendable () -> Void]>([])

    /// The state of one loop.
    init(_ core: BrokerCore, _ loop: EventLoop) {
        self.loop = loop
        statistics = RequestStatistics(core.metrics)
        let relay = Relay()
        fetches = Fetches(core) { [weak loop] in loop?.post { relay.shard?.fetches.watches.wake() } }
        relay.shard = self
        core.catalog.observeDeletions { topic in
            relay.shard?.post { relay.shard?.fetches.remove(topic) }
        }
    }

    /// Runs `body` on the loop's thread; callable on any thread. The loop is woken once for all that wait.
    func post(_ body: @escaping @Sendable () -> Void) {
        let wasEmpty = answers.withLock { answers in
            defer { answers.append(body) }
            return answers.isEmpty
        }
        if wasEmpty { loop.post { self.runAnswers() } }
    }

    private func runAnswers() {
        let bodies = answers.withLock { answers in
            defer { answers = [] }
            return answers
        }
        for body in bodies { body() }
    }

    /// Runs `body` on the loop's thread later; the returned function cancels.
    func schedule(milliseconds: Int, _ body: @escaping () -> Void) -> () -> Void {
        let timer = loop.schedule(afterMilliseconds: milliseconds, body)
        return { [loop] in loop.cancel(timer) }
    }

    /// Leads from an observer, which may outlive the shard, back to it.
    private final class Relay: @unchecked Sendable {
        // Unchecked: written once, before any observer can run; a weak reference is read atomically.
        weak var shard: Shard?
    }
}
