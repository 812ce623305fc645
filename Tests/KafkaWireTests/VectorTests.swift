import Bytes
import Foundation
import KafkaWire
import TestSupport
import Testing

/// One line of `vectors.txt`: a message as kafka-python encodes it.
struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let version: Int16
    let word: String
    let bytes: [UInt8]

    var testDescription: String { "\(name) \(version) \(word)" }

    static let all: [Vector] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("vectors.txt")
        guard let text = try? String(contentsOf: path, encoding: .utf8) else { fatalError("\(path) cannot be read") }
        return text.split(separator: "\n").map { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let digits = Array(words[3].utf8).map { UInt8(Character(Unicode.Scalar($0)).hexDigitValue!) }
            return Vector(
                name: words[0], version: Int16(words[1])!, word: words[2],
                bytes: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
        }
    }()

    /// The vector of this message, version and kind.
    static func of(_ name: String, _ version: Int16, _ word: String = "full") -> [UInt8] {
        all.first { $0.name == name && $0.version == version && $0.word == word }!.bytes
    }
}

/// The messages by the names of the protocol's definition.
let messagesByName: [String: any (WireMessage & SendableMetatype).Type] = [
    "ProduceRequest": ProduceRequest.self, "ProduceResponse": ProduceResponse.self,
    "FetchRequest": FetchRequest.self, "FetchResponse": FetchResponse.self,
    "ListOffsetsRequest": ListOffsetsRequest.self, "ListOffsetsResponse": ListOffsetsResponse.self,
    "MetadataRequest": MetadataRequest.self, "MetadataResponse": MetadataResponse.self,
    "OffsetCommitRequest": OffsetCommitRequest.self, "OffsetCommitResponse": OffsetCommitResponse.self,
    "OffsetFetchRequest": OffsetFetchRequest.self, "OffsetFetchResponse": OffsetFetchResponse.self,
    "FindCoordinatorRequest": FindCoordinatorRequest.self, "FindCoordinatorResponse": FindCoordinatorResponse.self,
    "ApiVersionsRequest": APIVersionsRequest.self, "ApiVersionsResponse": APIVersionsResponse.self,
    "CreateTopicsRequest": CreateTopicsRequest.self, "CreateTopicsResponse": CreateTopicsResponse.self,
    "DeleteTopicsRequest": DeleteTopicsRequest.self, "DeleteTopicsResponse": DeleteTopicsResponse.self,
    "InitProducerIdRequest": InitProducerIDRequest.self, "InitProducerIdResponse": InitProducerIDResponse.self,
    "OffsetForLeaderEpochRequest": OffsetForLeaderEpochRequest.self,
    "OffsetForLeaderEpochResponse": OffsetForLeaderEpochResponse.self,
    "DescribeConfigsRequest": DescribeConfigsRequest.self, "DescribeConfigsResponse": DescribeConfigsResponse.self,
    "JoinGroupRequest": JoinGroupRequest.self, "JoinGroupResponse": JoinGroupResponse.self,
    "HeartbeatRequest": HeartbeatRequest.self, "HeartbeatResponse": HeartbeatResponse.self,
    "LeaveGroupRequest": LeaveGroupRequest.self, "LeaveGroupResponse": LeaveGroupResponse.self,
    "SyncGroupRequest": SyncGroupRequest.self, "SyncGroupResponse": SyncGroupResponse.self,
    "DescribeGroupsRequest": DescribeGroupsRequest.self, "DescribeGroupsResponse": DescribeGroupsResponse.self,
    "ListGroupsRequest": ListGroupsRequest.self, "ListGroupsResponse": ListGroupsResponse.self,
    "DeleteGroupsRequest": DeleteGroupsRequest.self, "DeleteGroupsResponse": DeleteGroupsResponse.self,
    "OffsetDeleteRequest": OffsetDeleteRequest.self, "OffsetDeleteResponse": OffsetDeleteResponse.self,
    "DescribeClusterRequest": DescribeClusterRequest.self, "DescribeClusterResponse": DescribeClusterResponse.self,
    "ConsumerGroupHeartbeatRequest": ConsumerGroupHeartbeatRequest.self,
    "ConsumerGroupHeartbeatResponse": ConsumerGroupHeartbeatResponse.self,
    "ConsumerGroupDescribeRequest": ConsumerGroupDescribeRequest.self,
    "ConsumerGroupDescribeResponse": ConsumerGroupDescribeResponse.self,
    "AddPartitionsToTxnRequest": AddPartitionsToTransactionRequest.self,
    "AddPartitionsToTxnResponse": AddPartitionsToTransactionResponse.self,
    "AddOffsetsToTxnRequest": AddOffsetsToTransactionRequest.self,
    "AddOffsetsToTxnResponse": AddOffsetsToTransactionResponse.self,
    "EndTxnRequest": EndTransactionRequest.self,
    "EndTxnResponse": EndTransactionResponse.self,
    "WriteTxnMarkersRequest": WriteTransactionMarkersRequest.self,
    "WriteTxnMarkersResponse": WriteTransactionMarkersResponse.self,
    "TxnOffsetCommitRequest": TransactionOffsetCommitRequest.self,
    "TxnOffsetCommitResponse": TransactionOffsetCommitResponse.self,
    "DescribeProducersRequest": DescribeProducersRequest.self,
    "DescribeProducersResponse": DescribeProducersResponse.self,
    "DescribeTransactionsRequest": DescribeTransactionsRequest.self,
    "DescribeTransactionsResponse": DescribeTransactionsResponse.self,
    "ListTransactionsRequest": ListTransactionsRequest.self,
    "ListTransactionsResponse": ListTransactionsResponse.self,
    "AlterConfigsRequest": AlterConfigsRequest.self, "AlterConfigsResponse": AlterConfigsResponse.self,
    "IncrementalAlterConfigsRequest": IncrementalAlterConfigsRequest.self,
    "IncrementalAlterConfigsResponse": IncrementalAlterConfigsResponse.self,
    "ListConfigResourcesRequest": ListConfigResourcesRequest.self,
    "ListConfigResourcesResponse": ListConfigResourcesResponse.self,
    "CreatePartitionsRequest": CreatePartitionsRequest.self, "CreatePartitionsResponse": CreatePartitionsResponse.self,
    "DeleteRecordsRequest": DeleteRecordsRequest.self, "DeleteRecordsResponse": DeleteRecordsResponse.self,
    "DescribeTopicPartitionsRequest": DescribeTopicPartitionsRequest.self,
    "DescribeTopicPartitionsResponse": DescribeTopicPartitionsResponse.self,
    "DescribeLogDirsRequest": DescribeLogDirectoriesRequest.self,
    "DescribeLogDirsResponse": DescribeLogDirectoriesResponse.self,
    "AlterReplicaLogDirsRequest": AlterReplicaLogDirectoriesRequest.self,
    "AlterReplicaLogDirsResponse": AlterReplicaLogDirectoriesResponse.self,
    "ElectLeadersRequest": ElectLeadersRequest.self, "ElectLeadersResponse": ElectLeadersResponse.self,
    "AlterPartitionReassignmentsRequest": AlterPartitionReassignmentsRequest.self,
    "AlterPartitionReassignmentsResponse": AlterPartitionReassignmentsResponse.self,
    "ListPartitionReassignmentsRequest": ListPartitionReassignmentsRequest.self,
    "ListPartitionReassignmentsResponse": ListPartitionReassignmentsResponse.self,
    "DescribeQuorumRequest": DescribeQuorumRequest.self, "DescribeQuorumResponse": DescribeQuorumResponse.self,
    "UpdateFeaturesRequest": UpdateFeaturesRequest.self, "UpdateFeaturesResponse": UpdateFeaturesResponse.self,
    "DescribeClientQuotasRequest": DescribeClientQuotasRequest.self,
    "DescribeClientQuotasResponse": DescribeClientQuotasResponse.self,
    "AlterClientQuotasRequest": AlterClientQuotasRequest.self,
    "AlterClientQuotasResponse": AlterClientQuotasResponse.self,
    "DescribeUserScramCredentialsRequest": DescribeUserSCRAMCredentialsRequest.self,
    "DescribeUserScramCredentialsResponse": DescribeUserSCRAMCredentialsResponse.self,
    "AlterUserScramCredentialsRequest": AlterUserSCRAMCredentialsRequest.self,
    "AlterUserScramCredentialsResponse": AlterUserSCRAMCredentialsResponse.self,
    "DescribeAclsRequest": DescribeACLsRequest.self, "DescribeAclsResponse": DescribeACLsResponse.self,
    "CreateAclsRequest": CreateACLsRequest.self, "CreateAclsResponse": CreateACLsResponse.self,
    "DeleteAclsRequest": DeleteACLsRequest.self, "DeleteAclsResponse": DeleteACLsResponse.self,
]

