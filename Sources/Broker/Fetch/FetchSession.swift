import Bytes
import KafkaWire

/// The partitions that one client reads, as a value: which there are, what the client was told of each, and which must
/// be looked at for the next answer. The rules of fetch sessions are KIP-227's.
///
/// A partition is *queued* while there may be something to tell about it: it was asked for anew, it has grown, it had
/// records or an error in the last answer. One that was looked at and had nothing leaves the queue until somebody calls
/// `enqueue`, so that a fetch costs what has changed, however many partitions the session has. The queue is also the fair
/// order: whoever got records goes to its end.
struct FetchSession {
    /// What names a partition: the topic's name, or its id where the request's version has ids.
    struct Key: Hashable, Sendable {
        var name: String
        var id: UUID
        var index: Int32
    }

    /// What a client wants of a partition, and what it was told.
    struct Slot {
        let key: Key
        /// The offset of the first record to read.
        var fetchOffset: Int64
        /// The most to send, bytes.
        var bytesMax: Int32
        /// The leader epoch that the client knows; -1 for none.
        var currentLeaderEpoch: Int32
        /// What the last answer said; -1 when it said nothing that counts.
        fileprivate(set) var toldHighWatermark: Int64 = -1
        fileprivate(set) var toldStartOffset: Int64 = -1
        fileprivate(set) var isQueued = false
        fileprivate(set) var isInUse = true

        init(_ key: Key, _ wanted: FetchRequest.Partition) {
            self.key = key
            fetchOffset = wanted.fetchOffset
            bytesMax = wanted.partitionMaxBytes
            currentLeaderEpoch = wanted.currentLeaderEpoch
        }

        fileprivate mutating func want(_ wanted: FetchRequest.Partition) {
            fetchOffset = wanted.fetchOffset
            bytesMax = wanted.partitionMaxBytes
            currentLeaderEpoch = wanted.currentLeaderEpoch
        }
    }

    /// What became of a partition in one look.
    struct Outcome {
        var errorCode: ErrorCode = .none
        /// Bytes of records that go into the answer.
        var byteCount = 0
        /// Whether there are records that found no room.
        var isWaitingForRoom = false
        var highWatermark: Int64 = -1
        var startOffset: Int64 = -1
    }

    /// Partitions in one session at most.
    static let partitionsMax = 20_000

    /// The session's number on the wire; 0 for a fetch that is its own.
    let id: Int32
    /// Whether its topics are named by id (Fetch 13 and later).
    let usesTopicIDs: Bool
    /// The epoch that the next request must have.
    private(set) var epoch: Int32 = 1
    /// By number; those that are not in use wait to be used again.
    private(set) var slots: [Slot] = []
    private var numbers: [Key: Int] = [:]
    private var vacant: [Int] = []
    private var queued: [Int] = []
    private var isolationLevel: Int8

    /// A fetch without a session: each partition of the request, in its order.
    init(once request: FetchRequest, version: Int16) {
        id = 0
        usesTopicIDs = version >= 13
        isolationLevel = request.isolationLevel
        slots.reserveCapacity(request.topics.reduce(0) { $0 + $1.partitions.count })
        for topic in request.topics {
            for partition in topic.partitions {
                slots.append(Slot(Key(name: topic.name, id: topic.id, index: partition.index), partition))
            }
        }
        for number in slots.indices { enqueue(number) }
    }

    /// A session that begins with a full request; one that names a partition twice means its last.
    init(id: Int32, opening request: FetchRequest, version: Int16) {
        precondition(id != 0)
        self.id = id
        usesTopicIDs = version >= 13
        isolationLevel = request.isolationLevel
        take(request)
    }

    /// Partitions in the session.
    var count: Int { slots.count - vacant.count }

    /// The numbers of the slots to look at, in order.
    var queue: [Int] { queued }

    // MARK: - Requests

    /// Why an incremental request cannot be taken; nil when it can. Nothing is changed.
    func refusal(of request: FetchRequest, version: Int16) -> ErrorCode? {
        guard request.sessionEpoch == epoch else { return .invalidFetchSessionEpoch }
        return (version >= 13) == usesTopicIDs ? nil : .fetchSessionTopicIDError
    }

    /// Takes an incremental request that was not refused.
    ///
    /// - Returns: the slots that are no longer in use.
    mutating func update(_ request: FetchRequest) -> [Int] {
        epoch = Self.epoch(after: epoch)
        take(request)
        if request.isolationLevel != isolationLevel {
            isolationLevel = request.isolationLevel
            enqueueAll()
        }
        var forgotten: [Int] = []
        for topic in request.forgottenTopics {
            for index in topic.partitions {
                let key = Key(name: topic.name, id: topic.id, index: index)
                guard let number = numbers.removeValue(forKey: key) else { continue }
                slots[number].isInUse = false
                slots[number].isQueued = false
                forgotten.append(number)
            }
        }
        if !forgotten.isEmpty {
            vacant += forgotten
            queued.removeAll { !slots[$0].isQueued }
        }
        return forgotten
    }

    private mutating func take(_ request: FetchRequest) {
        for topic in request.topics {
            for partition in topic.partitions {
                let key = Key(name: topic.name, id: topic.id, index: partition.index)
                if let number = numbers[key] {
                    slots[number].want(partition)
                    enqueue(number)
                    continue
                }
                let number = vacant.popLast() ?? slots.count
                if number == slots.count {
                    slots.append(Slot(key, partition))
                } else {
                    slots[number] = Slot(key, partition)
                }
                numbers[key] = number
                enqueue(number)
            }
        }
    }

    /// The epoch after another: 0 opens a session, so the numbers wrap to 1.
    static func epoch(after epoch: Int32) -> Int32 { epoch == .max ? 1 : epoch + 1 }

    // MARK: - Answers

    /// Has a partition looked at again.
    mutating func enqueue(_ number: Int) {
        guard slots[number].isInUse, !slots[number].isQueued else { return }
        slots[number].isQueued = true
        queued.append(number)
    }

    /// Has every partition looked at again.
    mutating func enqueueAll() {
        for number in slots.indices { enqueue(number) }
    }

    /// Notes what a look at the whole queue brought, and decides what the client is told.
    ///
    /// - Parameter outcomes: what became of each partition of `queue`, in its order.
    /// - Returns: for each, whether it belongs into an incremental answer: records, an error, or news of its offsets.
    mutating func answer(_ outcomes: [Outcome]) -> [Bool] {
        precondition(outcomes.count == queued.count, "an outcome for each queued partition")
        var first: [Int] = []
        var last: [Int] = []
        var isTold: [Bool] = []
        isTold.reserveCapacity(outcomes.count)
        for (number, outcome) in zip(queued, outcomes) {
            isTold.append(tell(number, outcome))
            if outcome.isWaitingForRoom {
                first.append(number)
            } else if outcome.byteCount > 0 || outcome.errorCode != .none {
                last.append(number)
            } else {
                slots[number].isQueued = false
            }
        }
        queued = first + last
        return isTold
    }

    private mutating func tell(_ number: Int, _ outcome: Outcome) -> Bool {
        let isNews =
            outcome.byteCount > 0 || outcome.errorCode != .none
            || outcome.highWatermark != slots[number].toldHighWatermark
            || outcome.startOffset != slots[number].toldStartOffset
        slots[number].toldStartOffset = outcome.startOffset
        // After an error the next good answer is news, whatever it says.
        slots[number].toldHighWatermark = outcome.errorCode == .none ? outcome.highWatermark : -1
        return isNews
    }
}
