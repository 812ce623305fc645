import Bytes
import KafkaWire
import Observability

/// Takes the requests of one event loop and hands each to the handler of its API.
///
/// A request that cannot be read costs its connection: nothing behind it could be trusted.
final class RequestDispatcher: RequestHandling {
    private let core: BrokerCore
    private let shard: Shard

    init(_ core: BrokerCore, _ shard: Shard) {
        self.core = core
        self.shard = shard
    }

    func handle(_ frame: UnsafeMutableRawBufferPointer, from peer: PeerContext, reply: ReplySlot) {
        var reader = ByteReader(UnsafeRawBufferPointer(frame))
        let header: RequestHeader
        do throws(DecodeError) {
            header = try RequestHeader(decoding: &reader)
        } catch {
            return reply.close("malformed request header: \(error)")
        }
        peer.clientID = header.clientID
        let context = RequestContext(core, shard, header, peer, reply)
        guard let api = APIKey(rawValue: header.apiKey), header.isDecodable else {
            return refuse(context, header)
        }
        // Answers come in order, so a fetch that may wait for minutes would hold up whatever is asked behind it: it gives
        // way with what there is, and its client asks again. A fetch behind a fetch only wants more of the same.
        if peer.waitingFetchCount > 0 && api != .fetch { shard.fetches.finishWaiting(of: peer.connectionID) }
        do throws(DecodeError) {
            try dispatch(api, &reader, context)
        } catch {
            context.close("malformed \(api) request, version \(header.version): \(error)")
        }
    }

    func connectionClosed(_ peer: PeerContext) {
        shard.fetches.connectionClosed(peer.connectionID)
        core.groups.disconnected(peer.connectionID)
    }

    func stopping() {
        shard.fetches.finishAll()
    }

    private func refuse(_ context: RequestContext, _ header: RequestHeader) {
        switch APIKey(rawValue: header.apiKey) {
        case .apiVersions?: APIVersionsHandler.refuseVersion(context)
        case let api?: context.close("\(api) version \(header.version) is not supported")
        case nil: context.close("API \(header.apiKey) is not known")
        }
    }

    /// The table of APIs. A handler is called with a whole request, or not at all.
    private func dispatch(_ api: APIKey, _ reader: inout ByteReader, _ context: RequestContext) throws(DecodeError) {
        switch api {
        case .produce: try run(&reader, context, ProduceHandler.handle)
        case .fetch: try run(&reader, context, FetchHandler.handle)
        case .metadata: try run(&reader, context, MetadataHandler.handle)
        case .apiVersions: try run(&reader, context, APIVersionsHandler.handle)
        case .listOffsets: try run(&reader, context, ListOffsetsHandler.handle)
        case .createTopics: try run(&reader, context, CreateTopicsHandler.handle)
        case .deleteTopics: try run(&reader, context, DeleteTopicsHandler.handle)
        case .findCoordinator: try run(&reader, context, FindCoordinatorHandler.handle)
        case .offsetCommit: try run(&reader, context, OffsetCommitHandler.handle)
        case .offsetFetch: try run(&reader, context, OffsetFetchHandler.handle)
        case .joinGroup: try run(&reader, context, JoinGroupHandler.handle)
        case .heartbeat: try run(&reader, context, HeartbeatHandler.handle)
        case .leaveGroup: try run(&reader, context, LeaveGroupHandler.handle)
        case .syncGroup: try run(&reader, context, SyncGroupHandler.handle)
        case .describeGroups: try run(&reader, context, DescribeGroupsHandler.handle)
        case .listGroups: try run(&reader, context, ListGroupsHandler.handle)
        case .deleteGroups: try run(&reader, context, DeleteGroupsHandler.handle)
        case .offsetDelete: try run(&reader, context, OffsetDeleteHandler.handle)
        case .initProducerID: try run(&reader, context, InitProducerIDHandler.handle)
        case .offsetForLeaderEpoch: try run(&reader, context, OffsetForLeaderEpochHandler.handle)
        case .addPartitionsToTransaction: try run(&reader, context, AddPartitionsToTransactionHandler.handle)
        case .addOffsetsToTransaction: try run(&reader, context, AddOffsetsToTransactionHandler.handle)
        case .endTransaction: try run(&reader, context, EndTransactionHandler.handle)
        case .writeTransactionMarkers: try run(&reader, context, WriteTransactionMarkersHandler.handle)
        case .transactionOffsetCommit: try run(&reader, context, TransactionOffsetCommitHandler.handle)
        case .describeProducers: try run(&reader, context, DescribeProducersHandler.handle)
        case .describeTransactions: try run(&reader, context, DescribeTransactionsHandler.handle)
        case .listTransactions: try run(&reader, context, ListTransactionsHandler.handle)
        case .describeConfigs: try run(&reader, context, DescribeConfigsHandler.handle)
        case .alterConfigs: try run(&reader, context, AlterConfigsHandler.handle)
        case .incrementalAlterConfigs: try run(&reader, context, IncrementalAlterConfigsHandler.handle)
        case .listConfigResources: try run(&reader, context, ListConfigResourcesHandler.handle)
        case .createPartitions: try run(&reader, context, CreatePartitionsHandler.handle)
        case .deleteRecords: try run(&reader, context, DeleteRecordsHandler.handle)
        case .describeTopicPartitions: try run(&reader, context, DescribeTopicPartitionsHandler.handle)
        case .describeLogDirectories: try run(&reader, context, DescribeLogDirectoriesHandler.handle)
        case .alterReplicaLogDirectories: try run(&reader, context, AlterReplicaLogDirectoriesHandler.handle)
        case .electLeaders: try run(&reader, context, ElectLeadersHandler.handle)
        case .alterPartitionReassignments: try run(&reader, context, AlterPartitionReassignmentsHandler.handle)
        case .listPartitionReassignments: try run(&reader, context, ListPartitionReassignmentsHandler.handle)
        case .describeQuorum: try run(&reader, context, DescribeQuorumHandler.handle)
        case .updateFeatures: try run(&reader, context, UpdateFeaturesHandler.handle)
        case .describeClientQuotas: try run(&reader, context, DescribeClientQuotasHandler.handle)
        case .alterClientQuotas: try run(&reader, context, AlterClientQuotasHandler.handle)
        case .describeUserSCRAMCredentials:
            try run(&reader, context, DescribeUserSCRAMCredentialsHandler.handle)
        case .alterUserSCRAMCredentials: try run(&reader, context, AlterUserSCRAMCredentialsHandler.handle)
        case .describeACLs: try run(&reader, context, DescribeACLsHandler.handle)
        case .createACLs: try run(&reader, context, CreateACLsHandler.handle)
        case .deleteACLs: try run(&reader, context, DeleteACLsHandler.handle)
        case .describeCluster: try run(&reader, context, DescribeClusterHandler.handle)
        case .consumerGroupHeartbeat: try run(&reader, context, ConsumerGroupHeartbeatHandler.handle)
        case .consumerGroupDescribe: try run(&reader, context, ConsumerGroupDescribeHandler.handle)
        default: context.close("\(api) is not served")
        }
    }

    private func run<Request: WireMessage>(
        _ reader: inout ByteReader, _ context: RequestContext, _ handler: (Request, RequestContext) -> Void
    ) throws(DecodeError) {
        // Bytes behind the request are ignored, as Kafka does: librdkafka 2.16 sends three of them with Metadata 12.
        handler(try Request(decoding: &reader, version: context.version), context)
    }
}
