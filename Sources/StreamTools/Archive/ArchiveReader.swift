import Bytes
import CKernels
import Compression
import Streams
import System

/// Reads an archive (see `ArchiveFormat`); every part is checked before its records are handed out.
public final class ArchiveReader {
    private let path: String
    private let file: any File
    private let size: Int64
    private let firstBlock: Int64
    /// What the archive says of itself.
    public let description: ArchiveDescription

    /// Opens an archive and reads its header.
    public init(_ path: String, _ files: any FileSystem = LocalFileSystem()) throws(ArchiveError) {
        self.path = path
        do throws(SystemError) {
            file = try files.open(path, .read)
            size = try file.size()
        } catch {
            throw .storage("cannot read \(path): \(error.reason)")
        }
        let fixed = try Self.bytes(file, path, at: 0, count: min(16, Int(size)))
        guard fixed.starts(with: ArchiveFormat.magic) else { throw .notAnArchive(path) }
        guard fixed.count == 16 else { throw .cut(path, position: size) }
        let (version, length) = fixed.withUnsafeBytes { bytes in
            (Self.int32(bytes, 8), Int(Self.int32(bytes, 12)))
        }
        guard version == ArchiveFormat.version else { throw .version(path, version) }
        guard (0...ArchiveFormat.descriptionBytesMax).contains(length) else {
            throw .damaged(path, what: "its description", position: 12)
        }
        guard Int64(16 + length + 4) <= size else { throw .cut(path, position: size) }
        let header = try Self.bytes(file, path, at: 0, count: 16 + length + 4)
        guard Self.isIntact(header) else { throw .damaged(path, what: "its description", position: 0) }
        do throws(DecodeError) {
            description = try header[16..<(16 + length)].withUnsafeBufferPointer { (bytes) throws(DecodeError) in
                var reader = ByteReader(UnsafeRawBufferPointer(bytes))
                let topic = try reader.utf8(Int(try reader.varint()))
                return ArchiveDescription(
                    topic: topic, partitionCount: try reader.int32(), createdMilliseconds: try reader.int64())
            }
        } catch {
            throw .damaged(path, what: "its description (\(error))", position: 16)
        }
        firstBlock = Int64(16 + length + 4)
    }

    /// Hands every record to `body` in order; a record is valid only during its call.
    ///
    /// - Returns: how much there was.
    /// - Throws: `cut` or `damaged` when the archive is not whole; what stands before the fault has been handed out by then,
    ///   so whoever needs all or nothing reads it once before.
    @discardableResult
    public func read(_ body: (StreamRecord, TopicPartition) -> Bool) throws(ArchiveError) -> ArchiveSummary {
        var position = firstBlock
        var summary = ArchiveSummary()
        while true {
            let mark = try part(at: position, count: 4)
            if mark == ArchiveFormat.endMark {
                let end = try part(at: position, count: ArchiveFormat.endBytes)
                guard Self.isIntact(end) else { throw .damaged(path, what: "its end mark", position: position) }
                let told = end.withUnsafeBytes { bytes in
                    ArchiveSummary(records: Self.int64(bytes, 4), bytes: Self.int64(bytes, 12))
                }
                guard told == summary, position + Int64(ArchiveFormat.endBytes) == size else {
                    throw .damaged(path, what: "what stands before its end mark", position: position)
                }
                return summary
            }
            guard mark == ArchiveFormat.blockMark else { throw .damaged(path, what: "a block", position: position) }
            var isWanted = true
            try readBlock(&position, &summary) { record, partition in
                if isWanted { isWanted = body(record, partition) }
            }
            if !isWanted { return summary }
        }
    }