extension WireMessage {
    /// Decodes `bytes` and encodes the outcome again.
    static func recode(_ bytes: UnsafeRawBufferPointer, _ version: Int16) throws(DecodeError) -> [UInt8] {
        var reader = ByteReader(bytes)
        let message = try Self(decoding: &reader, version: version)
        guard reader.remaining == 0 else { throw DecodeError("trailing bytes", at: reader.position) }
        var writer = ByteWriter()
        message.encode(into: &writer, version: version)
        return writer.array
    }
}

@Suite struct VectorTests {
    @Test func everyMessageHasEveryVersion() {
        #expect(messagesByName.count == 2 * SupportedVersions.all.count)
        for (name, type) in messagesByName {
            let versions = Set(Vector.all.filter { $0.name == name }.map(\.version))
            #expect(versions == Set(SupportedVersions.of(type.api).decodable), "\(name)")
        }
    }

    @Test func messagesAreReadAndWrittenAsKafkaPythonWritesThem() throws {
        for vector in Vector.all {
            let recoded = try vector.bytes.withUnsafeBytes {
                try messagesByName[vector.name]!.recode($0, vector.version)
            }
            #expect(recoded == vector.bytes, "\(vector.testDescription)")
        }
    }

    @Test func everyTruncationIsAnError() {
        for vector in Vector.all {
            let type = messagesByName[vector.name]!
            vector.bytes.withUnsafeBytes { bytes in
                for count in 0..<bytes.count {
                    let cut = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                    #expect(throws: DecodeError.self, "\(vector.testDescription) cut at \(count)") {
                        try type.recode(cut, vector.version)
                    }
                }
            }
        }
    }

    @Test func damagedMessagesNeverCrash() {
        var generator = SplitMix(7)
        for vector in Vector.all {
            let type = messagesByName[vector.name]!
            var bytes = vector.bytes
            guard !bytes.isEmpty else { continue }
            for _ in 0..<20 {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                let old = bytes[index]
                bytes[index] = [0, 0x7f, 0x80, 0xff, old &+ 1].randomElement(using: &generator)!
                bytes.withUnsafeBytes { _ = try? type.recode($0, vector.version) }
                bytes[index] = old
            }
        }
    }

    @Test func fieldsGoWhereTheyBelong() throws {
        // kafka-python's values count up from 1 in the order of the definition.
        func int32(_ number: Int32) -> Int32 { number * 70001 }
        try Vector.of("FetchRequest", 11).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let request = try FetchRequest(decoding: &reader, version: 11)
            #expect(request.replicaID == int32(1) && request.maxWaitMilliseconds == int32(2))
            #expect(request.minBytes == int32(3) && request.maxBytes == int32(4) && request.isolationLevel == 5)
            #expect(request.sessionID == int32(6) && request.sessionEpoch == int32(7))
            let partition = request.topics[0].partitions[0]
            #expect(partition.index == int32(9) && partition.currentLeaderEpoch == int32(10))
            #expect(partition.fetchOffset == (11 << 33) + 1 && partition.logStartOffset == (12 << 33) + 1)
            #expect(partition.partitionMaxBytes == int32(13))
            #expect(request.topics.count == 2 && request.forgottenTopics.count == 2)
        }
        try Vector.of("MetadataResponse", 9).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let response = try MetadataResponse(decoding: &reader, version: 9)
            #expect(response.throttleMilliseconds == int32(1) && response.brokers[0].nodeID == int32(2))
            #expect(response.brokers[1].host == "text-7" && response.brokers[1].rack == "text-9")
            #expect(response.clusterID == "text-10" && response.controllerID == int32(11))
            let topic = response.topics[0]
            #expect(topic.errorCode == .unknownTopicOrPartition && topic.name == "text-13" && topic.isInternal)
            #expect(topic.partitions[0].index == int32(16) && topic.partitions[0].leaderEpoch == int32(18))
        }
        try Vector.of("ProduceRequest", 9).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let request = try ProduceRequest(decoding: &reader, version: 9)
            #expect(request.transactionalID == "text-1" && request.acks == 74)
            guard case .view(let records) = request.topics[1].partitions[1].records else {
                Issue.record("the record set is no view")
                return
            }
            #expect(Array(records) == [0, 1, 2, 3, 4])
            #expect(
                bytes.baseAddress! <= records.baseAddress! && records.baseAddress! < bytes.baseAddress! + bytes.count)
        }
    }
}
