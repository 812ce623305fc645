import CKernels
import System

/// The least that a durable receiver of data must do: read from a socket, compute a CRC, write to a file, acknowledge.
enum IngestLimit {
    private static let chunkBytes = 1 << 20
    private static let acknowledgementBytes = 64
    /// Chunks under way at a time, as of a Kafka producer.
    private static let inFlightMax = 5

    /// Bytes per second for `totalBytes` in pieces of 1 MiB.
    ///
    /// - Parameter syncs: whether each chunk is durable before it is acknowledged.
    static func bytesPerSecond(_ context: BenchContext, totalBytes: Int, syncs: Bool) throws -> Double {
        let (sender, receiver) = try BlockingSocket.pair()
        let chunks = totalBytes / chunkBytes
        let path = context.path("ingest")
        let file = try LocalFileSystem().open(path, .create)
        defer { context.remove("ingest") }
        let failure = Condition<(any Error)?>(nil)
        let thread = Thread("ingest") {
            do {
                try receive(receiver, into: file, chunks: chunks, syncs: syncs)
            } catch {
                failure.update { $0 = error }
                // The sender must not wait for acknowledgements that will not come.
                receiver.finishSending()
            }
        }
        let took = Result { try seconds { try send(sender, chunks: chunks) } }
        thread.join()
        if let error = failure.withLock({ $0 }) { throw error }
        return Double(chunks * chunkBytes) / (try took.get())
    }

    private static func send(_ socket: BlockingSocket, chunks: Int) throws {
        let chunk = Buffer(chunkBytes)
        let acknowledgement = Buffer(acknowledgementBytes)
        var sent = 0
        for acknowledged in 0..<chunks {
            while sent < chunks && sent - acknowledged < inFlightMax {
                try socket.send(chunk.readOnly)
                sent += 1
            }
            try socket.receive(acknowledgement.bytes)
        }
    }

    private static func receive(_ socket: BlockingSocket, into file: any File, chunks: Int, syncs: Bool) throws {
        let chunk = Buffer(chunkBytes)
        let acknowledgement = Buffer(acknowledgementBytes)
        var checksum: UInt32 = 0
        for index in 0..<chunks {
            try socket.receive(chunk.bytes)
            checksum ^= ck_crc32c(0, chunk.bytes.baseAddress, chunkBytes)
            try file.write(chunk.readOnly, at: Int64(index * chunkBytes))
            if syncs { try file.syncData() }
            // The sum goes out, so that it cannot be left uncomputed.
            acknowledgement.bytes.storeBytes(of: checksum, as: UInt32.self)
            try socket.send(acknowledgement.readOnly)
        }
    }
}