    private func readBlock(
        _ position: inout Int64, _ summary: inout ArchiveSummary, _ body: (StreamRecord, TopicPartition) -> Void
    ) throws(ArchiveError) {
        let start = position
        let header = try part(at: start, count: ArchiveFormat.blockHeaderBytes)
        let (records, bytes, stored) = header.withUnsafeBytes { raw in
            (Self.int32(raw, 4), Int(Self.int32(raw, 8)), Int(Self.int32(raw, 12)))
        }
        guard records > 0, (0...ArchiveFormat.blockBytesMax).contains(bytes), stored >= 0 else {
            throw .damaged(path, what: "the head of a block", position: start)
        }
        let block = try part(at: start, count: ArchiveFormat.blockHeaderBytes + (stored == 0 ? bytes : stored) + 4)
        guard Self.isIntact(block) else { throw .damaged(path, what: "the checksum of a block", position: start) }
        var plain = ByteWriter(capacity: min(bytes, ArchiveFormat.blockBytes))
        do {
            try block.withUnsafeBytes { raw in
                let frame = UnsafeRawBufferPointer(rebasing: raw[ArchiveFormat.blockHeaderBytes..<(raw.count - 4)])
                if stored == 0 {
                    plain.append(frame)
                } else {
                    try CompressionCodec.zstd.decompress(frame, limit: bytes, into: &plain)
                }
            }
            guard plain.count == bytes else { throw DecodeError("block of \(plain.count) bytes", at: 0) }
            try plain.withBytes { raw in
                var reader = ByteReader(raw)
                for _ in 0..<records { try record(&reader, &summary, body) }
                guard reader.remaining == 0 else { throw DecodeError("block", at: reader.position) }
            }
        } catch {
            throw .damaged(path, what: "a block (\(error))", position: start)
        }
        position += Int64(block.count)
    }

    private func record(
        _ reader: inout ByteReader, _ summary: inout ArchiveSummary, _ body: (StreamRecord, TopicPartition) -> Void
    ) throws(DecodeError) {
        let partition = try reader.varint()
        guard (0..<max(1, description.partitionCount)).contains(partition) else {
            throw DecodeError("partition \(partition)", at: reader.position)
        }
        let offset = try reader.varlong()
        let time = try reader.varlong()
        let key = try Self.bytes(&reader)
        let value = try Self.bytes(&reader)
        var headers: [StreamHeader] = []
        for _ in 0..<max(0, try reader.varint()) {
            guard let name = try Self.bytes(&reader) else { throw DecodeError("header", at: reader.position) }
            headers.append(
                StreamHeader(
                    key: String(decoding: name, as: UTF8.self), value: try Self.bytes(&reader).map { Array($0) }))
        }
        summary.records += 1
        summary.bytes += Int64((key?.count ?? 0) + (value?.count ?? 0))
        let record = StreamRecord(
            assignment: Int(partition), offset: offset, timestampMilliseconds: time, key: key, value: value,
            headers: headers)
        body(record, TopicPartition(description.topic, partition))
    }

    private static func bytes(_ reader: inout ByteReader) throws(DecodeError) -> UnsafeRawBufferPointer? {
        let length = try reader.varint()
        return length < 0 ? nil : try reader.view(Int(length))
    }

    /// A part of the file that must be there whole.
    private func part(at position: Int64, count: Int) throws(ArchiveError) -> [UInt8] {
        guard position + Int64(count) <= size else { throw .cut(path, position: size) }
        return try Self.bytes(file, path, at: position, count: count)
    }

    private static func bytes(
        _ file: any File, _ path: String, at position: Int64, count: Int
    ) throws(ArchiveError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        do throws(SystemError) {
            let read = try bytes.withUnsafeMutableBufferPointer { (raw) throws(SystemError) in
                try file.read(into: UnsafeMutableRawBufferPointer(raw), at: position)
            }
            guard read == count else { throw SystemError("read", path, code: 5) }
        } catch {
            throw .storage("cannot read \(path): \(error.reason)")
        }
        return bytes
    }

    /// Whether the checksum behind a part is right.
    private static func isIntact(_ part: [UInt8]) -> Bool {
        part.withUnsafeBytes { bytes in
            let sum = ck_crc32c(0, bytes.baseAddress, bytes.count - 4)
            return int32(bytes, bytes.count - 4) == Int32(bitPattern: sum)
        }
    }

    private static func int32(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int32 {
        Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    private static func int64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
        Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
}
