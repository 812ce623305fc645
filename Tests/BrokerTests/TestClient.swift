import Bytes
import KafkaWire
import RecordBatch
import System
import TestSupport

/// A blocking Kafka client of a few lines, made of the messages' own encoders.
final class TestClient {
    struct Failure: Error {
        let what: String
    }

    private let socket: SocketClient
    private var correlation: Int32 = 0

    /// Connects to a broker.
    init(_ endpoint: Endpoint) throws { socket = try SocketClient(endpoint) }

    /// The bytes of a request behind its size.
    static func frame<Request: WireMessage>(_ request: Request, version: Int16, correlation: Int32 = 1) -> [UInt8] {
        var writer = ByteWriter()
        RequestHeader(Request.api, version: version, correlationID: correlation, clientID: "test").encode(into: &writer)
        request.encode(into: &writer, version: version)
        return writer.array
    }

    /// Sends bytes as one frame.
    func sendFrame(_ bytes: [UInt8]) throws { try socket.sendMessages(bytes) }

    /// Reads one frame; nil when the broker has closed the connection.
    func receiveFrame() throws -> [UInt8]? { try socket.receiveMessage() }

    /// Sends a request and leaves the answer for `answer`.
    func send(_ request: some WireMessage, version: Int16) throws {
        correlation += 1
        try sendFrame(Self.frame(request, version: version, correlation: correlation))
    }

    /// The next answer, without its header; nil when the connection is closed.
    func answer(_ api: APIKey, version: Int16) throws -> [UInt8]? {
        guard let bytes = try receiveFrame() else { return nil }
        let position = try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let header = try ResponseHeader(decoding: &reader, api: api, version: version)
            guard header.correlationID == correlation else { throw Failure(what: "correlation id") }
            return reader.position
        }
        return Array(bytes[position...])
    }

    /// Sends a request and decodes its answer. Record sets in it must be copied out by `body`.
    func call<Response: WireMessage, R>(
        _ request: some WireMessage, version: Int16, _ type: Response.Type, _ body: (Response) throws -> R
    ) throws -> R {
        try send(request, version: version)
        guard let bytes = try answer(Response.api, version: version) else { throw Failure(what: "closed") }
        return try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let response = try Response(decoding: &reader, version: version)
            guard reader.remaining == 0 else { throw Failure(what: "\(reader.remaining) bytes behind the answer") }
            return try body(response)
        }
    }

    func call<Response: WireMessage>(
        _ request: some WireMessage, version: Int16, _ type: Response.Type
    ) throws -> Response {
        try call(request, version: version, type) { $0 }
    }
}

/// One batch of values, as a producer sends it.
func batch(
    _ values: [String], keys: Bool = false, timestamp: Int64 = 1000,
    producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil
) throws -> [UInt8] {
    var builder = RecordBatchBuilder()
    for (index, value) in values.enumerated() {
        try Array(value.utf8).withUnsafeBytes { bytes in
            try builder.append(
                key: keys ? bytes : nil, value: bytes, timestampMilliseconds: timestamp + Int64(index))
        }
    }
    var options = RecordBatchOptions()
    if let producer {
        options.producerID = producer.id
        options.producerEpoch = producer.epoch
        options.baseSequence = producer.sequence
    }
    try builder.finish(options)
    return builder.withBatch { Array($0) }
}

extension TestClient {
    /// Produces one batch and returns what became of it; nil when the broker closed the connection.
    func produce(
        _ batch: [UInt8], to topic: String, partition: Int32 = 0, acks: Int16 = -1, version: Int16 = 9
    ) throws -> ProduceResponse.Partition? {
        try batch.withUnsafeBytes { raw in
            let request = ProduceRequest(
                acks: acks,
                topics: [
                    ProduceRequest.Topic(
                        name: topic, partitions: [ProduceRequest.Partition(index: partition, records: .view(raw))])
                ])
            try send(request, version: version)
        }
        guard let bytes = try answer(.produce, version: version) else { return nil }
        return try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            return try ProduceResponse(decoding: &reader, version: version).topics[0].partitions[0]
        }
    }

    static func fetch(
        _ topic: String, from offset: Int64, wait: Int32 = 0, minBytes: Int32 = 1, partitionBytes: Int32 = 1 << 20
    ) -> FetchRequest {
        FetchRequest(
            maxWaitMilliseconds: wait, minBytes: minBytes, maxBytes: 1 << 20,
            topics: [
                FetchRequest.Topic(
                    name: topic,
                    partitions: [
                        FetchRequest.Partition(index: 0, fetchOffset: offset, partitionMaxBytes: partitionBytes)
                    ])
            ])
    }

    /// What one fetch says of its only partition, and the values in it.
    func fetched(_ bytes: [UInt8], version: Int16) throws -> (partition: FetchResponse.Partition, values: [String]) {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            var partition = try FetchResponse(decoding: &reader, version: version).topics[0].partitions[0]
            guard case .view(let records) = partition.records else { throw Failure(what: "records are null") }
            var values: [String] = []
            var batches = RecordBatchReader()
            try batches.read(records, from: 0) { record in
                values.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")
                return true
            }
            partition.records = .external(byteCount: records.count)
            return (partition, values)
        }
    }

    func fetch(_ request: FetchRequest, version: Int16 = 11) throws -> (
        partition: FetchResponse.Partition, values: [String]
    ) {
        try send(request, version: version)
        guard let bytes = try answer(.fetch, version: version) else { throw Failure(what: "closed") }
        return try fetched(bytes, version: version)
    }
}

extension TestClient {
    /// The id that Metadata gives for a topic.
    func topicID(_ name: String) throws -> UUID {
        let request = MetadataRequest(topics: [MetadataRequest.Topic(name: name)], allowAutoTopicCreation: false)
        return try call(request, version: 12, MetadataResponse.self).topics[0].id
    }
}
