import StreamTools
import Streams
import System
import TestSupport
import Testing

@Suite struct ArchiveTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.path + "/a.sluice" }
    private let topic = ArchiveDescription(topic: "T_events", partitionCount: 4, createdMilliseconds: 5)

    private struct Kept: Equatable {
        var partition: Int32
        var offset: Int64
        var time: Int64
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [StreamHeader]
    }

    private func records(_ count: Int) -> [Kept] {
        var random = SplitMix(5)
        return (0..<count).map { index in
            func bytes() -> [UInt8]? {
                switch random.next() % 4 {
                case 0: nil
                case 1: []
                default: (0..<Int(random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                }
            }
            return Kept(
                partition: Int32(index % 4), offset: Int64(index / 4) + 1 << 40,
                time: index % 7 == 0 ? -1 : Int64(index),
                key: bytes(), value: bytes(),
                headers: index % 3 == 0
                    ? [StreamHeader(key: "h", value: bytes()), StreamHeader(key: "", value: nil)] : [])
        }
    }

    private func write(_ records: [Kept], finishes: Bool = true) throws {
        let writer = try ArchiveWriter(path, topic)
        for record in records {
            try borrow(record.key) { key in
                try borrow(record.value) { value in
                    try writer.append(
                        StreamRecord(
                            assignment: 0, offset: record.offset, timestampMilliseconds: record.time, key: key,
                            value: value, headers: record.headers), TopicPartition("T_events", record.partition))
                }
            }
        }
        if finishes { try writer.finish() }
    }

    private func borrow(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws -> Void) throws {
        if let bytes { try bytes.withUnsafeBytes { try body($0) } } else { try body(nil) }
    }

    private func read() throws -> [Kept] {
        var kept: [Kept] = []
        let reader = try ArchiveReader(path)
        #expect(reader.description == topic)
        try reader.read { record, partition in
            #expect(partition.topic == "T_events")
            kept.append(
                Kept(
                    partition: partition.partition, offset: record.offset, time: record.timestampMilliseconds,
                    key: record.key.map { Array($0) }, value: record.value.map { Array($0) }, headers: record.headers))
            return true
        }
        return kept
    }

    @Test(arguments: [0, 1, 5000]) func givesBackWhatItWasGiven(_ count: Int) throws {
        try write(records(count))
        #expect(try read() == records(count))
    }

    @Test func keepsRecordsThatCompressBeyondBelief() throws {
        let zeros = Kept(
            partition: 0, offset: 0, time: 0, key: nil, value: [UInt8](repeating: 0, count: 40 << 20), headers: [])
        try write([zeros])
        #expect(try read() == [zeros])
    }

    @Test func overwritesNothing() throws {
        try write(records(1))
        let error = #expect(throws: ArchiveError.self) { try ArchiveWriter(path, topic) }
        #expect(error == .exists(path))
    }

    @Test func tellsOfEveryCut() throws {
        try write(records(40))
        let whole = try LocalFileSystem().contents(path)
        for length in 0..<whole.count {
            try LocalFileSystem().replace(path, with: Array(whole[..<length]))
            let error = #expect(throws: ArchiveError.self) { try read() }
            switch error {
            case .cut: #expect(length >= 8)
            case .notAnArchive: #expect(length < 8)
            default: Issue.record("\(length): \(error.map { "\($0)" } ?? "no error")")
            }
        }
    }

    @Test func tellsOfEveryDamagedByte() throws {
        try write(records(20))
        let whole = try LocalFileSystem().contents(path)
        for position in 0..<whole.count {
            var damaged = whole
            damaged[position] ^= 0x40
            try LocalFileSystem().replace(path, with: damaged)
            #expect(throws: ArchiveError.self, "byte \(position)") { try read() }
        }
    }

    @Test func anUnfinishedFileIsCut() throws {
        try write(records(5000), finishes: false)
        let error = #expect(throws: ArchiveError.self) { try read() }
        guard case .cut = error else {
            Issue.record("\(error.map { "\($0)" } ?? "")")
            return
        }
        try LocalFileSystem().replace(path, with: Array("something else entirely".utf8))
        #expect(throws: ArchiveError.notAnArchive(path)) { try ArchiveReader(path) }
        #expect(throws: ArchiveError.self) { try ArchiveReader(directory.path + "/nothing") }
    }
}
