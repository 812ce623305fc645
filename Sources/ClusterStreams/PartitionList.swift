import CRdKafka
import Streams

/// An `rd_kafka_topic_partition_list_t` that is destroyed with its owner.
final class PartitionList {
    /// One partition of a list with the number that goes with it.
    struct Element {
        let partition: TopicPartition
        let offset: Int64
        let error: rd_kafka_resp_err_t
    }

    /// librdkafka's own list.
    let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// The partitions, each with an offset (or the timestamp that takes its place).
    init(_ partitions: [TopicPartition], offset: (TopicPartition) -> Int64) {
        raw = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for partition in partitions {
            let element = rd_kafka_topic_partition_list_add(raw, partition.topic, partition.partition)
            element?.pointee.offset = offset(partition)
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(raw)
    }

    /// The partitions as they stand now.
    var elements: [Element] { Self.elements(raw) }

    /// The partitions of a list that somebody else owns.
    static func elements(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Element] {
        (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            return Element(
                partition: TopicPartition(String(cString: element.topic), element.partition),
                offset: element.offset, error: element.err)
        }
    }
}
