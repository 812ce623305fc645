import Bytes
import Glibc
import KafkaWire
import Observability
import Reactor
import System
import TestSupport
import Testing

@testable import Broker

/// Answers as the first byte of each body says, and keeps what is to be answered later.
///
/// A request is `api 18, version 0, correlation id, null client id`, a letter and a payload; the answer is the
/// correlation id and the payload.
final class ScriptedHandler: RequestHandling, @unchecked Sendable {
    // Unchecked: used on one loop; `seen` has its own lock.
    struct Seen {
        var requests: [Int32] = []
        var closed = 0
        var peers: [String] = []
    }
    let seen = Condition(Seen())
    private var held: [(Int32, [UInt8], ReplySlot)] = []

    func handle(_ frame: UnsafeMutableRawBufferPointer, from peer: PeerContext, reply: ReplySlot) {
        var reader = ByteReader(UnsafeRawBufferPointer(frame))
        guard let header = try? RequestHeader(decoding: &reader), let letter = try? reader.uint8() else {
            return reply.close("malformed")
        }
        let payload = Array(frame[reader.position...])
        let number = header.correlationID
        switch letter {
        case UInt8(ascii: "e"): reply.send(Self.reply(number, payload))
        case UInt8(ascii: "h"): held.append((number, payload, reply))
        case UInt8(ascii: "r"):
            // Answers itself last, after everything that is held, latest first.
            for (number, payload, slot) in held.reversed() { slot.send(Self.reply(number, payload)) }
            held = []
            reply.send(Self.reply(number, payload))
        case UInt8(ascii: "n"): reply.none()
        case UInt8(ascii: "c"): reply.close("asked for")
        default: break
        }
        seen.update {
            $0.requests.append(number)
            $0.peers.append("\(peer.listenerName) \(peer.advertisedHost):\(peer.advertisedPort)")
        }
    }

    func connectionClosed(_ peer: PeerContext) { seen.update { $0.closed += 1 } }

    /// Answers what is held, in the order of the requests; on the loop.
    func answerHeld() {
        for (number, payload, slot) in held { slot.send(Self.reply(number, payload)) }
        held = []
    }

    static func reply(_ number: Int32, _ payload: [UInt8]) -> Reply {
        var writer = ByteWriter()
        writer.int32(number)
        writer.append(payload)
        return Reply(writer)
    }
}

/// A request for `ScriptedHandler`, with its size.
func request(_ letter: Character, _ number: Int32, _ payload: [UInt8] = []) -> [UInt8] {
    var writer = ByteWriter()
    RequestHeader(.apiVersions, version: 0, correlationID: number, clientID: nil).encode(into: &writer)
    writer.utf8(String(letter))
    writer.append(payload)
    return SocketClient.message(writer.array)
}

/// What `ScriptedHandler` answers, without its size.
func answer(_ number: Int32, _ payload: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) } + payload
}

/// A server with a scripted handler on each of its shards.
final class ScriptedServer {
    let loops: [EventLoop]
    let handlers: [ScriptedHandler]
    let endpoint: Endpoint
    let metrics = Metrics()

    init(shards: Int = 1, limits: ServerLimits = ServerLimits(), advertised: Endpoint? = nil) throws {
        let loops = try (0..<shards).map { try EventLoop(name: "shard-\($0)") }
        let handlers = loops.map { _ in ScriptedHandler() }
        let server = try KafkaServer(
            zip(loops, handlers).map { ServerShard($0, $1) },
            listeners: [
                ListenerConfiguration(
                    name: "test", bind: Endpoint(host: "127.0.0.1", port: 0), advertised: advertised)
            ], limits: limits, metrics: metrics)
        endpoint = server.endpoints[0]
        self.loops = loops
        self.handlers = handlers
        for loop in loops { loop.start() }
    }

    deinit {
        for loop in loops { loop.stop() }
        for loop in loops { loop.join() }
    }
}

