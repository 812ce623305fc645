import Glibc
import System
import TestSupport
import Testing

@Suite struct FileSystemTests {
    /// Runs `body` with a fresh directory, which is removed afterwards.
    func withDirectory(_ body: (String) throws -> Void) rethrows {
        let directory = TemporaryDirectory()
        try body(directory.path)
    }

    @Test func readsWhatWasWrittenAndStopsAtTheEnd() throws {
        try withDirectory { directory in
            let file = try LocalFileSystem().open(directory + "/a", .createNew)
            try [UInt8](1...9).withUnsafeBytes { try file.write($0, at: 3) }
            #expect(try file.size() == 12)
            var bytes = [UInt8](repeating: 255, count: 32)
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 2) }
            #expect(bytes[..<count] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
            try file.truncate(to: 4)
            #expect(try file.size() == 4)
        }
    }

    @Test func replaceLeavesNoTemporaryFile() throws {
        try withDirectory { directory in
            let files = LocalFileSystem()
            try files.replace(directory + "/x", with: [1])
            try files.replace(directory + "/x", with: [2, 3])
            #expect(try files.contents(directory + "/x") == [2, 3])
            #expect(try files.list(directory) == ["x"])
        }
    }

    @Test func secondLockIsRefused() throws {
        try withDirectory { directory in
            let first = try LocalFileSystem().open(directory + "/lock", .create)
            let second = try LocalFileSystem().open(directory + "/lock", .create)
            #expect(try first.tryLock())
            #expect(try !second.tryLock())
            first.unlock()
            #expect(try second.tryLock())
        }
    }

    @Test func errorsNameTheCallAndThePath() {
        #expect(throws: SystemError("open", "/nowhere/x", code: ENOENT)) {
            try LocalFileSystem().open("/nowhere/x", .read)
        }
    }

    @Test func conditionWakesItsWaiter() {
        let condition = Condition(0)
        let thread = Thread("writer") { condition.update { $0 = 7 } }
        #expect(condition.wait(milliseconds: nil) { $0 == 7 ? $0 : nil } == 7)
        thread.join()
        #expect(condition.wait(milliseconds: 0) { $0 == 8 ? $0 : nil } == nil)
    }
}
