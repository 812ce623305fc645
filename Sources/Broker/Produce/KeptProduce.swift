import Bytes
import KafkaWire

/// A Produce request with record sets of its own: those in the frame are gone when its handler returns.
final class KeptProduce: @unchecked Sendable {
    // Unchecked: handed over once, and then used by one thread alone.

    private let copied: ProduceRun
    private let memory: UnsafeMutableRawBufferPointer
    private let workers: CodecWorkers

    /// A copy; nil when there is no room for it.
    init?(_ run: ProduceRun, _ workers: CodecWorkers) {
        let byteCount = run.request.recordBytes
        guard workers.reserve(byteCount) else { return nil }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
        var request = run.request
        var end = 0
        for topic in request.topics.indices {
            for partition in request.topics[topic].partitions.indices {
                guard case .view(let bytes) = request.topics[topic].partitions[partition].records else { continue }
                let copy = UnsafeMutableRawBufferPointer(rebasing: memory[end..<end + bytes.count])
                copy.copyMemory(from: bytes)
                request.topics[topic].partitions[partition].records = .view(UnsafeRawBufferPointer(copy))
                end += bytes.count
            }
        }
        copied = ProduceRun(core: run.core, version: run.version, request: request)
        self.memory = memory
        self.workers = workers
    }

    deinit {
        memory.deallocate()
        workers.release(memory.count)
    }

    /// Appends what can be appended. May be called once: the log changes the batches in place.
    func run() -> ProduceRun.Outcome {
        var scratch = ByteWriter(capacity: 0)
        return copied.run(scratch: &scratch)
    }
}
