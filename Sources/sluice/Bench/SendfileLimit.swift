import System

/// The least that a sender of stored data must do: `sendfile` out of the page cache to a reader that drops the data.
enum SendfileLimit {
    private static let pieceBytes = 1 << 20
    private static let fileBytesMax = 256 << 20

    /// Bytes per second for `totalBytes`, whole MiB, in pieces of 1 MiB.
    static func bytesPerSecond(_ context: BenchContext, totalBytes: Int) throws -> Double {
        let (sender, receiver) = try BlockingSocket.pair()
        let file = try LocalFileSystem().open(context.path("sendfile"), .create)
        defer { context.remove("sendfile") }
        let fileBytes = min(fileBytesMax, totalBytes)
        try fill(file, fileBytes)
        guard let descriptor = file.descriptor else { preconditionFailure("a local file has a descriptor") }
        let thread = Thread("drain") {
            let buffer = Buffer(pieceBytes)
            while let count = try? receiver.receiveSome(buffer.bytes), count > 0 {}
        }
        let took = Result {
            try seconds {
                var sent = 0
                while sent < totalBytes {
                    try sender.send(file: descriptor, at: sent % fileBytes, count: pieceBytes)
                    sent += pieceBytes
                }
                sender.finishSending()
                thread.join()
            }
        }
        return Double(totalBytes) / (try took.get())
    }

    private static func fill(_ file: any File, _ fileBytes: Int) throws {
        let piece = Buffer(pieceBytes)
        for position in stride(from: 0, to: fileBytes, by: pieceBytes) {
            try file.write(piece.readOnly, at: Int64(position))
        }
    }
}