@Suite struct KafkaServerTests {
    @Test func delayedAnswersKeepTheOrderOfTheRequests() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        try client.send(
            request("h", 1, [1]) + request("e", 2, [2]) + request("n", 3) + request("h", 4) + request("r", 5))
        for expected in [answer(1, [1]), answer(2, [2]), answer(4), answer(5)] {
            #expect(try client.receiveMessage() == expected)
        }
    }

    @Test func aRequestMayDripInByteByByte() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        for byte in request("e", 1, Array("slow".utf8)) { try client.send([byte]) }
        #expect(try client.receiveMessage() == answer(1, Array("slow".utf8)))
    }

    @Test func aRequestMayBeCutAnywhere() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        let bytes = request("e", 1, [1, 2, 3]) + request("e", 2)
        for cut in 1..<bytes.count {
            try client.send(Array(bytes[..<cut]))
            try client.send(Array(bytes[cut...]))
            #expect(try client.receiveMessage() == answer(1, [1, 2, 3]))
            #expect(try client.receiveMessage() == answer(2))
        }
    }

    @Test(arguments: [-1, 0, 7, Int32.max, Int32.min, 100 << 20 | 1] as [Int32])
    func anAbsurdSizeEndsTheConnectionAtOnce(_ size: Int32) throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        try client.send(withUnsafeBytes(of: size.bigEndian) { Array($0) })
        #expect(try client.isEnded())
        #expect(server.handlers[0].seen.withLock { $0.requests }.isEmpty)
    }

    @Test func moreThanTheWindowIsNotReadUntilAnswersAreGiven() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        try client.send((1...250).flatMap { request("h", $0) })
        let handler = server.handlers[0]
        _ = handler.seen.wait(milliseconds: 20_000) { $0.requests.count >= 100 ? true : nil }
        // What is read beyond the window would be seen by the time that another connection is served.
        let other = try SocketClient(server.endpoint)
        try other.send(request("e", 1000))
        #expect(try other.receiveMessage() == answer(1000))
        #expect(handler.seen.withLock { $0.requests.count } == 101)
        for (first, last) in [(1, 100), (101, 200), (201, 250)] as [(Int32, Int32)] {
            _ = handler.seen.wait(milliseconds: 20_000) { $0.requests.contains(last) ? true : nil }
            server.loops[0].post { handler.answerHeld() }
            for number in first...last { #expect(try client.receiveMessage() == answer(number)) }
        }
    }

    @Test func closingSendsEarlierAnswersAndNoLaterOnes() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        try client.send(request("e", 1) + request("c", 2) + request("e", 3))
        #expect(try client.receiveMessage() == answer(1))
        #expect(try client.isEnded())
        #expect(server.handlers[0].seen.wait(milliseconds: 20_000) { $0.closed == 1 ? true : nil } == true)
    }

    @Test func aRequestThatIsDroppedEndsItsConnectionOnly() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        let other = try SocketClient(server.endpoint)
        try client.send(request("x", 1))
        #expect(try client.isEnded())
        try other.send(request("e", 2))
        #expect(try other.receiveMessage() == answer(2))
    }

    @Test func answersAfterTheClientHasGoneAreDropped() throws {
        let server = try ScriptedServer()
        do {
            let client = try SocketClient(server.endpoint)
            try client.send(request("h", 1))
            _ = server.handlers[0].seen.wait(milliseconds: 20_000) { $0.requests.isEmpty ? nil : true }
        }
        _ = server.handlers[0].seen.wait(milliseconds: 20_000) { $0.closed == 1 ? true : nil }
        let handler = server.handlers[0]
        server.loops[0].post { handler.answerHeld() }
        let client = try SocketClient(server.endpoint)
        try client.send(request("e", 2))
        #expect(try client.receiveMessage() == answer(2))
    }

    @Test func largeRequestsAndAnswersPass() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        let payload = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ ($0 >> 9)) }
        for number in 1...3 as ClosedRange<Int32> {
            try client.send(request("e", number, payload))
            let back = try client.receiveMessage()
            #expect(back == answer(number, payload))
        }
    }

    @Test func connectionsBeyondTheLimitAreRefused() throws {
        var limits = ServerLimits()
        limits.connectionsMax = 2
        let server = try ScriptedServer(limits: limits)
        let clients = try (0..<2).map { _ in try SocketClient(server.endpoint) }
        for client in clients {
            try client.send(request("e", 1))
            #expect(try client.receiveMessage() == answer(1))
        }
        #expect(try SocketClient(server.endpoint).isEnded())
    }

    @Test func shardsServeConnectionsInTurn() throws {
        let server = try ScriptedServer(shards: 3)
        let clients = try (0..<6).map { _ in try SocketClient(server.endpoint) }
        for client in clients {
            try client.send(request("e", 1))
            #expect(try client.receiveMessage() == answer(1))
        }
        for handler in server.handlers { #expect(handler.seen.withLock { $0.requests.count } == 2) }
    }

    @Test func clientsAreToldWhereToDial() throws {
        let automatic = try ScriptedServer()
        let fixed = try ScriptedServer(advertised: Endpoint(host: "beamline.example", port: 1234))
        for server in [automatic, fixed] {
            let client = try SocketClient(server.endpoint)
            try client.send(request("e", 1))
            #expect(try client.receiveMessage() == answer(1))
        }
        #expect(automatic.handlers[0].seen.withLock { $0.peers } == ["test 127.0.0.1:\(automatic.endpoint.port)"])
        #expect(fixed.handlers[0].seen.withLock { $0.peers } == ["test beamline.example:1234"])
    }

    @Test func requestsAreCountedByAPI() throws {
        let server = try ScriptedServer()
        let client = try SocketClient(server.endpoint)
        try client.send(request("e", 1) + request("e", 2))
        _ = try client.receiveMessage()
        _ = try client.receiveMessage()
        let text = server.metrics.prometheusText()
        #expect(text.contains("sluice_kafka_requests_total{api=\"api_versions\"} 2"))
        #expect(text.contains("sluice_kafka_request_duration_seconds_count{api=\"api_versions\"} 2"))
        #expect(text.contains("sluice_kafka_connections{listener=\"test\"} 1"))
        #expect(text.contains("sluice_kafka_received_bytes_total \(2 * request("e", 1).count)"))
    }

    @Test func fileRangesGoWhereTheFetchAnswerMarksThem() throws {
        let path = "/tmp/server-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let file = try LocalFileSystem().open(path, .createNew)
        defer { unlink(path) }
        try Array(UInt8(0)..<100).withUnsafeBytes { try file.write($0, at: 0) }
        let response = FetchResponse(topics: [
            .init(
                name: "t",
                partitions: [
                    .init(index: 0, records: .external(byteCount: 30)), .init(index: 1),
                    .init(index: 2, records: .external(byteCount: 5)),
                ])
        ])
        let header = RequestHeader(.fetch, version: 12, correlationID: 5, clientID: nil)
        let reply = Reply(
            response, to: header,
            ranges: [
                [FileRange(file: file, position: 10, count: 20), FileRange(file: file, position: 50, count: 10)],
                [FileRange(file: file, position: 0, count: 5)],
            ])
        // The same answer with its records in memory is what a client must see.
        let first = Array(UInt8(10)..<30) + Array(UInt8(50)..<60)
        let second = Array(UInt8(0)..<5)
        let expected = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var inMemory = response
                inMemory.topics[0].partitions[0].records = .view(first)
                inMemory.topics[0].partitions[2].records = .view(second)
                return Reply(inMemory, to: header).bytes.array
            }
        }
        #expect(reply.byteCount == expected.count)
        var assembled: [UInt8] = []
        var sent = 0
        let bytes = reply.bytes.array
        for insertion in reply.insertions {
            assembled += bytes[sent..<insertion.offset]
            sent = insertion.offset
            let start = Int(insertion.range.position)
            assembled += (start..<start + insertion.range.count).map { UInt8($0) }
        }
        assembled += bytes[sent...]
        #expect(assembled == expected)
    }
}
