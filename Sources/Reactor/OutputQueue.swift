import Bytes
import CLinux
import Glibc
import System

/// What a connection has still to send: bytes in memory and stretches of files, in order.
struct OutputQueue {
    /// Bytes up to which sends are gathered in one chunk.
    static let chunkBytes = 64 << 10
    /// Bytes sent at once at most, so that other connections are served too.
    static let sentPerTurnMax = 8 << 20

    private final class Chunk {
        var writer: ByteWriter
        var sent = 0
        init(_ writer: consuming ByteWriter) { self.writer = writer }
    }

    private enum Item {
        case chunk(Chunk)
        case file(FileRange)
    }

    /// How sending ended.
    enum Progress {
        /// Everything is sent.
        case done
        /// The socket is full, or the turn's share is used up.
        case more
        /// The connection is of no more use.
        case failed(String)
    }

    private var items: [Item] = []
    private var first = 0
    /// Bytes still to be sent.
    private(set) var byteCount = 0
    /// Bytes of memory that hold what is still to be sent; stretches of files take none.
    private(set) var memoryBytes = 0

    var isEmpty: Bool { first == items.count }

    /// Appends a copy of `bytes`.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        byteCount += bytes.count
        memoryBytes += bytes.count
        if first < items.count, case .chunk(let last)? = items.last, last.writer.count + bytes.count <= Self.chunkBytes
        {
            last.writer.append(bytes)
            return
        }
        var writer = ByteWriter(capacity: max(bytes.count, 512))
        writer.append(bytes)
        items.append(.chunk(Chunk(writer)))
    }

    /// Appends bytes without copying them.
    mutating func append(_ writer: consuming ByteWriter) {
        guard writer.count > 0 else { return }
        byteCount += writer.count
        memoryBytes += writer.count
        items.append(.chunk(Chunk(writer)))
    }

    /// Appends a stretch of a file.
    mutating func append(_ range: FileRange) {
        guard range.count > 0 else { return }
        byteCount += range.count
        items.append(.file(range))
    }

    /// Sends what the socket takes.
    mutating func send(to socket: Int32) -> (sent: Int, progress: Progress) {
        var sent = 0
        while first < items.count {
            guard sent < Self.sentPerTurnMax else { return (sent, .more) }
            let count: Int
            switch items[first] {
            case .chunk(let chunk):
                count = Self.send(chunk, to: socket, isLast: first + 1 == items.count)
                if count > 0 {
                    chunk.sent += count
                    if chunk.sent == chunk.writer.count {
                        first += 1
                        memoryBytes -= chunk.writer.count
                    }
                }
            case .file(var range):
                count = Self.send(range, to: socket)
                if count == 0 { return (sent, .failed("\(range.file.path) is shorter than it was")) }
                if count > 0 {
                    range.position += Int64(count)
                    range.count -= count
                    if range.count == 0 { first += 1 } else { items[first] = .file(range) }
                }
            }
            guard count > 0 else {
                if errno == EAGAIN { return (sent, .more) }
                return (sent, .failed(String(cString: strerror(errno))))
            }
            sent += count
            byteCount -= count
            forgetSent()
        }
        return (sent, .done)
    }

    private mutating func forgetSent() {
        if first == items.count {
            items.removeAll(keepingCapacity: items.count < 64)
            first = 0
        } else if first >= 64 {
            items.removeFirst(first)
            first = 0
        }
    }

    private static func send(_ chunk: Chunk, to socket: Int32, isLast: Bool) -> Int {
        // A file follows: let the kernel put the header into the same packet.
        let flags = Int32(MSG_NOSIGNAL) | (isLast ? 0 : Int32(MSG_MORE))
        return chunk.writer.withBytes { bytes in
            retryingInterrupts {
                Glibc.send(socket, bytes.baseAddress! + chunk.sent, bytes.count - chunk.sent, flags)
            }
        }
    }

    private static func send(_ range: FileRange, to socket: Int32) -> Int {
        guard let descriptor = range.file.descriptor else { return sendCopy(range, to: socket) }
        var position = off_t(range.position)
        return retryingInterrupts { sendfile(socket, descriptor, &position, range.count) }
    }

    /// Sends from a file without a descriptor, such as one under test.
    private static func sendCopy(_ range: FileRange, to socket: Int32) -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(range.count, chunkBytes), alignment: 16)
        defer { buffer.deallocate() }
        do {
            let count = try range.file.read(into: buffer, at: range.position)
            if count == 0 { return 0 }
            return retryingInterrupts { Glibc.send(socket, buffer.baseAddress, count, Int32(MSG_NOSIGNAL)) }
        } catch {
            errno = error.code
            return -1
        }
    }
}
