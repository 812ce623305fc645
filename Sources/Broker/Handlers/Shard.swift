import Bytes
import Synchronization

/// The event loop under a shard, as far as request handlers need it.
protocol ShardLoop: AnyObject, Sendable {
    /// Runs `body` on the loop's thread; callable on any thread. What is posted after the loop's end is dropped.
    func post(_ body: @escaping @Sendable () -> Void)
    /// Runs `body` on the loop's thread later; called there. The returned function cancels.
    func schedule(milliseconds: Int, _ body: @escaping () -> Void) -> () -> Void
}

/// What one event loop keeps for its requests: memory for decompressing, fetches that wait, statistics.
final class Shard: @unchecked Sendable {
    // Unchecked: everything but `post` is touched on the loop's thread alone.

    /// Memory for decompressed records that is kept between requests, bytes.
    private static let scratchBytesMax = 4 << 20

    let statistics: RequestStatistics
    /// Fetches that wait for records.
    let waiters: FetchWaiters
    /// Takes decompressed records while a batch is checked.
    var scratch = ByteWriter(capacity: 0)
    private let loop: any ShardLoop

    /// The state of one loop.
    init(_ core: BrokerCore, _ loop: any ShardLoop) {
        self.loop = loop
        statistics = RequestStatistics(core.metrics)
        let relay = Relay()
        waiters = FetchWaiters { [weak loop] in loop?.post { relay.shard?.waiters.wake() } }
        relay.shard = self
        core.catalog.observeDeletions { topic in
            relay.shard?.post { relay.shard?.waiters.remove(topic) }
        }
    }

    /// Gives memory back after an unusually large batch.
    func trimScratch() {
        if scratch.allocated > Self.scratchBytesMax { scratch = ByteWriter(capacity: 0) }
    }

    /// Runs `body` on the loop's thread; callable on any thread.
    func post(_ body: @escaping @Sendable () -> Void) { loop.post(body) }

    /// Runs `body` on the loop's thread later; the returned function cancels.
    func schedule(milliseconds: Int, _ body: @escaping () -> Void) -> () -> Void {
        loop.schedule(milliseconds: milliseconds, body)
    }

    /// Leads from an observer, which may outlive the shard, back to it.
    private final class Relay: @unchecked Sendable {
        // Unchecked: written once, before any observer can run; a weak reference is read atomically.
        weak var shard: Shard?
    }
}
