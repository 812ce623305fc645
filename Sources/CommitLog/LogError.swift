import System

/// What went wrong in the log: what, where, and why.
///
/// The broker maps each case to one Kafka error code.
public enum LogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The offset lies outside the log. Kafka: OFFSET_OUT_OF_RANGE.
    case offsetOutOfRange(requested: Int64, start: Int64, end: Int64)
    /// A file operation failed. Kafka: KAFKA_STORAGE_ERROR.
    case storage(SystemError)
    /// The disk is full, or so full that no more is accepted. Kafka: KAFKA_STORAGE_ERROR.
    case storageFull(path: String, freeBytes: Int64, minimumFreeBytes: Int64)
    /// Stored bytes are damaged; reading can go on at `next`. Kafka: CORRUPT_MESSAGE.
    case corrupt(path: String, first: Int64, next: Int64)
    /// An idempotent producer left a gap. Kafka: OUT_OF_ORDER_SEQUENCE_NUMBER.
    case outOfOrderSequence(producerID: Int64, expected: Int32, found: Int32)
    /// An idempotent producer with an older epoch. Kafka: INVALID_PRODUCER_EPOCH.
    case invalidProducerEpoch(producerID: Int64, current: Int16, found: Int16)
    /// A batch that does not fit the producer's transaction. Kafka: INVALID_TXN_STATE.
    case invalidTransactionState(producerID: Int64, reason: String)
    /// A marker of a coordinator that was replaced. Kafka: TRANSACTION_COORDINATOR_FENCED.
    case coordinatorFenced(producerID: Int64, current: Int32, found: Int32)
    /// Another process holds the data directory.
    case locked(path: String, processID: Int32?)
    /// A file that the directory cannot be understood without is missing or unreadable. Nothing was changed.
    case metadata(path: String, reason: String)
    /// A topic name or partition number that cannot be stored. Kafka: INVALID_TOPIC_EXCEPTION.
    case invalidName(String)
    /// The partition exists already. Kafka: TOPIC_ALREADY_EXISTS.
    case exists(String)
    /// The partition was deleted or never existed. Kafka: UNKNOWN_TOPIC_OR_PARTITION.
    case deleted(String)
    /// A named maximum was reached. Kafka: KAFKA_STORAGE_ERROR.
    case limit(String)
    /// The log was closed.
    case closed

    public var description: String {
        switch self {
        case .offsetOutOfRange(let requested, let start, let end):
            "offset \(requested) is outside the log, which holds \(start)..<\(end)"
        case .storage(let error): "\(error)"
        case .storageFull(let path, let free, let minimum):
            "\(path): \(free >> 20) MiB are free and \(minimum >> 20) MiB must stay free: make room or lower retention"
        case .corrupt(let path, let first, let next):
            "\(path): damaged bytes at offsets \(first)..<\(next); reading can go on at \(next)"
        case .outOfOrderSequence(let producerID, let expected, let found):
            "producer \(producerID) sent sequence \(found), expected \(expected)"
        case .invalidProducerEpoch(let producerID, let current, let found):
            "producer \(producerID) has epoch \(found), but epoch \(current) is in use"
        case .invalidTransactionState(let producerID, let reason): "producer \(producerID) \(reason)"
        case .coordinatorFenced(let producerID, let current, let found):
            "a marker for producer \(producerID) of coordinator epoch \(found), but epoch \(current) is in use"
        case .locked(let path, let processID):
            "\(path) is in use by \(processID.map { "process \($0)" } ?? "another process"): stop it, "
                + "or choose another data directory"
        case .metadata(let path, let reason): "\(path): \(reason)"
        case .invalidName(let name): "\(name) cannot be a partition: 1 to 249 of [a-zA-Z0-9._-], then a number"
        case .exists(let name): "\(name) exists already"
        case .deleted(let name): "\(name) does not exist"
        case .limit(let what): "too many \(what)"
        case .closed: "the log is closed"
        }
    }
}

/// Runs a file operation and turns its error into the log's.
@inline(__always)
func storing<R>(_ body: () throws(SystemError) -> R) throws(LogError) -> R {
    do { return try body() } catch { throw .storage(error) }
}
