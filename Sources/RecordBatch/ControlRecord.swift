import Bytes

/// The marker that ends a transaction, the only record of a control batch.
///
/// Key: int16 version (0), int16 type (0 abort, 1 commit). Value: int16 version (0), int32 coordinator epoch
/// (Kafka schemas `ControlRecordTypeSchema`, `EndTxnMarker`).
public struct ControlRecord: Equatable, Sendable {
    /// How the transaction ended.
    public enum Outcome: Int16, Sendable {
        /// Nothing of it counts.
        case abort = 0
        /// All of it counts.
        case commit = 1
    }

    /// How the transaction ended.
    public let outcome: Outcome
    /// The epoch of the coordinator that decided.
    public let coordinatorEpoch: Int32

    /// A marker.
    public init(outcome: Outcome, coordinatorEpoch: Int32) {
        self.outcome = outcome
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Decodes the record of a control batch; nil for a control type that is not a transaction marker.
    public init?(parsing record: Record) throws(RecordBatchError) {
        var keyReader = ByteReader(record.key ?? UnsafeRawBufferPointer(start: nil, count: 0))
        var valueReader = ByteReader(record.value ?? UnsafeRawBufferPointer(start: nil, count: 0))
        do throws(DecodeError) {
            _ = try keyReader.int16()
            guard let outcome = Outcome(rawValue: try keyReader.int16()) else { return nil }
            _ = try valueReader.int16()
            self.init(outcome: outcome, coordinatorEpoch: try valueReader.int32())
        } catch {
            throw RecordBatchError(.invalidRecord, "transaction marker: \(error)", at: error.position)
        }
    }

    /// The key to write.
    public var key: [UInt8] { [0, 0, 0, UInt8(outcome.rawValue)] }

    /// The value to write.
    public var value: [UInt8] {
        var writer = ByteWriter(capacity: 6)
        writer.int16(0)
        writer.int32(coordinatorEpoch)
        return writer.array
    }
}
