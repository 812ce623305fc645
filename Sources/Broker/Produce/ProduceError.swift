import CommitLog
import KafkaWire
import RecordBatch

/// Why a producer's batch was refused: Kafka's code, a line for people, and the records that are to blame (KIP-467).
struct ProduceError: Error {
    /// Records that are named in one answer at most.
    static let recordsMax = 100

    let code: ErrorCode
    let message: String
    let records: [ProduceResponse.RecordError]

    init(_ code: ErrorCode, _ message: String, records: [ProduceResponse.RecordError] = []) {
        self.code = code
        self.message = message
        self.records = records
    }

    init(_ error: RecordBatchError) {
        self.init(ErrorCode(rawValue: error.kafkaErrorCode) ?? .invalidRecord, "\(error)")
    }

    init(_ error: LogError) {
        self.init(error.errorCode, "\(error)")
    }

    /// The records of a checked batch that `problem` finds something wrong with, at most `recordsMax`.
    static func records(
        of batch: UnsafeRawBufferPointer, _ problem: (borrowing Record) -> String?
    ) -> [ProduceResponse.RecordError] {
        var refused: [ProduceResponse.RecordError] = []
        var reader = RecordBatchReader(checksCRC: false)
        // A batch that was checked can be read.
        _ = try? reader.read(batch, from: .min) { record in
            if let problem = problem(record) {
                refused.append(ProduceResponse.RecordError(batchIndex: record.offsetDelta, message: problem))
            }
            return refused.count < recordsMax
        }
        return refused
    }
}
