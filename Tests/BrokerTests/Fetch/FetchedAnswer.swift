import Broker
import Bytes
import KafkaWire
import RecordBatch
import Streams

/// One answer to a fetch with its records copied out.
struct FetchedAnswer {
    /// What it says of one partition.
    struct Partition {
        var partition: FetchResponse.Partition
        var values: [String]
    }

    var errorCode: ErrorCode
    var sessionID: Int32
    var nodeEndpoints: [FetchResponse.NodeEndpoint]
    /// In the order of the answer.
    var partitions: [(topic: FetchResponse.Topic, Partition)]

    /// `topic-partition: values` or `topic-partition! error` for each partition.
    var lines: [String] {
        partitions.map { topic, found in
            let name = "\(topic.name)-\(found.partition.index)"
            guard found.partition.errorCode == .none else { return "\(name)! \(found.partition.errorCode)" }
            return "\(name): \(found.values.joined(separator: " "))"
        }
    }
}

/// Partitions of one topic, each read from an offset.
func wanted(
    _ name: String, id: UUID = .zero, _ partitions: [(index: Int32, offset: Int64)], bytes: Int32 = 1 << 20,
    epoch: Int32 = -1
) -> FetchRequest.Topic {
    FetchRequest.Topic(
        name: name, id: id,
        partitions: partitions.map {
            FetchRequest.Partition(
                index: $0.index, currentLeaderEpoch: epoch, fetchOffset: $0.offset, partitionMaxBytes: bytes)
        })
}

extension TestClient {
    /// Sends a fetch and leaves its answer for `fetchedAnswer`.
    func sendFetch(
        _ topics: [FetchRequest.Topic] = [], session: (id: Int32, epoch: Int32) = (0, -1), wait: Int32 = 0,
        minBytes: Int32 = 1, maxBytes: Int32 = 1 << 20, forgetting: [FetchRequest.ForgottenTopic] = [],
        version: Int16 = 11
    ) throws {
        try send(
            FetchRequest(
                maxWaitMilliseconds: wait, minBytes: minBytes, maxBytes: maxBytes, sessionID: session.id,
                sessionEpoch: session.epoch, topics: topics, forgottenTopics: forgetting), version: version)
    }

    /// Sends a fetch and reads its answer.
    func fetchAll(
        _ topics: [FetchRequest.Topic] = [], session: (id: Int32, epoch: Int32) = (0, -1), wait: Int32 = 0,
        minBytes: Int32 = 1, maxBytes: Int32 = 1 << 20, forgetting: [FetchRequest.ForgottenTopic] = [],
        version: Int16 = 11
    ) throws -> FetchedAnswer {
        try sendFetch(
            topics, session: session, wait: wait, minBytes: minBytes, maxBytes: maxBytes, forgetting: forgetting,
            version: version)
        return try fetchedAnswer(version: version)
    }

    /// The next answer, which is that of a fetch.
    func fetchedAnswer(version: Int16 = 11) throws -> FetchedAnswer {
        guard let bytes = try answer(.fetch, version: version) else { throw Failure(what: "closed") }
        return try Self.fetchedAnswer(bytes, version: version)
    }

    static func fetchedAnswer(_ bytes: [UInt8], version: Int16) throws -> FetchedAnswer {
        try bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            let response = try FetchResponse(decoding: &reader, version: version)
            guard reader.remaining == 0 else { throw Failure(what: "\(reader.remaining) bytes behind the answer") }
            var answer = FetchedAnswer(
                errorCode: response.errorCode, sessionID: response.sessionID, nodeEndpoints: response.nodeEndpoints,
                partitions: [])
            for topic in response.topics {
                for var partition in topic.partitions {
                    let values = try Self.values(partition.records)
                    partition.records = .external(byteCount: partition.records.byteCount)
                    answer.partitions.append((topic, FetchedAnswer.Partition(partition: partition, values: values)))
                }
            }
            return answer
        }
    }

    private static func values(_ records: WireRecords) throws -> [String] {
        guard case .view(let bytes) = records else { throw Failure(what: "records are null") }
        var values: [String] = []
        var batches = RecordBatchReader()
        try batches.read(bytes, from: 0) { record in
            values.append(record.value.map { String(decoding: $0, as: UTF8.self) } ?? "")
            return true
        }
        return values
    }
}
