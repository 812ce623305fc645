import Bytes
import CKernels
import Compression
import Streams
import System

/// Writes an archive (see `ArchiveFormat`) to a file that must not exist yet.
///
/// Belongs to one thread. Without `finish`, the file has no end mark and its readers say so.
public final class ArchiveWriter {
    private let path: String
    private let file: any File
    private var position: Int64 = 0
    private var block = ByteWriter(capacity: ArchiveFormat.blockBytes)
    private var blockRecords: Int32 = 0
    /// What was written so far.
    public private(set) var summary = ArchiveSummary()

    /// Creates the file.
    ///
    /// - Throws: `exists` when there is one.
    public init(
        _ path: String, _ description: ArchiveDescription, _ files: any FileSystem = LocalFileSystem()
    ) throws(ArchiveError) {
        self.path = path
        guard !files.exists(path) else { throw .exists(path) }
        do throws(SystemError) {
            file = try files.open(path, .createNew)
        } catch {
            throw .storage("cannot create \(path): \(error.reason)")
        }
        var text = ByteWriter()
        text.varint(Int32(description.topic.utf8.count))
        text.utf8(description.topic)
        text.int32(description.partitionCount)
        text.int64(description.createdMilliseconds)
        var header = ByteWriter()
        header.append(ArchiveFormat.magic)
        header.int32(ArchiveFormat.version)
        header.int32(Int32(text.count))
        text.withBytes { header.append($0) }
        try write(&header)
    }

    /// The file's size so far, without the block that is being filled.
    public var fileBytes: Int64 { position }

    /// Takes a copy of a record.
    public func append(_ record: StreamRecord, _ partition: TopicPartition) throws(ArchiveError) {
        let bytes = (record.key?.count ?? 0) + (record.value?.count ?? 0)
        if block.count > 0, block.count + bytes > ArchiveFormat.blockBytes { try closeBlock() }
        block.varint(partition.partition)
        block.varlong(record.offset)
        block.varlong(record.timestampMilliseconds)
        append(record.key)
        append(record.value)
        block.varint(Int32(record.headers.count))
        for header in record.headers {
            Array(header.key.utf8).withUnsafeBytes { append($0) }
            if let value = header.value { value.withUnsafeBytes { append($0) } } else { append(nil) }
        }
        blockRecords += 1
        summary.records += 1
        summary.bytes += Int64(bytes)
        if block.count >= ArchiveFormat.blockBytes { try closeBlock() }
    }

    private func append(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return block.varint(-1) }
        block.varint(Int32(bytes.count))
        block.append(bytes)
    }

    private func closeBlock() throws(ArchiveError) {
        guard blockRecords > 0 else { return }
        var part = ByteWriter(capacity: block.count / 2)
        part.append(ArchiveFormat.blockMark)
        part.int32(blockRecords)
        part.int32(Int32(block.count))
        part.int32(0)
        do throws(CompressionError) {
            try block.withBytes { (bytes) throws(CompressionError) in
                try CompressionCodec.zstd.compress(bytes, into: &part)
            }
        } catch {
            throw .storage("cannot compress a block for \(path): \(error)")
        }
        let stored = part.count - ArchiveFormat.blockHeaderBytes
        if stored >= block.count
            || block.count > max(CompressionCodec.unratedBytesMax, stored * CompressionCodec.ratioMax)
        {
            // Not worth it; or so dense that a reader could take it for an attack.
            part.truncate(to: ArchiveFormat.blockHeaderBytes)
            block.withBytes { part.append($0) }
        } else {
            part.patchInt32(Int32(stored), at: 12)
        }
        try write(&part)
        block.truncate(to: 0)
        blockRecords = 0
    }

    /// Writes the end mark and makes everything durable.
    public func finish() throws(ArchiveError) {
        try closeBlock()
        var end = ByteWriter(capacity: ArchiveFormat.endBytes)
        end.append(ArchiveFormat.endMark)
        end.int64(summary.records)
        end.int64(summary.bytes)
        try write(&end)
        do throws(SystemError) {
            try file.syncData()
        } catch {
            throw .storage("cannot make \(path) durable: \(error.reason)")
        }
    }

    /// Adds the checksum to a part and writes it.
    private func write(_ part: inout ByteWriter) throws(ArchiveError) {
        let sum = part.withBytes { ck_crc32c(0, $0.baseAddress, $0.count) }
        part.int32(Int32(bitPattern: sum))
        do throws(SystemError) {
            try part.withBytes { (bytes) throws(SystemError) in try file.write(bytes, at: position) }
        } catch {
            throw .storage("cannot write \(path): \(error.reason)")
        }
        position += Int64(part.count)
    }
}
