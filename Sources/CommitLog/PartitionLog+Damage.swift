import Observability
import RecordBatch
import System

extension PartitionLog {
    /// Takes note of damage that a reader or a compaction came upon: from now on its offsets are refused, what lies
    /// behind it can be read, metrics count it and the file `damaged` lists it.
    ///
    /// - Parameters:
    ///   - base: the segment's base offset, and its log file in `file`.
    ///   - position: where the batch begins that is not intact.
    ///   - end: where the part of the file ends that can be read.
    ///   - expected: the first offset that the batch may hold.
    /// - Returns: the error that the reader gets.
    func noteDamage(
        _ base: Int64, _ file: any File, at position: Int64, to end: Int64, expected: Int64
    ) throws(LogError) -> LogError {
        let found = try BatchWalker.intact(
            file, behind: position, to: end, expected: expected, limit: expected + Int64(Int32.max))
        let noted = always { state -> (range: DamagedRange, all: [DamagedRange]?) in
            let behind = state.segments.first { $0.base > base }?.base ?? state.highWatermark.offset
            let range = DamagedRange(
                segmentBase: base, position: position, endPosition: found?.position ?? end, firstOffset: expected,
                nextOffset: max(found?.offset ?? behind, expected + 1))
            let isKnown = state.damage.contains { $0.segmentBase == base && $0.position == position }
            guard !isKnown, !state.isGone, state.segments.contains(where: { $0.base == base }) else {
                return (range, nil)
            }
            state.damage.append(range)
            state.hints.removeAll()
            return (range, state.damage)
        }
        let error = LogError.corrupt(
            path: file.path, first: noted.range.firstOffset, next: noted.range.nextOffset)
        guard let all = noted.all else { return error }
        environment.log.error("\(name): \(error)")
        do throws(SystemError) { try DamagedRange.save(all, in: directory, environment.fileSystem) } catch {
            environment.log.warning("\(name): \(error); the damage will have to be found again")
        }
        return error
    }

    /// The error of a reader whose walk came upon something that is no batch, with the damage noted.
    func damaged(_ view: SegmentView, _ walker: borrowing BatchWalker) throws(LogError) -> LogError {
        let place = try walker.damageStart()
        return try noteDamage(
            view.base, view.files.log, at: place.position, to: view.end, expected: place.expected)
    }
}
