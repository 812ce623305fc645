import Bytes
import KafkaWire

/// Byte 0 chooses the message, byte 1 its version, the rest is the body; byte 0 of 255 takes the rest as a whole request
/// frame, header first.
///
/// Beyond "it does not crash": a message that was read is written and read again to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKafkaWire(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    let body = UnsafeRawBufferPointer(start: start + 2, count: count - 2)
    if start[0] == 255 {
        frame(body)
        return 0
    }
    let type = messages[Int(start[0]) % messages.count]
    check(type, body, choice: Int16(start[1]))
    return 0
}

/// Every message. The order is that of the kept corpus: append only.
private let messages: [any (WireMessage & SendableMetatype).Type] = {
    for entry in SupportedVersions.all {
        precondition(listed.contains { $0.api == entry.api }, "\(entry.api) is served and not fuzzed")
    }
    return listed
}()

private let listed: [any (WireMessage & SendableMetatype).Type] = [
    ProduceRequest.self, ProduceResponse.self, FetchRequest.self, FetchResponse.self, ListOffsetsRequest.self,
    ListOffsetsResponse.self, MetadataRequest.self, MetadataResponse.self, OffsetCommitRequest.self,
    OffsetCommitResponse.self, OffsetFetchRequest.self, OffsetFetchResponse.self, FindCoordinatorRequest.self,
    FindCoordinatorResponse.self, APIVersionsRequest.self, APIVersionsResponse.self, CreateTopicsRequest.self,
    CreateTopicsResponse.self, DeleteTopicsRequest.self, DeleteTopicsResponse.self, InitProducerIDRequest.self,
    InitProducerIDResponse.self, OffsetForLeaderEpochRequest.self, OffsetForLeaderEpochResponse.self,
    DescribeConfigsRequest.self, DescribeConfigsResponse.self, DescribeClusterRequest.self,
    DescribeClusterResponse.self,
    JoinGroupRequest.self, JoinGroupResponse.self,
    HeartbeatRequest.self, HeartbeatResponse.self,
    LeaveGroupRequest.self, LeaveGroupResponse.self,
    SyncGroupRequest.self, SyncGroupResponse.self,
    DescribeGroupsRequest.self, DescribeGroupsResponse.self,
    ListGroupsRequest.self, ListGroupsResponse.self,
    DeleteGroupsRequest.self, DeleteGroupsResponse.self,
    OffsetDeleteRequest.self, OffsetDeleteResponse.self,
    ConsumerGroupHeartbeatRequest.self, ConsumerGroupHeartbeatResponse.self,
    ConsumerGroupDescribeRequest.self, ConsumerGroupDescribeResponse.self,
    AddPartitionsToTransactionRequest.self, AddPartitionsToTransactionResponse.self,
    AddOffsetsToTransactionRequest.self, AddOffsetsToTransactionResponse.self, EndTransactionRequest.self,
    EndTransactionResponse.self, WriteTransactionMarkersRequest.self, WriteTransactionMarkersResponse.self,
    TransactionOffsetCommitRequest.self, TransactionOffsetCommitResponse.self, DescribeProducersRequest.self,
    DescribeProducersResponse.self, DescribeTransactionsRequest.self, DescribeTransactionsResponse.self,
    ListTransactionsRequest.self, ListTransactionsResponse.self,
    AlterConfigsRequest.self, AlterConfigsResponse.self,
    IncrementalAlterConfigsRequest.self, IncrementalAlterConfigsResponse.self,
    ListConfigResourcesRequest.self, ListConfigResourcesResponse.self,
    CreatePartitionsRequest.self, CreatePartitionsResponse.self,
    DeleteRecordsRequest.self, DeleteRecordsResponse.self,
    DescribeTopicPartitionsRequest.self, DescribeTopicPartitionsResponse.self,
    DescribeLogDirectoriesRequest.self, DescribeLogDirectoriesResponse.self,
    AlterReplicaLogDirectoriesRequest.self, AlterReplicaLogDirectoriesResponse.self,
    ElectLeadersRequest.self, ElectLeadersResponse.self,
    AlterPartitionReassignmentsRequest.self, AlterPartitionReassignmentsResponse.self,
    ListPartitionReassignmentsRequest.self, ListPartitionReassignmentsResponse.self,
    DescribeQuorumRequest.self, DescribeQuorumResponse.self,
    UpdateFeaturesRequest.self, UpdateFeaturesResponse.self,
    DescribeClientQuotasRequest.self, DescribeClientQuotasResponse.self,
    AlterClientQuotasRequest.self, AlterClientQuotasResponse.self,
    DescribeUserSCRAMCredentialsRequest.self, DescribeUserSCRAMCredentialsResponse.self,
    AlterUserSCRAMCredentialsRequest.self, AlterUserSCRAMCredentialsResponse.self,
    DescribeACLsRequest.self, DescribeACLsResponse.self,
    CreateACLsRequest.self, CreateACLsResponse.self,
    DeleteACLsRequest.self, DeleteACLsResponse.self,
]

private func frame(_ bytes: UnsafeRawBufferPointer) {
    var reader = ByteReader(bytes)
    guard let header = try? RequestHeader(decoding: &reader), header.isDecodable,
        let type = messages.first(where: { $0.api.rawValue == header.apiKey })
    else { return }
    roundTrip(type, UnsafeRawBufferPointer(rebasing: bytes[reader.position...]), version: header.version)
}

private func check<Message: WireMessage>(_ type: Message.Type, _ bytes: UnsafeRawBufferPointer, choice: Int16) {
    let versions = SupportedVersions.of(type.api).decodable
    roundTrip(type, bytes, version: versions.lowerBound + choice % Int16(versions.count))
}

private func roundTrip<Message: WireMessage>(
    _ type: Message.Type, _ bytes: UnsafeRawBufferPointer, version: Int16
) {
    guard let first = encoded(type, bytes, version) else { return }
    first.withUnsafeBytes { bytes in
        precondition(encoded(type, bytes, version) == first, "\(type) \(version) differs when it is read again")
    }
}

private func encoded<Message: WireMessage>(
    _ type: Message.Type, _ bytes: UnsafeRawBufferPointer, _ version: Int16
) -> [UInt8]? {
    var reader = ByteReader(bytes)
    guard let message = try? type.init(decoding: &reader, version: version) else { return nil }
    var writer = ByteWriter()
    message.encode(into: &writer, version: version)
    return writer.array
}
