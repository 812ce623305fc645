import Bytes

/// The port that every service is written against: topics, records in and out, offsets.
///
/// Two adapters implement it: `EmbeddedStreams` works straight on the log in this process, `ClusterStreams` talks to any
/// Kafka cluster. Both pass the same test suite. All calls block and may be made from any thread.
public protocol Streams: StreamAdministration {
    /// All topics, sorted by name.
    func topics() throws(StreamError) -> [TopicDescription]
    /// One topic; nil when it does not exist. Never creates it.
    func topic(_ name: String) throws(StreamError) -> TopicDescription?
    /// Creates a topic; `topicExists` when there is one.
    func createTopic(_ specification: TopicSpecification) throws(StreamError)
    /// Deletes a topic with its records.
    func deleteTopic(_ name: String) throws(StreamError)
    /// The first offset kept and the offset behind the last visible record.
    func watermarks(_ partition: TopicPartition) throws(StreamError) -> Watermarks
    /// The first offset whose record has this timestamp (ms since the epoch) or a later one; nil when there is none.
    func offset(_ partition: TopicPartition, atOrAfter timestampMilliseconds: Int64) throws(StreamError) -> Int64?
    /// A reader of partitions, each from its own start. Belongs to one thread at a time.
    func makeReader(_ assignments: [ReaderAssignment]) throws(StreamError) -> any StreamReader
    /// A producer. Belongs to one thread at a time.
    func makeProducer(_ options: ProducerOptions) throws(StreamError) -> any StreamProducer
    /// The offsets that a group has committed for these partitions; partitions without one are left out.
    func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64]
    /// Commits offsets for a group without members.
    func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError)
    /// Offsets and sizes of every partition, for consoles and metrics.
    func statistics() throws(StreamError) -> [PartitionStatistics]
    /// Lets go of connections and threads; later calls throw `closed`.
    func close()
}

/// A partition of a topic.
public struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    /// The topic's name.
    public let topic: String
    /// The partition's number, from 0.
    public let partition: Int32

    /// Partition `partition` of `topic`.
    public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public var description: String { "\(topic)-\(partition)" }
}

/// What is known of a topic.
public struct TopicDescription: Sendable, Equatable {
    /// The topic's name.
    public let name: String
    /// How many partitions it has.
    public let partitionCount: Int32
    /// Whether it holds the broker's own state.
    public let isInternal: Bool

    /// A topic with so many partitions.
    public init(name: String, partitionCount: Int32, isInternal: Bool) {
        self.name = name
        self.partitionCount = partitionCount
        self.isInternal = isInternal
    }
}

/// A topic to be created.
public struct TopicSpecification: Sendable {
    /// The topic's name: 1 to 249 of `[a-zA-Z0-9._-]`.
    public var name: String
    /// How many partitions.
    public var partitionCount: Int32
    /// Copies; a single node keeps one.
    public var replicationFactor: Int16
    /// Settings by Kafka name, such as `retention.ms`.
    public var configuration: [String: String]

    /// A topic with defaults for all but its name.
    public init(
        _ name: String, partitionCount: Int32 = 1, replicationFactor: Int16 = 1, configuration: [String: String] = [:]
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}

/// The range of offsets that can be read: `low..<high`.
public struct Watermarks: Sendable, Equatable {
    /// The first offset kept.
    public let low: Int64
    /// The offset that the next visible record will have.
    public let high: Int64

    /// The range `low..<high`.
    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}

/// Offsets and size of one partition.
public struct PartitionStatistics: Sendable {
    /// Which partition.
    public let partition: TopicPartition
    /// The readable offsets.
    public let watermarks: Watermarks
    /// Bytes on disk; nil when the other side does not tell.
    public let sizeBytes: Int64?

    /// Statistics of one partition.
    public init(partition: TopicPartition, watermarks: Watermarks, sizeBytes: Int64?) {
        self.partition = partition
        self.watermarks = watermarks
        self.sizeBytes = sizeBytes
    }
}

/// Where a reader begins.
public enum StartPosition: Sendable, Equatable {
    /// At the first record kept.
    case beginning
    /// Behind the last record: only what comes from now on.
    case end
    /// At this offset; `offsetOutOfRange` is thrown when it does not exist.
    case offset(Int64)
    /// At the first record of this time (ms since the epoch) or later; at the end when there is none.
    case timestamp(Int64)
}

/// A partition to read and where to begin.
public struct ReaderAssignment: Sendable {
    /// Which partition.
    public let partition: TopicPartition
    /// Where to begin.
    public let start: StartPosition

    /// Reads `partition` from `start`.
    public init(_ partition: TopicPartition, from start: StartPosition) {
        self.partition = partition
        self.start = start
    }
}

/// A header of a record.
public struct StreamHeader: Sendable, Equatable {
    /// The header's name.
    public let key: String
    /// Its value, which may be absent.
    public let value: [UInt8]?

