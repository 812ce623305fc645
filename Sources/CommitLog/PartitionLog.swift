import Observability
import RecordBatch
import Synchronization
import System

/// Identifies an observer of a partition.
public struct ObserverToken: Hashable, Sendable {
    let number: Int
}

/// The log of one partition: appends batches, hands out ranges of files, and says what is durable.
///
/// All calls may be made from any thread. One lock guards the state; it is held while a batch is written to the page
/// cache, and never during a sync or while a reader looks for its place.
public final class PartitionLog: Sendable {
    /// The topic's name.
    public let topic: String
    /// The partition's number, from 0.
    public let partition: Int32

    let key: PartitionKey
    let directory: String
    let environment: LogEnvironment
    /// Held while closed segments are loaded or removed and while a sync runs, in this order before `state`.
    let careLock = Lock(())
    let syncLock = Lock(())
    private let state: Lock<PartitionState>
    private let publishedStart: Atomic<Int64>
    private let publishedEnd: Atomic<Int64>
    private let publishedHighWatermark: Atomic<Int64>
    private let publishedLastStable: Atomic<Int64>
    private let nextToken = Atomic<Int>(0)

    init(_ key: PartitionKey, _ directory: String, _ environment: LogEnvironment, _ state: sending PartitionState) {
        self.key = key
        topic = key.topic
        partition = key.partition
        self.directory = directory
        self.environment = environment
        publishedStart = Atomic(state.startOffset)
        publishedEnd = Atomic(state.endOffset)
        publishedHighWatermark = Atomic(state.highWatermark.offset)
        publishedLastStable = Atomic(state.lastStable.offset)
        self.state = Lock(state)
    }

    /// Changes the state under the lock, and shows the new watermarks to those who read without it.
    @inline(__always)
    func locked<R: Sendable>(_ body: (inout PartitionState) throws(LogError) -> R) throws(LogError) -> R {
        try state.withLock { (state) throws(LogError) -> R in
            defer {
                publishedStart.store(state.startOffset, ordering: .releasing)
                publishedEnd.store(state.endOffset, ordering: .releasing)
                publishedHighWatermark.store(state.highWatermark.offset, ordering: .releasing)
                publishedLastStable.store(state.lastStable.offset, ordering: .releasing)
            }
            return try body(&state)
        }
    }

    /// Changes the state where nothing can fail.
    @inline(__always)
    func always<R: Sendable>(_ body: (inout PartitionState) -> R) -> R {
        state.withLock { body(&$0) }
    }

    /// The name that messages use, such as `LARMOR_events-0`.
    var name: String { key.directoryName }

    // MARK: - What is there

    /// The first offset that can be read.
    public var startOffset: Int64 { publishedStart.load(ordering: .acquiring) }
    /// The offset of the next record that will be appended (LEO).
    public var endOffset: Int64 { publishedEnd.load(ordering: .acquiring) }
    /// Behind the last record that consumers see.
    public var highWatermark: Int64 { publishedHighWatermark.load(ordering: .acquiring) }
    /// Behind the last record that consumers of committed data see (LSO); never above the high watermark.
    public var lastStableOffset: Int64 { publishedLastStable.load(ordering: .acquiring) }
    /// Everything below this offset is synced.
    public var durableOffset: Int64 { always { $0.durableOffset } }
    /// Bytes of log, indexes not counted.
    public var sizeBytes: Int64 { always { $0.segments.reduce(0) { $0 + $1.size } } }
    /// How many log files.
    public var segmentCount: Int { always { $0.segments.count } }
    /// How many idempotent producers are remembered.
    public var producerCount: Int { always { $0.producers.producers.count } }
    /// Parts of the log that are known to be damaged.
    public var damage: [DamagedRange] { always { $0.damage } }
    /// The settings in force.
    public var settings: PartitionSettings { always { $0.settings } }

    /// Puts new settings in force.
    public func apply(_ settings: PartitionSettings) {
        always { $0.settings = settings }
    }

    // MARK: - Observers

    /// Calls `body` whenever consumers can see more or less, or the partition failed or was deleted.
    ///
    /// It runs on the thread that made it so and must be quick: set a flag, wake a thread. It must not call the partition's
    /// appends.
    public func observe(_ body: @escaping @Sendable () -> Void) -> ObserverToken {
        let token = ObserverToken(number: nextToken.wrappingAdd(1, ordering: .relaxed).newValue)
        always { $0.observers.append((token, body)) }
        return token
    }

    /// Ends an observation; a call that is under way may still be running.
    public func removeObserver(_ token: ObserverToken) {
        always { state in state.observers.removeAll { $0.token == token } }
    }

    func notify() {
        let bodies = always { $0.observers.map(\.body) }
        for body in bodies { body() }
    }

    /// Ends the partition's life: waiters get `error`, later calls too.
    func end(_ status: PartitionState.Status, _ error: LogError) { answer(detach(status), error) }

    /// Ends the partition's life without calling anybody; `answer` comes next.
    func detach(_ status: PartitionState.Status) -> [DurabilityWaiter] {
        always { state in
            if case .deleted = state.status { return [] }
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
    }

    /// Tells waiters and observers that the partition's life is over.
    func answer(_ waiters: [DurabilityWaiter], _ error: LogError) {
        for waiter in waiters { waiter.done(.failure(error)) }
        notify()
    }
}
