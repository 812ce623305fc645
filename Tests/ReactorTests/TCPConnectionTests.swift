import Bytes
import Glibc
import System
import TestSupport
import Testing

@testable import Reactor

/// Answers each message of `int32 size, payload` with `answer(payload)`.
final class MessageDelegate: ConnectionDelegate, @unchecked Sendable {
    // Unchecked: used on one loop; `state` has its own lock.
    struct State {
        var messages = 0
        var closedReason: String?
        var memoryMax = 0
        var unsentMax = 0
    }
    let state = Condition(State())
    let answer: (TCPConnection, UnsafeMutableRawBufferPointer) -> Void

    init(_ answer: @escaping (TCPConnection, UnsafeMutableRawBufferPointer) -> Void) { self.answer = answer }

    func received(_ bytes: UnsafeMutableRawBufferPointer, on connection: TCPConnection) -> Consumption {
        var offset = 0
        while connection.wantsInput {
            state.withLock { $0.memoryMax = max($0.memoryMax, connection.receiveBufferBytes) }
            guard bytes.count - offset >= 4 else { return Consumption(consumed: offset, wanted: 4) }
            let size = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            guard bytes.count - offset >= 4 + size else { return Consumption(consumed: offset, wanted: 4 + size) }
            answer(connection, UnsafeMutableRawBufferPointer(rebasing: bytes[offset + 4..<offset + 4 + size]))
            offset += 4 + size
            state.update {
                $0.messages += 1
                $0.unsentMax = max($0.unsentMax, connection.unsentBytes)
            }
        }
        return Consumption(consumed: offset, wanted: 0)
    }

    func closed(_ connection: TCPConnection, reason: String) { state.update { $0.closedReason = reason } }

    func waitForClose() -> String? { state.wait(milliseconds: 20_000) { $0.closedReason } }
}

/// A loop with a listener and one delegate for all connections.
final class TestServer {
    let loop: EventLoop
    let endpoint: Endpoint
    let delegate: MessageDelegate
    /// The connections, for looking at them on the loop.
    let connections: Connections

    final class Connections: @unchecked Sendable {
        // Unchecked: touched on the loop only.
        var all: [TCPConnection] = []
    }

    init(
        limits: TCPConnection.Limits = TCPConnection.Limits(), clock: any Clock = SystemClock(),
        receiveBufferBytesMax: Int = 256 << 20, outputBytesMax: Int = 256 << 20,
        _ answer: @escaping (TCPConnection, UnsafeMutableRawBufferPointer) -> Void
    ) throws {
        let loop = try EventLoop(name: "server", clock: clock)
        loop.receiveBufferBytesMax = receiveBufferBytesMax
        loop.outputBytesMax = outputBytesMax
        let delegate = MessageDelegate(answer)
        let connections = Connections()
        endpoint = try TCPListener(Endpoint(host: "127.0.0.1", port: 0), loop) { socket, remote in
            let connection = try? TCPConnection(socket, remote: remote, loop: loop, limits: limits, delegate: delegate)
            if let connection { connections.all.append(connection) }
        }.endpoint
        self.loop = loop
        self.delegate = delegate
        self.connections = connections
        loop.start()
    }

    deinit {
        loop.stop()
        loop.join()
        connections.all = []
    }

    static func echo(_ connection: TCPConnection, _ payload: UnsafeMutableRawBufferPointer) {
        var writer = ByteWriter(capacity: 4 + payload.count)
        writer.int32(Int32(payload.count))
        writer.append(UnsafeRawBufferPointer(payload))
        connection.send(writer)
    }
}

