import Glibc
import System
import Testing

@Suite struct SpawnedProcessTests {
    @Test(arguments: [0, 3]) func theExitCodeIsTold(code: Int32) throws {
        let process = try SpawnedProcess("/bin/sh", ["-c", "exit \(code)"], descriptors: [:])
        #expect(process.wait() == .exited(code))
        #expect(process.poll() == .exited(code))
    }

    @Test func theSignalIsTold() throws {
        let process = try SpawnedProcess("/bin/sh", ["-c", "kill -KILL $$"], descriptors: [:])
        #expect(process.wait() == .signal(SIGKILL))
    }

    @Test func itGetsTheDescriptors() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let ours = BlockingSocket(owning: FileDescriptor(owning: ends[0]), "child", timeoutSeconds: 20)
        let process = try SpawnedProcess("/bin/cat", [], descriptors: [0: ends[1], 1: ends[1]])
        close(ends[1])
        try ours.send([7, 8])
        var bytes = [UInt8](repeating: 0, count: 2)
        try bytes.withUnsafeMutableBytes { try ours.receive($0) }
        #expect(bytes == [7, 8] && process.poll() == nil)
        ours.finishSending()
        #expect(process.wait() == .exited(0))
    }

    @Test func itIsGoneWithItsOwner() throws {
        var process: SpawnedProcess? = try SpawnedProcess("/bin/sleep", ["1000"], descriptors: [:])
        let identifier = try #require(process?.identifier)
        #expect(kill(identifier, 0) == 0)
        process = nil
        #expect(kill(identifier, 0) == -1 && errno == ESRCH)
    }

    @Test func anAbsentProgramIsAnError() {
        #expect(throws: SystemError("posix_spawn", "/nonexistent/program", code: ENOENT)) {
            _ = try SpawnedProcess("/nonexistent/program", [], descriptors: [:])
        }
    }
}
