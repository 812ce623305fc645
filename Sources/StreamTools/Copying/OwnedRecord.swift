import Streams

/// A record that outlives the call that handed it out.
struct OwnedRecord {
    let partition: TopicPartition
    let offset: Int64
    let timestampMilliseconds: Int64
    let key: [UInt8]?
    let value: [UInt8]?
    let headers: [StreamHeader]

    init(_ record: StreamRecord, _ partition: TopicPartition) {
        self.partition = partition
        offset = record.offset
        timestampMilliseconds = record.timestampMilliseconds
        key = record.key.map { Array($0) }
        value = record.value.map { Array($0) }
        headers = record.headers
    }

    /// Lets `body` see it as it was read.
    func borrowed(_ body: (StreamRecord) -> Void) {
        Self.borrow(key) { key in
            Self.borrow(value) { value in
                body(
                    StreamRecord(
                        assignment: Int(partition.partition), offset: offset,
                        timestampMilliseconds: timestampMilliseconds, key: key, value: value, headers: headers))
            }
        }
    }

    private static func borrow(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        if let bytes { bytes.withUnsafeBytes { body($0) } } else { body(nil) }
    }
}
