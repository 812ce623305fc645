/// A file of records with their partitions, offsets, times, keys and headers, compressed and checked.
///
/// All numbers are big-endian; `varint` and `varlong` are zig-zag numbers as Kafka's. A CRC-32C covers everything before it
/// in its part.
/// ```
/// file    = header, block..., end
/// header  = "SLUICEAR", int32 version = 1, int32 length of the description, description, int32 crc
///           description = topic (varint bytes, UTF-8), int32 partitions, int64 created (ms since the epoch)
/// block   = "BLK1", int32 records, int32 bytes, int32 stored bytes, a zstd frame, int32 crc;
///           with 0 stored bytes, the block's bytes follow as they are
/// record  = varint partition, varlong offset, varlong time (ms; -1 none), bytes key, bytes value, varint headers, header...
///           header = bytes name, bytes value;  bytes = varint length (-1 absent), bytes
/// end     = "END1", int64 records, int64 bytes of keys and values, int32 crc
/// ```
/// A file without its end was cut, whatever else it holds. Records of a partition stand in the order of their offsets.
enum ArchiveFormat {
    static let magic = Array("SLUICEAR".utf8)
    static let version: Int32 = 1
    static let blockMark = Array("BLK1".utf8)
    static let endMark = Array("END1".utf8)
    /// A block is closed when it has grown to this many bytes.
    static let blockBytes = 1 << 20
    /// The most that a block may hold: one record of the largest size that brokers take, and what was gathered before it.
    static let blockBytesMax = 512 << 20
    /// The longest description.
    static let descriptionBytesMax = 1024
    /// Bytes of a block before its frame.
    static let blockHeaderBytes = 16
    /// Bytes of the end.
    static let endBytes = 24
}
