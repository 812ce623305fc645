import Bytes

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

/// What an archive says of itself.
public struct ArchiveDescription: Sendable, Equatable {
    /// The topic that the records come from.
    public let topic: String
    /// How many partitions it had.
    public let partitionCount: Int32
    /// When the archive was made, ms since the epoch.
    public let createdMilliseconds: Int64

    /// A description.
    public init(topic: String, partitionCount: Int32, createdMilliseconds: Int64) {
        self.topic = topic
        self.partitionCount = partitionCount
        self.createdMilliseconds = createdMilliseconds
    }
}

/// How much an archive holds.
public struct ArchiveSummary: Sendable, Equatable {
    /// Records.
    public var records: Int64 = 0
    /// Bytes of keys and values.
    public var bytes: Int64 = 0
}

/// Why an archive cannot be written or read.
public enum ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is a file of that name already.
    case exists(String)
    /// It is no archive.
    case notAnArchive(String)
    /// It is of a version that this program does not know.
    case version(String, Int32)
    /// It ends too early: whoever wrote it did not finish.
    case cut(String, position: Int64)
    /// A part is not what was written.
    case damaged(String, what: String, position: Int64)
    /// The operating system refused.
    case storage(String)

    public var description: String {
        switch self {
        case .exists(let path): "\(path) exists already; choose another name, nothing is overwritten"
        case .notAnArchive(let path): "\(path) is not an archive of `sluice bury`"
        case .version(let path, let version):
            "\(path) is an archive of version \(version); this program reads version \(ArchiveFormat.version)"
        case .cut(let path, let position):
            "\(path) is cut: it ends at byte \(position) before its end mark, so records are missing"
        case .damaged(let path, let what, let position): "\(path) is damaged: \(what) at byte \(position)"
        case .storage(let text): text
        }
    }
}

/// A record as it stands in an archive.
struct ArchivedRecord {
    let partition: Int32
    let offset: Int64
    let timestampMilliseconds: Int64
    let key: UnsafeRawBufferPointer?
    let value: UnsafeRawBufferPointer?
    let headers: [(name: String, value: [UInt8]?)]
}
