import CommitLog
import Glibc
import System
import TestSupport
import Testing

/// Opening directories of the real file system in every state that they can be found in.
@Suite struct RecoveryTests {
    let directory = TemporaryDirectory()

    func small(_ bytes: Int = 500) -> PartitionSettings {
        var settings = PartitionSettings()
        settings.segmentBytes = bytes
        return settings
    }

    /// Fills `t-0` with batches of one record, 79 bytes each, and ends in order or not.
    func fill(_ count: Int, _ settings: PartitionSettings = PartitionSettings(), closing: Bool) throws {
        let log = try open(directory)
        let partition = try log.createPartition(topic: "t", partition: 0, settings: settings)
        for index in 0..<count { try partition.append(bytes: batch(["value \(1000 + index)"])) }
        try log.flush()
        if closing { try log.close() }
    }

    func path(_ base: Int, _ ending: String = ".log") -> String {
        let digits = "\(base)"
        return topicDirectory(directory) + "/" + String(repeating: "0", count: 20 - digits.count) + digits + ending
    }

    func expected(_ range: Range<Int>) -> [String] { range.map { "value \(1000 + $0)" } }

    @Test(arguments: [true, false])
    func reopensWithEverything(_ closing: Bool) throws {
        try fill(20, small(), closing: closing)
        let log = try open(directory)
        #expect(log.wasCleanStart == closing)
        #expect(log.recovery.bytesCut == 0)
        #expect(log.recovery.messages == [])
        #expect(log.recovery.batchesScanned == (closing ? 0 : 20))
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(try partition.values() == expected(0..<20))
        #expect(try partition.append(bytes: batch(["more"])).baseOffset == 20)
        #expect(log.clusterID == (try open2ClusterID()))
    }

    private func open2ClusterID() throws -> String {
        let text = String(
            decoding: try LocalFileSystem().contents(directory.path + "/data/meta.toml"), as: UTF8.self)
        return String(text.split(separator: "\"")[1])
    }

    @Test(arguments: ["garbage", "zeros", "header", "half", "one"], [true, false])
    func cutsATornTail(_ kind: String, _ closing: Bool) throws {
        try fill(5, closing: closing)
        var torn = batch(["torn"])
        switch kind {
        case "garbage": torn = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        case "zeros": torn = [UInt8](repeating: 0, count: 5000)
        case "header": torn.removeLast(torn.count - 30)
        case "half": torn.removeLast(torn.count / 4)
        default: torn = [0]
        }
        try rewrite(path(0)) { $0 += torn }
        let log = try open(directory)
        #expect(log.recovery.bytesCut == Int64(torn.count))
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(partition.endOffset == 5)
        #expect(try partition.values() == expected(0..<5))
        #expect(try partition.append(bytes: batch(["value 1005"])).baseOffset == 5)
        #expect(try partition.values() == expected(0..<6))
    }

    /// The tail of the last batch is missing, byte by byte.
    @Test func cutsAtEveryTruncation() throws {
        try fill(3, closing: false)
        let whole = try LocalFileSystem().contents(path(0))
        let one = whole.count / 3
        for missing in 1...one {
            try rewrite(path(0)) { $0 = Array(whole.dropLast(missing)) }
            let log = try open(directory)
            let partition = try #require(log.partition(topic: "t", partition: 0))
            #expect(try partition.values() == expected(0..<2))
            #expect(log.recovery.bytesCut == Int64(one - missing))
        }
    }

