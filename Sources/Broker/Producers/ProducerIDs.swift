import Synchronization

/// Gives out ids for idempotent producers; an id never repeats, also not after a crash.
///
/// Ids are reserved in blocks: only the first id of a block waits for the disk. What is left of a block when the
/// process ends is never used. Thread-safe; `next` may block for one write.
final class ProducerIDs: Sendable {
    static let blockSize: Int64 = 1000

    private struct Block: Sendable {
        var next: Int64
        var end: Int64
    }

    private let store: MetadataStore
    private let block: Mutex<Block>

    /// Continues behind the last block that `store` knows.
    init(_ store: MetadataStore) {
        self.store = store
        var next: Int64 = 0
        for case .producerIDs(let stored) in store.records { next = max(next, stored) }
        block = Mutex(Block(next: next, end: next))
    }

    /// A new id.
    func next() throws(BrokerError) -> Int64 {
        let outcome: Result<Int64, BrokerError> = block.withLock { block in
            if block.next == block.end {
                let end = block.end + Self.blockSize
                do throws(BrokerError) {
                    try store.put([.producerIDs(next: end)])
                } catch {
                    return .failure(error)
                }
                block.end = end
            }
            defer { block.next += 1 }
            return .success(block.next)
        }
        return try outcome.get()
    }
}
