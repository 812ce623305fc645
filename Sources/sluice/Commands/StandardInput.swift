import Glibc
import System

/// Standard input, as a whole or in pieces.
enum StandardInput {
    /// Everything up to its end.
    static func all(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachChunk { chunk in
            guard bytes.count + chunk.count <= limit else {
                throw CommandError("standard input is longer than \(limit) bytes")
            }
            bytes += chunk
        }
        return bytes
    }

    /// Hands the pieces between `delimiter` to `body`, without it; the last one needs none.
    static func forEachPiece(
        _ delimiter: [UInt8], limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        precondition(!delimiter.isEmpty)
        var pending: [UInt8] = []
        try forEachChunk { chunk in
            var searched = max(0, pending.count - delimiter.count + 1)
            pending += chunk
            var start = 0
            while let found = find(delimiter, in: pending, from: max(searched, start)) {
                try pending.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start..<found])) }
                start = found + delimiter.count
                searched = start
            }
            pending.removeFirst(start)
            guard pending.count <= limit else { throw CommandError("a message is longer than \(limit) bytes") }
        }
        if !pending.isEmpty { try pending.withUnsafeBytes { try body($0) } }
    }

    private static func find(_ delimiter: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + delimiter.count <= bytes.count {
            guard let first = bytes[index...].firstIndex(of: delimiter[0]), first + delimiter.count <= bytes.count
            else {
                return nil
            }
            if bytes[first..<(first + delimiter.count)].elementsEqual(delimiter) { return first }
            index = first + 1
        }
        return nil
    }

    private static func forEachChunk(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { bytes in
                retryingInterrupts { read(STDIN_FILENO, bytes.baseAddress, bytes.count) }
            }
            guard count >= 0 else { throw SystemError("read", "standard input") }
            if count == 0 { return }
            try body(chunk[..<count])
        }
    }
}
