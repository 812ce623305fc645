import Streams

/// Reads what is there; never waits.
final class ScriptedReader: StreamReader {
    /// Records of a partition that one call hands out at most.
    private static let recordsPerReadMax = 100

    let assignments: [TopicPartition]
    private let streams: ScriptedStreams
    private var positions: [Int64] = []

    init(_ streams: ScriptedStreams, _ assignments: [ReaderAssignment]) throws(StreamError) {
        self.streams = streams
        self.assignments = assignments.map(\.partition)
        for assignment in assignments { positions.append(try resolve(assignment.partition, assignment.start)) }
    }

    private func resolve(_ partition: TopicPartition, _ start: StartPosition) throws(StreamError) -> Int64 {
        let marks = try streams.watermarks(partition)
        switch start {
        case .beginning: return marks.low
        case .end: return marks.high
        case .offset(let offset): return offset
        case .timestamp(let time): return try streams.offset(partition, atOrAfter: time) ?? marks.high
        }
    }

    func read(waitMilliseconds: Int, _ body: (StreamRecord) -> Void) throws(StreamError) -> Int {
        var count = 0
        for (index, partition) in assignments.enumerated() {
            for record in try streams.read(partition, from: positions[index], max: Self.recordsPerReadMax) {
                record.value.withUnsafeBytes { value in
                    func go(_ key: UnsafeRawBufferPointer?) {
                        body(
                            StreamRecord(
                                assignment: index, offset: positions[index],
                                timestampMilliseconds: record.timestampMilliseconds ?? -1, key: key, value: value,
                                headers: []))
                    }
                    if let key = record.key { key.withUnsafeBytes { go($0) } } else { go(nil) }
                }
                positions[index] += 1
                count += 1
            }
        }
        return count
    }

    func position(_ index: Int) -> Int64 { positions[index] }

    func seek(_ index: Int, to start: StartPosition) throws(StreamError) {
        positions[index] = try resolve(assignments[index], start)
    }

    func close() {}
}