@Suite struct TCPConnectionTests {
    @Test func pipelinedMessagesOfManySizesComeBackInOrder() throws {
        let server = try TestServer(TestServer.echo)
        let client = try SocketClient(server.endpoint)
        let payloads = (0..<200).map { index in
            [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: [0, 1, 7, 300, 4096, 20_000][index % 6])
        }
        try client.send(payloads.flatMap(SocketClient.message))
        for payload in payloads { #expect(try client.receiveMessage() == payload) }
    }

    @Test func aLargeMessageArrivesWholeThroughSmallAndLargeReads() throws {
        let server = try TestServer(TestServer.echo)
        let client = try SocketClient(server.endpoint)
        for size in [255 << 10, (256 << 10) - 4, 256 << 10, 3 << 20] {
            let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
            let bytes = SocketClient.message(payload)
            try client.send(Array(bytes[..<3]))
            try client.send(Array(bytes[3..<70_000]))
            try client.send(Array(bytes[70_000...]))
            let back = try client.receiveMessage()
            #expect(back == payload)
        }
    }

    /// A client that keeps a few large messages under way gets each answer before the next message is taken.
    @Test func answersGoOutBetweenLargeMessages() throws {
        let server = try TestServer { connection, _ in
            SocketClient.message([1, 2, 3]).withUnsafeBytes { connection.send($0) }
        }
        let client = try SocketClient(server.endpoint)
        let message = SocketClient.message([UInt8](repeating: 7, count: 1 << 20))
        for _ in 0..<20 { try client.send(message) }
        for _ in 0..<20 { #expect(try client.receiveMessage() == [1, 2, 3]) }
        #expect(server.delegate.state.withLock { $0.unsentMax } == SocketClient.message([1, 2, 3]).count)
    }

    @Test func bytesThatDripInOneByOneMakeAMessage() throws {
        let server = try TestServer(TestServer.echo)
        let client = try SocketClient(server.endpoint)
        for byte in SocketClient.message(Array("dripping".utf8)) + SocketClient.message([]) { try client.send([byte]) }
        #expect(try client.receiveMessage() == Array("dripping".utf8))
        #expect(try client.receiveMessage() == [])
    }

    @Test func memoryFollowsTheBytesAndNotTheClaim() throws {
        let server = try TestServer(TestServer.echo)
        let client = try SocketClient(server.endpoint)
        try client.send([0x7f, 0xff, 0xff, 0xf0] + [UInt8](repeating: 1, count: 1000))
        // A second connection proves that the first one's bytes were looked at.
        let other = try SocketClient(server.endpoint)
        try other.sendMessages([1])
        #expect(try other.receiveMessage() == [1])
        let held = server.loop.sync { [connections = server.connections] in
            connections.all.map(\.receiveBufferBytes).max() ?? 0
        }
        #expect(held <= 64 << 10)
    }

    @Test func anIdleConnectionHoldsNoBuffer() throws {
        let clock = ManualClock()
        let server = try TestServer(clock: clock, TestServer.echo)
        let client = try SocketClient(server.endpoint)
        let payload = [UInt8](repeating: 3, count: 1 << 20)
        try client.sendMessages(payload)
        #expect(try client.receiveMessage() == payload)
        let (loop, connections) = (server.loop, server.connections)
        #expect(loop.sync { connections.all[0].receiveBufferBytes } >= 1 << 20)
        clock.advance(milliseconds: 1500)
        loop.settle()
        #expect(loop.sync { connections.all[0].receiveBufferBytes } == 0)
        #expect(loop.sync { loop.receiveBufferBytes } == 0)
    }

    @Test func fileRangesGoBetweenBytes() throws {
        let path = "/tmp/reactor-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let file = try LocalFileSystem().open(path, .createNew)
        defer { unlink(path) }
        let contents = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        try contents.withUnsafeBytes { try file.write($0, at: 0) }
        let server = try TestServer { connection, _ in
            [UInt8]([1, 2]).withUnsafeBytes { connection.send($0) }
            connection.send(FileRange(file: file, position: 10, count: 250_000))
            connection.send(FileRange(file: file, position: 0, count: 5))
            [UInt8]([9]).withUnsafeBytes { connection.send($0) }
        }
        let client = try SocketClient(server.endpoint)
        try client.sendMessages([0])
        let bytes = try client.receive(2 + 250_000 + 5 + 1)
        #expect(Array(bytes[2..<250_002]) == Array(contents[10..<250_010]))
        #expect(Array(bytes[250_002..<250_007]) == Array(contents[..<5]))
        #expect(bytes.last == 9)
    }

    @Test func aFileThatBecameShorterEndsTheConnection() throws {
        let path = "/tmp/reactor-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let file = try LocalFileSystem().open(path, .createNew)
        defer { unlink(path) }
        let server = try TestServer { connection, _ in connection.send(FileRange(file: file, position: 0, count: 10)) }
        let client = try SocketClient(server.endpoint)
        try client.sendMessages([])
        #expect(try client.isEnded())
        #expect(server.delegate.waitForClose()?.hasSuffix("is shorter than it was") == true)
    }

    @Test func aClientThatDoesNotReadIsNotReadFrom() throws {
        var limits = TCPConnection.Limits()
        limits.outputBytesMax = 1 << 20
        let answer = [UInt8](repeating: 7, count: 256 << 10)
        let server = try TestServer(limits: limits) { connection, _ in
            answer.withUnsafeBytes { connection.send($0) }
        }
        let client = try SocketClient(server.endpoint)
        let requests = 100
        try client.send((0..<requests).flatMap { _ in SocketClient.message([]) })
        let received = try client.receive(requests * answer.count)
        #expect(received.count == requests * answer.count)
        let state = server.delegate.state.withLock { $0 }
        #expect(state.messages == requests)
        #expect(state.unsentMax <= limits.outputBytesMax + answer.count)
    }

    @Test func answersInMemoryHaveALimitOfTheirOwn() throws {
        var limits = TCPConnection.Limits()
        limits.outputMemoryBytesMax = 1 << 20
        let answer = [UInt8](repeating: 7, count: 256 << 10)
        let server = try TestServer(limits: limits) { connection, _ in
            answer.withUnsafeBytes { connection.send($0) }
        }
        let client = try SocketClient(server.endpoint)
        let requests = 100
        try client.send((0..<requests).flatMap { _ in SocketClient.message([]) })
        #expect(try client.receive(requests * answer.count).count == requests * answer.count)
        #expect(server.delegate.state.withLock { $0.unsentMax } <= limits.outputMemoryBytesMax + answer.count)
    }

    @Test func unsentAnswersTogetherHaveALimit() throws {
        let answer = [UInt8](repeating: 7, count: 1 << 20)
        var limits = TCPConnection.Limits()
        limits.outputMemoryBytesMax = 64 << 20
        let server = try TestServer(limits: limits, outputBytesMax: 4 << 20) { connection, _ in
            answer.withUnsafeBytes { connection.send($0) }
        }
        // More than the kernel keeps for a connection.
        let requests = 16
        let clients = try (0..<10).map { _ in try SocketClient(server.endpoint) }
        for client in clients { try client.send((0..<requests).flatMap { _ in SocketClient.message([]) }) }
        // Nobody has read yet: whoever comes when there is too much gets one answer at a time.
        #expect(
            server.delegate.state.wait(milliseconds: 20_000) { $0.messages >= clients.count ? true : nil } == true)
        server.loop.settle()
        #expect(server.delegate.state.withLock { $0.messages } < clients.count * requests)
        for client in clients {
            #expect(try client.receive(requests * answer.count).count == requests * answer.count)
        }
        let loop = server.loop
        #expect(loop.sync { loop.outputBytes } == 0)
    }

    @Test func pausedInputComesAfterResuming() throws {
        let server = try TestServer { connection, payload in
            TestServer.echo(connection, payload)
            if payload.first == 1 {
                connection.pauseInput()
                let bound = LoopBound(connection, connection.loop)
                let loop = connection.loop
                Thread("resume") { loop.post { bound.value.resumeInput() } }.join()
            }
        }
        let client = try SocketClient(server.endpoint)
        try client.sendMessages([1], [2], [1], [3])
        for expected in [UInt8](arrayLiteral: 1, 2, 1, 3) { #expect(try client.receiveMessage() == [expected]) }
    }

    @Test func aClientThatVanishesInTheMiddleIsForgotten() throws {
        let server = try TestServer(TestServer.echo)
        do {
            let client = try SocketClient(server.endpoint)
            try client.send([0, 0, 1, 0, 5])
            client.resetAtEnd()
        }
        #expect(server.delegate.waitForClose() != nil)
        #expect(server.delegate.state.withLock { $0.messages } == 0)
    }

    @Test func anIncompleteMessageHasADeadlineAndAnIdleConnectionToo() throws {
        let clock = ManualClock()
        let server = try TestServer(clock: clock, TestServer.echo)
        let half = try SocketClient(server.endpoint)
        try half.send(SocketClient.message([4]) + [0, 0])
        #expect(try half.receiveMessage() == [4])
        clock.advance(milliseconds: 29_000)
        server.loop.settle()
        #expect(server.delegate.state.withLock { $0.closedReason } == nil)
        clock.advance(milliseconds: 2_000)
        server.loop.settle()
        #expect(server.delegate.waitForClose() == "a request was incomplete after 31 s")
        #expect(try half.isEnded())
        server.delegate.state.update { $0.closedReason = nil }

        let idle = try SocketClient(server.endpoint)
        try idle.sendMessages([5])
        #expect(try idle.receiveMessage() == [5])
        clock.advance(milliseconds: 599_000)
        server.loop.settle()
        #expect(server.delegate.state.withLock { $0.closedReason } == nil)
        clock.advance(milliseconds: 2_000)
        server.loop.settle()
        #expect(try idle.isEnded())
    }

    @Test func buffersTogetherHaveALimit() throws {
        let server = try TestServer(receiveBufferBytesMax: 1 << 20, TestServer.echo)
        // Eight clients begin messages of 1 MiB each; what they hold together must stay within the limit.
        let clients = try (0..<8).map { _ in try SocketClient(server.endpoint) }
        let bytes = SocketClient.message([UInt8](repeating: 1, count: 1 << 20))
        for client in clients { _ = client.sendWithoutWaiting(Array(bytes[..<300_000])) }
        let canary = try SocketClient(server.endpoint)
        try canary.sendMessages([1])
        #expect(try canary.receiveMessage() == [1])
        let loop = server.loop
        let held = loop.sync { loop.receiveBufferBytes }
        #expect(held <= (1 << 20) + (300 << 10))
    }

    @Test func stoppingEndsConnections() throws {
        let server = try TestServer(TestServer.echo)
        let client = try SocketClient(server.endpoint)
        try client.sendMessages([1])
        #expect(try client.receiveMessage() == [1])
        server.loop.stop()
        #expect(try client.isEnded())
        server.loop.join()
        #expect(server.delegate.waitForClose() == "the broker stops")
        #expect(throws: SystemError.self) { try SocketClient(server.endpoint) }
    }

    @Test func closingWaitsForTheOutput() throws {
        let server = try TestServer { connection, payload in
            TestServer.echo(connection, payload)
            connection.closeWhenSent("enough")
        }
        let client = try SocketClient(server.endpoint)
        let payload = [UInt8](repeating: 6, count: 1 << 20)
        try client.sendMessages(payload, [1])
        #expect(try client.receiveMessage() == payload)
        #expect(try client.isEnded())
        #expect(server.delegate.waitForClose() == "enough")
    }
}
