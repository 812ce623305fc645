import Foundation
import NexusFile
import TestSupport
import Testing

@Suite struct AppendableDatasetTests {
    @Test(arguments: [1, 7, 256, 1000, 5000])
    func rowsInPiecesOfAnySizeComeBackInOrder(piece: Int) throws {
        let scratch = TemporaryDirectory()
        let values = (0..<20_011).map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) }
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let column = try AppendableDataset<Int32>(file.root, "values", chunkBytes: 4096)
        for start in stride(from: 0, to: values.count, by: piece) {
            try column.append(contentsOf: Array(values[start..<min(values.count, start + piece)]))
        }
        #expect(column.count == values.count)
        try column.flush()
        try file.sync()
        try file.close()
        let dataset = try NexusFile.open(scratch.file("a.nxs")).root.dataset("values")
        #expect(dataset.type == .int32)
        #expect(dataset.shape == [20_011])
        #expect(try dataset.values(Int32.self) == values)
    }

    @Test func aChunkFlushedEarlyIsCompletedLater() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let column = try AppendableDataset<UInt64>(file.root, "time", chunkBytes: 1024)
        for value in 0..<1000 {
            try column.append(UInt64(value))
            if value % 37 == 0 { try column.flush() }
        }
        try column.flush()
        try file.close()
        let dataset = try NexusFile.open(scratch.file("a.nxs")).root.dataset("time")
        #expect(try dataset.values(UInt64.self) == (0..<1000).map { UInt64($0) })
    }

    @Test func aFlushedFileCanBeReadWhileItsWriterIsAlive() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let column = try AppendableDataset<Double>(file.root, "x")
        try column.append(2.5)
        try column.flush()
        try file.flush()
        // A copy is what a crash would leave behind.
        try FileManager.default.copyItem(atPath: scratch.file("a.nxs"), toPath: scratch.file("b.nxs"))
        #expect(try NexusFile.open(scratch.file("b.nxs")).root.dataset("x").values(Double.self) == [2.5])
        try column.append(3.5)
        try column.flush()
        try file.close()
        #expect(try NexusFile.open(scratch.file("a.nxs")).root.dataset("x").values(Double.self) == [2.5, 3.5])
    }

    @Test func nothingAppendedIsAnEmptyDataset() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        try AppendableDataset<Int64>(file.root, "none").flush()
        try file.close()
        let dataset = try NexusFile.open(scratch.file("a.nxs")).root.dataset("none")
        #expect(dataset.shape == [0])
        #expect(try dataset.values(Int64.self) == [])
    }

    @Test func fixedTextsAreCutAtAWholeCharacter() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let column = try AppendableTexts(file.root, "message", length: 8, chunkRows: 2)
        for text in ["", "short", "much too long", "sixsix\u{e9}"] { try column.append(text) }
        try column.flush()
        try file.close()
        let dataset = try NexusFile.open(scratch.file("a.nxs")).root.dataset("message")
        #expect(try dataset.texts() == ["", "short", "much to", "sixsix"])
    }

    @Test func indexesBeyondTwoToTheThirtyOneKeepTheirValue() throws {
        let scratch = TemporaryDirectory()
        let file = try NexusFile.create(scratch.file("a.nxs"))
        let column = try AppendableDataset<Int64>(file.root, "event_index")
        try column.append(contentsOf: [0, 2_147_483_648, 5_000_000_000])
        try column.flush()
        try file.close()
        let dataset = try NexusFile.open(scratch.file("a.nxs")).root.dataset("event_index")
        #expect(dataset.type == .int64)
        #expect(try dataset.values(Int64.self) == [0, 2_147_483_648, 5_000_000_000])
    }
}