    @Test(arguments: [true, false], [true, false])
    func damageCostsOneBatch(_ isSynced: Bool, _ inHeader: Bool) throws {
        try fill(10, closing: isSynced)
        let one = try LocalFileSystem().contents(path(0)).count / 10
        try rewrite(path(0)) { $0[one * 4 + (inHeader ? 9 : 66)] ^= 0x40 }
        if isSynced { try LocalFileSystem().remove(directory.path + "/data/recovery-point") }
        let log = try open(directory)
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(partition.endOffset == 10)
        #expect(log.recovery.bytesCut == 0)
        #expect(partition.damage.map(\.firstOffset) == [4])
        #expect(partition.damage.map(\.nextOffset) == [5])
        #expect(throws: LogError.corrupt(path: path(0), first: 4, next: 5)) {
            try partition.read(from: 4, maxBytes: 1000, limit: .highWatermark, minimumOneBatch: true)
        }
        let before = try partition.read(from: 0, maxBytes: 10_000, limit: .highWatermark, minimumOneBatch: true)
        #expect(before.count == one * 4)
        #expect(try partition.records(from: 5).map(\.value) == expected(5..<10))
        try partition.append(bytes: batch(["value 1010"]))
        #expect(try partition.records(from: 5).map(\.value) == expected(5..<11))
        try log.close()
        let again = try #require(try open(directory).partition(topic: "t", partition: 0))
        #expect(again.damage == partition.damage)
        #expect(try again.records(from: 5).map(\.value) == expected(5..<11))
    }

    @Test func damageFoundByAReaderIsReported() throws {
        try fill(10, closing: false)
        let log = try open(directory)
        let partition = try #require(log.partition(topic: "t", partition: 0))
        let one = try LocalFileSystem().contents(path(0)).count / 10
        let file = try LocalFileSystem().open(path(0), .readWrite)
        try [UInt8(99)].withUnsafeBytes { try file.write($0, at: Int64(one * 4 + 16)) }
        #expect(throws: LogError.corrupt(path: path(0), first: 4, next: 5)) {
            try partition.read(from: 4, maxBytes: 1000, limit: .highWatermark, minimumOneBatch: true)
        }
    }

    @Test(arguments: [true, false])
    func aMissingSegmentIsAHole(_ closing: Bool) throws {
        try fill(30, small(), closing: closing)
        let bases = try LocalFileSystem().list(topicDirectory(directory)).filter { $0.hasSuffix(".log") }
            .map { Int($0.dropLast(4))! }
        if !closing { try open(directory).close() }
        try LocalFileSystem().remove(path(bases[1]))
        let log = try open(directory)
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(log.recovery.messages == ["t-0: offsets \(bases[1])..<\(bases[2]) are missing"])
        let offsets = try partition.records().map { Int($0.offset) }
        #expect(offsets == Array(0..<bases[1]) + Array(bases[2]..<30))
        let jump = try partition.read(from: Int64(bases[1]), maxBytes: 1, limit: .logEnd, minimumOneBatch: true)
        #expect(jump.baseOffset == Int64(bases[2]))
    }

    @Test func missingFirstAndLastSegmentsAreReportedToo() throws {
        try fill(30, small(), closing: true)
        let bases = try LocalFileSystem().list(topicDirectory(directory)).filter { $0.hasSuffix(".log") }
            .map { Int($0.dropLast(4))! }
        let last = bases[bases.count - 1]
        try LocalFileSystem().remove(path(0))
        try LocalFileSystem().remove(path(last))
        let log = try open(directory)
        #expect(
            log.recovery.messages == [
                "t-0: offsets 0..<\(bases[1]) are missing", "t-0: offsets \(last)..<30 are missing",
            ])
        let partition = try #require(log.partition(topic: "t", partition: 0))
        #expect(partition.startOffset == Int64(bases[1]) && partition.endOffset == 30)
        #expect(try partition.append(bytes: batch(["value 1030"])).baseOffset == 30)
        #expect(try partition.records().map { Int($0.offset) } == Array(bases[1]..<last) + [30])
        try log.close()
        var verifier = LogVerifier()
        let found = try verifier.verify(try OfflineDirectory(directory.path + "/data").partitions[0])
        #expect(found.map(\.kind) == [.missing, .missing])
        #expect(found.map(\.offsets) == [0..<Int64(bases[1]), Int64(last)..<30])
        #expect(try open(directory).partition(topic: "t", partition: 0)?.records().last?.value == "value 1030")
    }

    @Test func onlyWhatMayNotBeOnTheDiskIsRead() throws {
        try fill(20, closing: true)
        let log = try open(directory)
        let partition = try #require(log.partition(topic: "t", partition: 0))
        for index in 20..<25 { try partition.append(bytes: batch(["value \(1000 + index)"])) }
        try log.runMaintenance()
        for index in 25..<28 { try partition.append(bytes: batch(["value \(1000 + index)"])) }
        try log.flush()
        // The recovery point of the last maintenance: below it nothing was synced that is not on the disk.
        let again = try reopened(log)
        #expect(!again.wasCleanStart)
        #expect(again.recovery.batchesScanned == 8)
        #expect(try again.partition(topic: "t", partition: 0)?.values() == expected(0..<28))
    }

    /// Lets go of a log as a process does that is killed.
    private func reopened(_ log: CommitLog) throws -> CommitLog {
        let copy = TemporaryDirectory()
        let files = LocalFileSystem()
        for folder in ["/data", "/data/topics", "/data/topics/t-0"] {
            try files.createDirectory(copy.path + folder)
            for name in try files.list(directory.path + folder) where name != "topics" && name != "t-0" {
                let bytes = try files.contents(directory.path + folder + "/" + name)
                let file = try files.open(copy.path + folder + "/" + name, .createNew)
                try bytes.withUnsafeBytes { try file.write($0, at: 0) }
            }
        }
        return try open(copy)
    }

    @Test(arguments: ["removed", "emptied", "cut", "odd", "garbage", "zeros", "negative"], [true, false])
    func indexesAreOnlyHints(_ fault: String, _ closing: Bool) throws {
        let options = quiet { $0.indexIntervalBytes = 200 }
        var times: [Int64?] = []
        do {
            let log = try open(directory, options)
            let partition = try log.createPartition(topic: "t", partition: 0, settings: small(4000))
            for index in 0..<200 {
                let time = Int64(index * 7919 % 200)
                try partition.append(bytes: batch(["value \(1000 + index)"], timestamps: [time]))
            }
            try log.flush()
            times = try (0..<200).map { try partition.offset(forTimestamp: Int64($0))?.offset }
            if closing { try log.close() }
        }
        for name in try LocalFileSystem().list(topicDirectory(directory)) where name.hasSuffix("index") {
            let file = topicDirectory(directory) + "/" + name
            switch fault {
            case "removed": try LocalFileSystem().remove(file)
            case "emptied": try rewrite(file) { $0 = [] }
            case "cut": try rewrite(file) { $0.removeLast($0.count / 24 * 12) }
            case "odd": try rewrite(file) { $0.removeLast(min(5, $0.count)) }
            case "garbage":
                try rewrite(file) { bytes in
                    for index in bytes.indices where index % 3 == 0 { bytes[index] = UInt8(index * 31 % 251) }
                }
            case "negative":
                try rewrite(file) { bytes in for index in bytes.indices where index % 8 == 4 { bytes[index] |= 0x80 } }
            default: try rewrite(file) { $0 = [UInt8](repeating: 0, count: $0.count) }
            }
        }
        let again = try #require(try open(directory, options).partition(topic: "t", partition: 0))
        #expect(try again.values() == expected(0..<200))
        for offset in stride(from: Int64(0), to: 200, by: 7) {
            let slice = try again.read(from: offset, maxBytes: 1, limit: .logEnd, minimumOneBatch: true)
            #expect(slice.baseOffset == offset)
        }
        #expect(try (0..<200).map { try again.offset(forTimestamp: Int64($0))?.offset } == times)
    }

    @Test func aSecondProcessIsRefusedWithTheFirstOnesID() throws {
        let log = try open(directory)
        #expect(throws: LogError.locked(path: directory.path + "/data", processID: getpid())) {
            try open(directory)
        }
        try log.close()
        try open(directory).close()
    }

    @Test(arguments: ["", "format_version = 1\n", "\u{0}\u{1}", "format_version = 9\nnode_id = 1\n"])
    func aDamagedIdentityIsRefusedAndNothingTouched(_ text: String) throws {
        try fill(3, closing: true)
        try rewrite(directory.path + "/data/meta.toml") { $0 = Array(text.utf8) }
        let before = try contents()
        #expect(throws: LogError.self) { try open(directory) }
        #expect(try contents() == before)
        try LocalFileSystem().remove(directory.path + "/data/meta.toml")
        #expect(throws: LogError.self) { try open(directory) }
    }

    private func contents() throws -> [String: [UInt8]] {
        var all: [String: [UInt8]] = [:]
        for folder in [directory.path + "/data", topicDirectory(directory)] {
            for name in try LocalFileSystem().list(folder) where name != "topics" {
                all[folder + "/" + name] = try LocalFileSystem().contents(folder + "/" + name)
            }
        }
        return all
    }

    @Test func damagedHintsAreReplacedByTheLog() throws {
        try fill(20, small(), closing: true)
        for name in ["recovery-point", "cleaner-offsets"] {
            let file = try LocalFileSystem().open(directory.path + "/data/" + name, .create)
            try Array("nonsense".utf8).withUnsafeBytes { try file.write($0, at: 0) }
        }
        let log = try open(directory)
        #expect(log.recovery.messages.count == 1)
        #expect(try log.partition(topic: "t", partition: 0)?.values() == expected(0..<20))
    }

    @Test func aDamagedFileOfStartOffsetsStopsTheStart() throws {
        try fill(20, small(), closing: true)
        let log = try open(directory)
        try log.partition(topic: "t", partition: 0)?.deleteRecords(before: 12)
        try log.close()
        try rewrite(directory.path + "/data/log-start-offsets") { bytes in
            // 12 becomes 13: a number like any other, but for the checksum.
            let index = bytes.firstIndex(of: UInt8(ascii: "2"))!
            bytes[index] ^= 1
        }
        let before = try contents()
        #expect(throws: LogError.self) { try open(directory) }
        #expect(try contents() == before)
    }

    @Test func restsOfADeletionAreRemovedAndStrangersLeft() throws {
        try fill(3, closing: true)
        let files = LocalFileSystem()
        try files.createDirectory(topicDirectory(directory, "gone-0.xyz-delete"))
        _ = try files.open(topicDirectory(directory, "gone-0.xyz-delete") + "/x", .createNew)
        try files.createDirectory(topicDirectory(directory, "lost+found"))
        let log = try open(directory)
        #expect(log.partitions.map(\.topic) == ["t"])
        #expect(try files.list(directory.path + "/data/topics") == ["lost+found", "t-0"])
        #expect(log.recovery.messages.count == 1)
    }
}
