import CKernels

extension RecordBatchHeader {
    /// The attribute bits of the codec.
    static let codecMask: Int16 = 7
    /// The attribute bit of LogAppendTime.
    public static let logAppendTimeBit: Int16 = 8
    /// The attribute bit of a transaction's batch.
    public static let transactionalBit: Int16 = 16
    /// The attribute bit of a control batch.
    public static let controlBit: Int16 = 32
    /// The attribute bit of a batch whose base timestamp is a delete horizon.
    public static let deleteHorizonBit: Int16 = 64
    /// Where the CRC stands.
    static let crcPosition = 17
    /// Where the attributes stand.
    static let attributesPosition = 21
    /// Where the largest timestamp stands.
    static let maxTimestampPosition = 35

    /// A header of the current magic, without producer, with zero CRC and length.
    public init(baseOffset: Int64, recordCount: Int32, baseTimestamp: Int64, maxTimestamp: Int64) {
        self.baseOffset = baseOffset
        self.batchLength = 0
        self.partitionLeaderEpoch = -1
        self.magic = 2
        self.crc = 0
        self.attributes = 0
        self.lastOffsetDelta = max(recordCount, 1) - 1
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = -1
        self.producerEpoch = -1
        self.baseSequence = -1
        self.recordCount = recordCount
    }

    /// Writes the 61 bytes of the header to the start of `bytes`, field by field as they are here.
    public func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Self.size)
        func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
            bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
        }
        store(baseOffset, 0)
        store(batchLength, 8)
        store(partitionLeaderEpoch, 12)
        store(magic, 16)
        store(crc, Self.crcPosition)
        store(attributes, Self.attributesPosition)
        store(lastOffsetDelta, 23)
        store(baseTimestamp, 27)
        store(maxTimestamp, Self.maxTimestampPosition)
        store(producerID, 43)
        store(producerEpoch, 51)
        store(baseSequence, 53)
        store(recordCount, 57)
    }

    /// The CRC-32C of a whole batch, which `bytes` is: of everything from byte 21 on.
    public static func computeCRC(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        precondition(bytes.count >= size)
        guard let start = bytes.baseAddress else { return 0 }
        return ck_crc32c(0, start + crcStart, bytes.count - crcStart)
    }

    /// Computes the CRC of the whole batch in `bytes` and stores it there.
    public static func seal(_ bytes: UnsafeMutableRawBufferPointer) {
        let crc = computeCRC(UnsafeRawBufferPointer(bytes))
        bytes.storeBytes(of: crc.bigEndian, toByteOffset: crcPosition, as: UInt32.self)
    }

    /// Marks the whole batch in `bytes` as stamped by the broker at `milliseconds` (LogAppendTime): sets attribute
    /// bit 3 and the largest timestamp, which then counts for every record, and renews the CRC.
    public static func stampLogAppendTime(_ bytes: UnsafeMutableRawBufferPointer, milliseconds: Int64) {
        precondition(bytes.count >= size)
        let attributes = Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: attributesPosition, as: Int16.self))
        bytes.storeBytes(
            of: (attributes | logAppendTimeBit).bigEndian, toByteOffset: attributesPosition, as: Int16.self)
        correctMaxTimestamp(bytes, milliseconds: milliseconds)
    }

    /// Replaces the largest timestamp of the whole batch in `bytes` and renews the CRC: a search by time trusts the
    /// header, so one that does not fit the records must not be stored.
    public static func correctMaxTimestamp(_ bytes: UnsafeMutableRawBufferPointer, milliseconds: Int64) {
        precondition(bytes.count >= size)
        bytes.storeBytes(of: milliseconds.bigEndian, toByteOffset: maxTimestampPosition, as: Int64.self)
        seal(bytes)
    }
}
