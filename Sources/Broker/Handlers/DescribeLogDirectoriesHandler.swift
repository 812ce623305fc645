import CommitLog
import KafkaWire
import Observability

/// DescribeLogDirs (API 35): the one data directory, with the sizes of partitions.
enum DescribeLogDirectoriesHandler {
    static func handle(_ request: DescribeLogDirectoriesRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            var directory = DescribeLogDirectoriesResponse.Directory(path: core.dataDirectory)
            if let wanted = request.topics {
                directory.topics = wanted.compactMap { topic in
                    core.catalog.topic(topic.name).map { sizes($0, topic.partitions) }
                }
            } else {
                directory.topics = core.catalog.topics.map { topic in
                    sizes(topic, topic.partitions.indices.map { Int32($0) })
                }
            }
            do throws(BrokerError) {
                (directory.usableBytes, directory.totalBytes) = try core.freeSpace()
            } catch {
                Log("broker").warningOncePerMinute(cause: "log-dirs", "free space is not known: \(error)")
            }
            return DescribeLogDirectoriesResponse(directories: [directory])
        } then: {
            context.answer($0)
        }
    }

    private static func sizes(
        _ topic: Topic, _ partitions: [Int32]
    ) -> DescribeLogDirectoriesResponse.Topic {
        DescribeLogDirectoriesResponse.Topic(
            name: topic.name,
            partitions: partitions.compactMap { index in
                topic.partition(index).map { .init(index: index, sizeBytes: $0.sizeBytes) }
            })
    }
}