    /// A header.
    public init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// One record as it is read. Key and value are borrowed: they are valid only during the call that received them.
public struct StreamRecord {
    /// Index of the partition in the reader's assignments.
    public let assignment: Int
    /// The record's offset.
    public let offset: Int64
    /// The record's time in ms since the epoch; -1 when it has none.
    public let timestampMilliseconds: Int64
    /// The key; nil when the record has none, which differs from an empty one.
    public let key: UnsafeRawBufferPointer?
    /// The value; nil for a tombstone.
    public let value: UnsafeRawBufferPointer?
    /// The headers, usually none.
    public let headers: [StreamHeader]

    /// A view of a record.
    public init(
        assignment: Int, offset: Int64, timestampMilliseconds: Int64, key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?, headers: [StreamHeader]
    ) {
        self.assignment = assignment
        self.offset = offset
        self.timestampMilliseconds = timestampMilliseconds
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Reads records of several partitions in order of offset within each partition.
public protocol StreamReader: AnyObject {
    /// The partitions, in the order that `StreamRecord.assignment` counts.
    var assignments: [TopicPartition] { get }
    /// Hands the records that are there to `body`, at most about 4 MiB of them; waits up to `waitMilliseconds` for the
    /// first. Control records and records of aborted transactions are skipped.
    ///
    /// - Returns: how many records `body` got; 0 when none came in time.
    func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int
    /// The offset that comes next for the assignment at `index`.
    func position(_ index: Int) -> Int64
    /// Continues the assignment at `index` from another place.
    func seek(_ index: Int, to start: StartPosition) throws(StreamError)
    /// Lets go of what the reader holds.
    func close()
}

/// When a record counts as delivered.
public enum Acknowledgement: Sendable {
    /// When it is safe from a power cut (`acks=all`).
    case durable
    /// When the operating system has it (`acks=1`).
    case written
    /// Not waited for (`acks=0`).
    case none
}

/// How a producer works.
public struct ProducerOptions: Sendable {
    /// When a record counts as delivered.
    public var acknowledgement: Acknowledgement
    /// How long records may wait to share a batch, in ms; 0 sends at each `flush` or full batch.
    public var lingerMilliseconds: Int
    /// A batch is sent when it has grown to this many bytes.
    public var batchBytes: Int

    /// Options with the defaults: durable, 5 ms, 1 MiB.
    public init(acknowledgement: Acknowledgement = .durable, lingerMilliseconds: Int = 5, batchBytes: Int = 1 << 20) {
        self.acknowledgement = acknowledgement
        self.lingerMilliseconds = lingerMilliseconds
        self.batchBytes = batchBytes
    }
}

/// Sends records. Records of one partition keep their order.
public protocol StreamProducer: AnyObject {
    /// Takes a copy of one record to be sent.
    ///
    /// - Parameters:
    ///   - partition: nil chooses by key (murmur2, as Java does), or partition 0 without a key.
    ///   - timestampMilliseconds: the data's own time; nil means now.
    ///   - delivered: called once, on any thread, with the record's offset or the failure.
    /// - Throws: at once when the topic does not exist and may not be created, or an earlier record failed and nobody was told.
    func send(
        topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [StreamHeader], timestampMilliseconds: Int64?,
        delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError)
    /// Waits until every record taken so far is delivered; throws the first failure.
    func flush(timeoutMilliseconds: Int) throws(StreamError)
    /// Lets go of what the producer holds; records not yet delivered may be lost.
    func close()
}

extension StreamProducer {
    /// Sends a value with an optional text key to partition 0.
    public func send(
        topic: String, key: String? = nil, value: [UInt8], timestampMilliseconds: Int64? = nil
    ) throws(StreamError) {
        let outcome: Result<Void, StreamError> = value.withUnsafeBytes { value in
            var result: Result<Void, StreamError> = .success(())
            func go(_ keyBytes: UnsafeRawBufferPointer?) {
                do throws(StreamError) {
                    try send(
                        topic: topic, partition: 0, key: keyBytes, value: value, headers: [],
                        timestampMilliseconds: timestampMilliseconds, delivered: nil)
                } catch {
                    result = .failure(error)
                }
            }
            if let key { Array(key.utf8).withUnsafeBytes { go($0) } } else { go(nil) }
            return result
        }
        try outcome.get()
    }
}

extension Streams {
    /// Creates the topic unless it exists.
    public func ensureTopic(_ specification: TopicSpecification) throws(StreamError) {
        guard try topic(specification.name) == nil else { return }
        do {
            try createTopic(specification)
        } catch  where error.code == .topicExists {
            return
        }
    }

    /// All partitions of a topic from the same start; throws `unknownTopic` when there is none.
    public func assignments(_ topic: String, from start: StartPosition) throws(StreamError) -> [ReaderAssignment] {
        guard let description = try self.topic(topic) else {
            throw StreamError(.unknownTopic, "topic \(topic) does not exist")
        }
        return (0..<description.partitionCount).map { ReaderAssignment(TopicPartition(topic, $0), from: start) }
    }
}
