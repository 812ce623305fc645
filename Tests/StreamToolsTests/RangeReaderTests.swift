import StreamTools
import Streams
import TestSupport
import Testing

@Suite struct RangeReaderTests {
    private func read(_ reader: RangeReader) throws -> [String] {
        var lines: [String] = []
        while !reader.isAtEnd {
            _ = try reader.read(waitMilliseconds: 10) { record, range in
                lines.append("\(range.partition.partition):\(record.offset)")
            }
        }
        return lines
    }

    @Test func readsEachRangeToItsEnd() throws {
        let streams = ScriptedStreams()
        streams.create("t", partitions: 2)
        for time in 0..<10 { streams.append("t", Int64(time), [1]) }
        for time in 0..<300 { streams.append("t", Int64(time), [2], partition: 1) }
        let first = RecordRange(TopicPartition("t", 0), 2, end: 4)
        let second = RecordRange(TopicPartition("t", 1), 0, end: 250)
        let reader = try RangeReader(streams, [first, second])
        let lines = try read(reader)
        #expect(lines.filter { $0.hasPrefix("0:") } == ["0:2", "0:3"])
        #expect(lines.filter { $0.hasPrefix("1:") } == (0..<250).map { "1:\($0)" })
        #expect(reader.remaining == 0)
    }

    @Test func endsAtATimeThatComesLater() throws {
        let streams = ScriptedStreams()
        streams.append("t", 100, [1])
        let range = RecordRange(TopicPartition("t", 0), 0, end: nil, untilMilliseconds: 200)
        let reader = try RangeReader(streams, [range])
        #expect(try reader.read(waitMilliseconds: 0) { _, _ in } == 1)
        #expect(!reader.isAtEnd && reader.remaining == nil)
        streams.append("t", 150, [2])
        streams.append("t", 200, [3])
        streams.append("t", 160, [4])
        #expect(try reader.read(waitMilliseconds: 0) { _, _ in } == 1)
        #expect(reader.isAtEnd)
    }

    @Test func nothingToReadNeedsNoReader() throws {
        let streams = ScriptedStreams()
        streams.create("t")
        streams.failReads(1)
        let reader = try RangeReader(streams, [RecordRange(TopicPartition("t", 0), 0, end: 0)])
        #expect(reader.isAtEnd)
        #expect(try reader.read(waitMilliseconds: 0) { _, _ in } == 0)
    }
}
