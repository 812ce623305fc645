import Bytes
import KafkaWire
import Observability

/// Metadata (API 3): this broker and its topics. Creates a topic that is missing if the request allows it.
enum MetadataHandler {
    /// Topics that one request may create.
    static let creationsMax = 100

    static func handle(_ request: MetadataRequest, _ context: RequestContext) {
        let missing = topicsToCreate(request, context)
        guard !missing.isEmpty else { return context.answer(response(request, context, failures: [:])) }
        let core = context.core
        context.onWorker {
            var failures: [String: ErrorCode] = [:]
            for name in missing {
                do throws(BrokerError) {
                    _ = try core.catalog.ensure(name)
                } catch {
                    Log("broker").warningOncePerMinute(cause: "auto-create", "topic \(name): \(error)")
                    failures[name] = error.errorCode
                }
            }
            return failures
        } then: { failures in
            context.answer(response(request, context, failures: failures))
        }
    }

    private static func topicsToCreate(_ request: MetadataRequest, _ context: RequestContext) -> [String] {
        guard let topics = request.topics, request.allowAutoTopicCreation, context.core.options.autoCreate else {
            return []
        }
        let names = topics.compactMap { topic -> String? in
            guard topic.id == .zero, let name = topic.name, context.core.catalog.topic(name) == nil,
                !TopicName.isInternal(name), (try? TopicName.check(name)) != nil
            else { return nil }
            return name
        }
        return Array(Set(names).sorted().prefix(creationsMax))
    }

    private static func response(
        _ request: MetadataRequest, _ context: RequestContext, failures: [String: ErrorCode]
    ) -> MetadataResponse {
        let core = context.core
        let advertised = context.advertised
        // One list for the replicas of all partitions: making one for each would be most of the work.
        let nodes = [core.options.nodeID]
        var response = MetadataResponse(
            brokers: [
                MetadataResponse.Broker(
                    nodeID: core.options.nodeID, host: advertised.host, port: Int32(advertised.port))
            ], clusterID: core.clusterID, controllerID: core.options.nodeID)
        if let wanted = request.topics {
            // A topic that is named again and again is described once.
            var seen: Set<MetadataRequest.Topic> = []
            response.topics = wanted.filter { seen.insert($0).inserted }.map { describe($0, core, nodes, failures) }
        } else {
            response.topics = core.catalog.topics.map { describe($0, nodes) }
        }
        tellOperations(request, &response)
        return response
    }

    /// Tells what the client may do, if it asked.
    private static func tellOperations(_ request: MetadataRequest, _ response: inout MetadataResponse) {
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = AccessResource.cluster.everyOperation
        }
        guard request.includeTopicAuthorizedOperations else { return }
        for index in response.topics.indices where response.topics[index].errorCode == .none {
            response.topics[index].authorizedOperations = AccessResource.topic.everyOperation
        }
    }

    private static func describe(
        _ wanted: MetadataRequest.Topic, _ core: BrokerCore, _ nodes: [Int32], _ failures: [String: ErrorCode]
    ) -> MetadataResponse.Topic {
        if wanted.id != .zero {
            guard let topic = core.catalog.topic(id: wanted.id) else {
                return MetadataResponse.Topic(errorCode: .unknownTopicID, name: nil, id: wanted.id)
            }
            return describe(topic, nodes)
        }
        let name = wanted.name ?? ""
        if let topic = core.catalog.topic(name) { return describe(topic, nodes) }
        let isValid = (try? TopicName.check(name)) != nil
        let error = failures[name] ?? (isValid ? .unknownTopicOrPartition : .invalidTopicException)
        return MetadataResponse.Topic(errorCode: error, name: name)
    }

    private static func describe(_ topic: Topic, _ nodes: [Int32]) -> MetadataResponse.Topic {
        MetadataResponse.Topic(
            name: topic.name, id: topic.id, isInternal: topic.isInternal,
            partitions: topic.partitions.indices.map { index in
                MetadataResponse.Partition(
                    index: Int32(index), leaderID: nodes[0], leaderEpoch: BrokerCore.leaderEpoch, replicaNodes: nodes,
                    inSyncReplicaNodes: nodes)
            })
    }
}
