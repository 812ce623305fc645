import RecordBatch
import System

extension PartitionLog {
    /// Reads batches of closed segments with their checksums, those that nobody has looked at in this process; damage is
    /// noted as if a reader had come upon it.
    ///
    /// - Parameter bytes: about so many at most; a batch is read to its end.
    /// - Returns: how many were read; 0 when there is nothing left.
    func scrub(bytes limit: Int64) throws(LogError) -> Int64 {
        try finishSwaps()
        guard let part = uncheckedPart() else { return 0 }
        let path = SegmentFiles.stem(directory, part.base) + ".log"
        let fileSystem = environment.fileSystem
        let file = try storing { () throws(SystemError) in try fileSystem.open(path, .read) }
        var walker = BatchWalker(
            file, from: part.position, to: part.end, expected: part.base, below: part.next, checksums: true,
            skipping: part.damage)
        var end = part.position
        walk: while end - part.position < limit {
            switch try walker.next() {
            case .batch, .end:
                guard walker.position > end else { break walk }
                end = walker.position
            case .bad(let position):
                _ = try noteDamage(part.base, file, at: position, to: part.end, expected: walker.expected)
                break walk
            }
        }
        let intact = part.position..<end
        always { state in
            guard let index = state.segments.firstIndex(where: { $0.base == part.base }) else { return }
            state.segments[index].checked.add(intact)
        }
        return max(1, end - part.position)
    }

    /// Forgets what was looked at, so that it is looked at again.
    func forgetChecks() {
        always { state in
            for index in state.segments.indices.dropLast() { state.segments[index].checked = .none }
        }
    }

    private struct UncheckedPart: Sendable {
        let base: Int64
        let next: Int64
        let position: Int64
        let end: Int64
        let damage: [DamagedRange]
    }

    /// The first part of a closed segment that nobody has looked at; nil when there is none.
    private func uncheckedPart() -> UncheckedPart? {
        always { state in
            guard case .open = state.status else { return nil }
            for (segment, next) in zip(state.segments, state.segments.dropFirst()) where segment.size > 0 {
                let position = segment.checked.end(from: 0)
                guard position < segment.size else { continue }
                return UncheckedPart(
                    base: segment.base, next: next.base, position: position, end: segment.size,
                    damage: state.damage.filter { $0.segmentBase == segment.base })
            }
            return nil
        }
    }
}
