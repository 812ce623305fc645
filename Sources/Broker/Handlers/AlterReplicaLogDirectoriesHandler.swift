import KafkaWire

/// AlterReplicaLogDirs (API 34): every partition is in the one directory, where it stays.
enum AlterReplicaLogDirectoriesHandler {
    static func handle(_ request: AlterReplicaLogDirectoriesRequest, _ context: RequestContext) {
        var response = AlterReplicaLogDirectoriesResponse()
        for directory in request.directories {
            for topic in directory.topics {
                response.topics.append(
                    .init(
                        name: topic.name,
                        partitions: topic.partitions.map { index in
                            let error = error(directory.path, topic.name, index, context.core)
                            if error != .none { context.count(error) }
                            return .init(index: index, errorCode: error)
                        }))
            }
        }
        context.answer(response)
    }

    private static func error(_ path: String, _ topic: String, _ index: Int32, _ core: BrokerCore) -> ErrorCode {
        guard core.catalog.topic(topic)?.partition(index) != nil else { return .unknownTopicOrPartition }
        return path == core.dataDirectory ? .none : .logDirectoryNotFound
    }
}
