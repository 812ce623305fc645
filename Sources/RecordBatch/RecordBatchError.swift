import Bytes
import Compression

/// What is wrong with a record batch, and where.
public struct RecordBatchError: Error, Equatable, CustomStringConvertible {
    /// What a producer is told; the raw value is Kafka's error code.
    public enum Kind: Int16, Sendable {
        /// The bytes were damaged or cut on their way: CORRUPT_MESSAGE, which clients send again.
        case corrupt = 2
        /// The batch was built larger than a batch can be: MESSAGE_TOO_LARGE.
        case tooLarge = 10
        /// The codec is not one of Kafka's: UNSUPPORTED_COMPRESSION_TYPE.
        case unsupportedCompression = 76
        /// The batch arrived as it was sent, and what was sent is malformed: INVALID_RECORD.
        case invalidRecord = 87
    }

    /// What a producer is told.
    public let kind: Kind
    /// What was expected and what was found.
    public let what: String
    /// Bytes from the start of the batch; for a record, from the start of the decompressed records (see `what`).
    public let position: Int

    /// An error about `what` at `position`.
    public init(_ kind: Kind, _ what: String, at position: Int) {
        self.kind = kind
        self.what = what
        self.position = position
    }

    /// An error in the compressed part of a batch.
    init(_ error: CompressionError) {
        self.init(.invalidRecord, "records that cannot be decompressed (\(error))", at: RecordBatchHeader.size)
    }

    /// Kafka's error code for a produce response.
    public var kafkaErrorCode: Int16 { kind.rawValue }

    public var description: String { "bad record batch: \(what), at byte \(position)" }
}
