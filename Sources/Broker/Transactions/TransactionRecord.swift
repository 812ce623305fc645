import Bytes

/// One record of `__transaction_state`, in Kafka's layout (`TransactionLogKey`, `TransactionLogValue`).
///
/// Layout, big-endian; a string is an int16 length and UTF-8, a compact one an unsigned varint of length + 1 and UTF-8:
/// ```
/// key:   int16 version = 0, string transactional id
/// value: int16 version = 1, int64 producer id, int16 epoch, int32 timeout (ms), int8 state,
///        compact array of (compact string topic, compact array of int32 partitions, tags) or null,
///        int64 last update (ms), int64 start (ms), tags: 0 previous producer id, 1 next producer id (int64 each),
///        2 client's transaction version (int16)                  (read: also version 0, without compactness and tags)
/// no value: the transactional id was forgotten
///
/// key:   int16 version = 100, string transactional id, string group, string topic, int32 partition
/// value: as of a committed offset (`OffsetRecord`)
/// no value: the offset was deleted before the end of the transaction
/// ```
/// Keys of version 100 are this broker's own: offsets that count once the transaction is committed. They hold until the
/// next record of the transactional id that is neither ongoing nor prepared.
enum TransactionRecord {
    /// What a record is about.
    enum Key: Hashable, Sendable {
        case transaction(String)
        case offset(String, OffsetKey)
    }

    private static let offsetVersion: Int16 = 100

    /// The key's bytes.
    static func encode(_ key: Key) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        switch key {
        case .transaction(let id):
            writer.int16(0)
            writer.shortString(id)
        case .offset(let id, let offset):
            writer.int16(offsetVersion)
            writer.shortString(id)
            writer.shortString(offset.group)
            writer.shortString(offset.topic)
            writer.int32(offset.partition)
        }
        return writer.array
    }

    /// Reads a key; nil when the record is of another kind.
    static func parseKey(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> Key? {
        var reader = ByteReader(bytes)
        switch try reader.int16() {
        case 0: return .transaction(try reader.shortString())
        case offsetVersion:
            let id = try reader.shortString()
            let group = try reader.shortString()
            let topic = try reader.shortString()
            return .offset(id, OffsetKey(group: group, topic: topic, partition: try reader.int32()))
        default: return nil
        }
    }

    // MARK: - Values

    /// The value's bytes.
    static func encode(_ transaction: Transaction) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.int16(1)
        writer.int64(transaction.producer.id)
        writer.int16(transaction.producer.epoch)
        writer.int32(transaction.timeoutMilliseconds)
        writer.int8(transaction.state.rawValue)
        let topics = Dictionary(grouping: transaction.partitions, by: \.topic).sorted { $0.key < $1.key }
        writer.unsignedVarint(UInt32(topics.count + 1))
        for (topic, partitions) in topics {
            writer.unsignedVarint(UInt32(topic.utf8.count + 1))
            writer.utf8(topic)
            writer.unsignedVarint(UInt32(partitions.count + 1))
            for partition in partitions.map(\.partition).sorted() { writer.int32(partition) }
            writer.unsignedVarint(0)
        }
        writer.int64(transaction.updateMilliseconds)
        writer.int64(transaction.startMilliseconds)
        encodeTags(transaction, &writer)
        return writer.array
    }

    /// The fields at their defaults are left out.
    private static func encodeTags(_ transaction: Transaction, _ writer: inout ByteWriter) {
        let previous = transaction.previousProducerID
        let next = transaction.nextProducerID
        writer.unsignedVarint((previous >= 0 ? 1 : 0) + (next >= 0 ? 1 : 0) + (transaction.version != 0 ? 1 : 0))
        for (tag, value) in [(UInt32(0), previous), (1, next)] where value >= 0 {
            writer.unsignedVarint(tag)
            writer.unsignedVarint(8)
            writer.int64(value)
        }
        guard transaction.version != 0 else { return }
        writer.unsignedVarint(2)
        writer.unsignedVarint(2)
        writer.int16(transaction.version)
    }

    /// Reads a value.
    static func parseValue(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> Transaction {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        guard version == 0 || version == 1 else { throw DecodeError("transaction of version \(version)", at: 0) }
        let producer = ProducerIdentity(id: try reader.int64(), epoch: try reader.int16())
        let timeout = try reader.int32()
        guard let state = TransactionState(rawValue: try reader.int8()) else {
            throw DecodeError("transaction state", at: reader.position)
        }
        let isCompact = version == 1
        let partitions = try partitions(&reader, isCompact)
        var transaction = Transaction(
            producer: producer, timeoutMilliseconds: timeout, state: state, partitions: partitions,
            updateMilliseconds: try reader.int64())
        transaction.startMilliseconds = try reader.int64()
        if isCompact { try parseTags(&transaction, &reader) }
        return transaction
    }

    private static func partitions(
        _ reader: inout ByteReader, _ isCompact: Bool
    ) throws(DecodeError) -> Set<PartitionName> {
        var partitions: Set<PartitionName> = []
        for _ in 0..<(try count(&reader, isCompact)) {
            let topic = isCompact ? try reader.utf8(try count(&reader, true)) : try reader.shortString()
            for _ in 0..<(try count(&reader, isCompact)) {
                partitions.insert(PartitionName(topic: topic, partition: try reader.int32()))
            }
            if isCompact { try skipTags(&reader) }
        }
        return partitions
    }

    /// The length of an array or a compact string; 0 for null.
    private static func count(_ reader: inout ByteReader, _ isCompact: Bool) throws(DecodeError) -> Int {
        let count = isCompact ? Int(try reader.unsignedVarint()) - 1 : Int(try reader.int32())
        guard count <= reader.remaining else { throw DecodeError("length", at: reader.position) }
        return max(0, count)
    }

    private static func skipTags(_ reader: inout ByteReader) throws(DecodeError) {
        for _ in 0..<(try reader.unsignedVarint()) {
            _ = try reader.unsignedVarint()
            try reader.skip(Int(try reader.unsignedVarint()))
        }
    }

    private static func parseTags(
        _ transaction: inout Transaction, _ reader: inout ByteReader
    ) throws(DecodeError) {
        for _ in 0..<(try reader.unsignedVarint()) {
            let tag = try reader.unsignedVarint()
            var field = ByteReader(try reader.view(Int(try reader.unsignedVarint())))
            switch tag {
            case 0: transaction.previousProducerID = try field.int64()
            case 1: transaction.nextProducerID = try field.int64()
            case 2: transaction.version = try field.int16()
            default: break
            }
        }
    }
}
