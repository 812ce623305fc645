import CZstd
import Synchronization

/// Decompression contexts that are kept for the next batch: to make one costs more than to decompress a small batch.
enum ZstandardContexts {
    /// Contexts kept idle.
    private static let idleMax = 8
    /// A context that had to take a large window is larger than this, bytes, and is not kept.
    private static let keptBytesMax = 1 << 20

    /// The idle ones, as addresses: pointers may not pass from thread to thread, and each is owned by one at a time.
    private static let idle = Mutex<[UInt]>([])

    /// Lets `body` use a context that nobody else uses.
    static func withContext(
        _ body: (OpaquePointer) throws(CompressionError) -> Void
    ) throws(CompressionError) {
        let kept = idle.withLock { $0.popLast() }
        guard let context = kept.flatMap({ OpaquePointer(bitPattern: $0) }) ?? ZSTD_createDCtx() else {
            throw .library(.zstd, detail: "no memory for a context")
        }
        defer { give(back: context) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Zstandard.windowLogMax)
        try body(context)
    }

    private static func give(back context: OpaquePointer) {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        let address = UInt(bitPattern: context)
        let isKept =
            ZSTD_sizeof_DCtx(context) <= keptBytesMax
            && idle.withLock { idle in
                guard idle.count < idleMax else { return false }
                idle.append(address)
                return true
            }
        if !isKept { ZSTD_freeDCtx(context) }
    }
}
