import Foundation
import System
import TestSupport
import Testing

@Suite struct DirectoryTests {
    private let temporary = TemporaryDirectory()
    private var root: String { temporary.path }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: root + "/" + name))
    }

    @Test func namesAreFoundAndMade() throws {
        let directory = try Directory(root)
        _ = try directory.below("a/b/c", create: true)
        #expect(try directory.below("a/b").contains("c"))
        #expect(!directory.contains("d"))
        #expect(throws: SystemError.self) { _ = try directory.below("d") }
        #expect(throws: SystemError.self) { _ = try Directory(root + "/d") }
    }

    @Test(arguments: ["..", "a/../..", "link", "link/x"])
    func pathsThatLeadElsewhereAreRefused(path: String) throws {
        let directory = try Directory(root)
        _ = try directory.below("a", create: true)
        try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: "/tmp")
        #expect(throws: SystemError.self) { _ = try directory.below(path) }
    }

    @Test func aRenameNeverReplaces() throws {
        let directory = try Directory(root)
        try write("one", "1")
        try write("two", "2")
        #expect(throws: SystemError.self) { try directory.renameWithoutReplacing("one", to: "two") }
        #expect(try String(contentsOfFile: root + "/two", encoding: .utf8) == "2")
        try directory.renameWithoutReplacing("one", to: "three")
        try directory.sync("three")
        try directory.sync()
        #expect(directory.contains("three") && !directory.contains("one"))
        try directory.setMode("three", 0o444)
        #expect(try FileManager.default.attributesOfItem(atPath: root + "/three")[.posixPermissions] as? Int == 0o444)
        try directory.remove("three")
        #expect(!directory.contains("three"))
    }

    @Test func theStablePathOutlivesAMove() throws {
        let directory = try Directory(root).below("a", create: true)
        try write("a/file", "x")
        try FileManager.default.moveItem(atPath: root + "/a", toPath: root + "/b")
        #expect(try String(contentsOfFile: directory.stablePath("file"), encoding: .utf8) == "x")
    }
}
