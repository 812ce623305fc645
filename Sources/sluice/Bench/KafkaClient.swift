import Bytes
import KafkaWire
import RecordBatch
import System

/// A Kafka client that costs nearly nothing, so that what is measured is the broker: requests are built once, answers
/// are only looked at.
final class KafkaClient {
    private static let clientID = "sluice-bench"
    private static let produceVersion: Int16 = 3
    private static let fetchVersion: Int16 = 4
    private static let createTopicsVersion: Int16 = 2
    /// An answer larger than this is refused.
    private static let answerBytesMax = 64 << 20
    private let socket: BlockingSocket
    private var answer = Buffer(unfilled: 2 << 20)

    /// Connects to a broker.
    init(_ endpoint: Endpoint) throws {
        socket = try BlockingSocket(connectingTo: endpoint, timeoutSeconds: BlockingSocket.benchTimeoutSeconds)
    }

    /// A frame of a request with its size.
    private static func frame<Message: WireMessage>(_ message: Message, version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        writer.int32(0)
        RequestHeader(Message.api, version: version, correlationID: 1, clientID: clientID).encode(into: &writer)
        message.encode(into: &writer, version: version)
        writer.patchInt32(Int32(writer.count - 4), at: 0)
        return writer.array
    }

    /// Asks which APIs there are, and waits for the answer.
    func askVersions() throws {
        try send(Self.frame(APIVersionsRequest(), version: 0))
        let answer = try receive(APIVersionsResponse.self, version: 0)
        guard answer.errorCode == .none else { throw CommandError("ApiVersions: \(answer.errorCode)") }
    }

    /// Makes a topic.
    func createTopic(_ name: String, partitions: Int32) throws {
        let topic = CreateTopicsRequest.Topic(name: name, partitionCount: partitions, replicationFactor: 1)
        try send(Self.frame(CreateTopicsRequest(topics: [topic]), version: Self.createTopicsVersion))
        let answer = try receive(CreateTopicsResponse.self, version: Self.createTopicsVersion)
        guard let created = answer.topics.first, created.errorCode == .none else {
            throw CommandError("CreateTopics: \(answer)")
        }
    }

    /// A Produce request with one batch of `records` equal records of `recordBytes` that do not compress.
    static func produceFrame(
        topic: String, partition: Int32 = 0, records: Int, recordBytes: Int, acks: Int16
    ) throws -> [UInt8] {
        let value = Buffer(recordBytes)
        let now = SystemClock().wallMilliseconds
        var builder = RecordBatchBuilder(capacity: records * (recordBytes + 16))
        for _ in 0..<records {
            try builder.append(key: nil, value: value.readOnly, timestampMilliseconds: now)
        }
        try builder.finish()
        return builder.withBatch { batch in
            frame(
                ProduceRequest(
                    acks: acks,
                    topics: [.init(name: topic, partitions: [.init(index: partition, records: .view(batch))])]),
                version: produceVersion)
        }
    }

    /// Sends a Produce request `count` times, with at most `inFlightMax` of them unanswered.
    func produce(_ frame: [UInt8], count: Int, inFlightMax: Int) throws {
        try produce([frame], count: count, inFlightMax: inFlightMax)
    }

    /// Sends `count` Produce requests, `frames` in turn, with at most `inFlightMax` of them unanswered.
    func produce(_ frames: [[UInt8]], count: Int, inFlightMax: Int) throws {
        var sent = 0
        for answered in 0..<count {
            while sent < count && sent - answered < inFlightMax {
                try send(frames[sent % frames.count])
                sent += 1
            }
            let answer = try receive(ProduceResponse.self, version: Self.produceVersion)
            guard let partition = answer.topics.first?.partitions.first, partition.errorCode == .none else {
                throw CommandError("the broker refused a batch: \(answer)")
            }
        }
    }

    /// A Fetch request for up to `bytesMax` bytes from `offset` on.
    private static func fetchFrame(topic: String, offset: Int64, bytesMax: Int32) -> [UInt8] {
        let partition = FetchRequest.Partition(index: 0, fetchOffset: offset, partitionMaxBytes: bytesMax)
        return frame(
            FetchRequest(
                maxWaitMilliseconds: 500, minBytes: 1, maxBytes: bytesMax,
                topics: [.init(name: topic, partitions: [partition])]), version: fetchVersion)
    }

    /// Fetches all records up to `endOffset`, each request for one batch of `recordsPerBatch`; returns the bytes of
    /// batches that came.
    func fetch(
        topic: String, endOffset: Int64, recordsPerBatch: Int64, bytesMax: Int32, inFlightMax: Int
    ) throws -> Int {
        var bytes = 0
        var asked: Int64 = 0
        var received: Int64 = 0
        while received < endOffset {
            while asked < endOffset && asked - received < recordsPerBatch * Int64(inFlightMax) {
                try send(Self.fetchFrame(topic: topic, offset: asked, bytesMax: bytesMax))
                asked += recordsPerBatch
            }
            let records = try receiveRecords()
            let header = try RecordBatchHeader(parsing: records)
            guard header.baseOffset == received, header.lastOffset == received + recordsPerBatch - 1,
                header.totalBytes == records.count
            else { throw CommandError("a fetch from offset \(received) brought other records: \(header)") }
            received += recordsPerBatch
            bytes += records.count
        }
        return bytes
    }

    /// Waits up to half a second for records from `offset` on; returns the offset behind what came, which is `offset`
    /// when nothing did.
    func fetchNext(topic: String, offset: Int64) throws -> Int64 {
        try send(Self.fetchFrame(topic: topic, offset: offset, bytesMax: 1 << 20))
        let records = try receiveRecords()
        var next = offset
        var position = 0
        while position < records.count {
            let header = try RecordBatchHeader(parsing: UnsafeRawBufferPointer(rebasing: records[position...]))
            guard header.totalBytes > 0 else { throw CommandError("a batch of \(header.totalBytes) bytes") }
            position += header.totalBytes
            // The last batch may be cut; it comes again.
            if position <= records.count { next = header.lastOffset + 1 }
        }
        return next
    }

    /// The record set of the next answer, which is one to Fetch; valid until the next call.
    private func receiveRecords() throws -> UnsafeRawBufferPointer {
        let answer = try receive(FetchResponse.self, version: Self.fetchVersion)
        guard let partition = answer.topics.first?.partitions.first, partition.errorCode == .none else {
            throw CommandError("the broker refused to be read: \(answer)")
        }
        guard case .view(let records) = partition.records else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return records
    }

    private func send(_ frame: [UInt8]) throws {
        try frame.withUnsafeBytes { try socket.send($0) }
    }

    private func receive<Message: WireMessage>(_ type: Message.Type, version: Int16) throws -> Message {
        var reader = ByteReader(try receiveBody())
        _ = try ResponseHeader(decoding: &reader, api: type.api, version: version)
        return try Message(decoding: &reader, version: version)
    }

    /// The next answer without its size; valid until the next call.
    private func receiveBody() throws -> UnsafeRawBufferPointer {
        try socket.receive(UnsafeMutableRawBufferPointer(rebasing: answer.bytes[..<4]))
        let size = Int(Int32(bigEndian: answer.bytes.loadUnaligned(as: Int32.self)))
        guard (4...Self.answerBytesMax).contains(size) else { throw CommandError("an answer of \(size) bytes") }
        if size > answer.bytes.count { answer = Buffer(unfilled: size) }
        let body = UnsafeMutableRawBufferPointer(rebasing: answer.bytes[..<size])
        try socket.receive(body)
        return UnsafeRawBufferPointer(body)
    }
}
