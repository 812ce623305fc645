import Glibc
import System
import Testing

@Suite struct BlockingSocketTests {
    private func pair(timeoutSeconds: Int = 20) throws -> (BlockingSocket, BlockingSocket) {
        let listener = try ListeningSocket(Endpoint(host: "127.0.0.1", port: 0))
        let client = try BlockingSocket(connectingTo: listener.endpoint, timeoutSeconds: timeoutSeconds)
        let raw = accept(listener.descriptor.raw, nil, nil)
        try #require(raw >= 0)
        return (client, BlockingSocket(owning: FileDescriptor(owning: raw), "client", timeoutSeconds: timeoutSeconds))
    }

    @Test func allBytesArriveAndTheEndIsSeen() throws {
        let (client, server) = try pair()
        try client.send([1, 2, 3, 4])
        client.finishSending()
        var bytes = [UInt8](repeating: 0, count: 3)
        try bytes.withUnsafeMutableBytes { try server.receive($0) }
        #expect(bytes == [1, 2, 3])
        #expect(try bytes.withUnsafeMutableBytes { try server.receiveSome($0) } == 1)
        #expect(throws: SystemError("recv", "client", code: ECONNRESET)) {
            try bytes.withUnsafeMutableBytes { try server.receive($0) }
        }
    }

    @Test func silenceEndsTheWait() throws {
        let (client, server) = try pair(timeoutSeconds: 1)
        var bytes = [UInt8](repeating: 0, count: 1)
        #expect(throws: SystemError("recv", "client", code: EAGAIN)) {
            _ = try bytes.withUnsafeMutableBytes { try server.receiveSome($0) }
        }
        try client.send([1])
        #expect(try bytes.withUnsafeMutableBytes { try server.receiveSome($0) } == 1)
    }

    @Test func nobodyThereIsAnErrorThatNamesTheAddress() throws {
        let free = try ListeningSocket(Endpoint(host: "127.0.0.1", port: 0)).endpoint
        #expect(throws: SystemError("connect", free.description, code: ECONNREFUSED)) {
            _ = try BlockingSocket(connectingTo: free, timeoutSeconds: 5)
        }
        #expect(throws: SystemError("resolve", "no such host:80", code: EHOSTUNREACH)) {
            _ = try BlockingSocket(connectingTo: Endpoint(host: "no such host", port: 80), timeoutSeconds: 5)
        }
    }
}
