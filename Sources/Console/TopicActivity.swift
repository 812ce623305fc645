import Schemas
import Streams

/// A topic's size and how fast it grows.
struct TopicActivity: Sendable {
    let name: String
    var partitionCount = 0
    var messages: Int64 = 0
    var endOffsetSum: Int64 = 0
    var sizeBytes: Int64?
    var messagesPerSecond = 0.0
    var bytesPerSecond = 0.0
    private var writtenBytes: Int64 = 0
    private var nanoseconds: UInt64 = 0

    /// Whether it holds the broker's own state.
    var isInternal: Bool { name.hasPrefix("__") }

    init(name: String) { self.name = name }

    /// The activity of every topic in `statistics`, with rates since `old`.
    static func updated(
        _ old: [String: TopicActivity], with statistics: [PartitionStatistics], nanoseconds: UInt64
    ) -> [String: TopicActivity] {
        var new: [String: TopicActivity] = [:]
        for partition in statistics {
            var topic = new[partition.partition.topic] ?? TopicActivity(name: partition.partition.topic)
            topic.partitionCount += 1
            topic.messages += partition.watermarks.high - partition.watermarks.low
            topic.endOffsetSum += partition.watermarks.high
            if let size = partition.sizeBytes { topic.sizeBytes = (topic.sizeBytes ?? 0) + size }
            new[topic.name] = topic
        }
        for (name, var topic) in new {
            topic.nanoseconds = nanoseconds
            if let before = old[name], nanoseconds > before.nanoseconds {
                let seconds = Double(nanoseconds - before.nanoseconds) / 1e9
                topic.messagesPerSecond = Double(max(0, topic.endOffsetSum - before.endOffsetSum)) / seconds
                // Retention makes a topic smaller; then the rate of writing cannot be seen from sizes.
                topic.bytesPerSecond = Double(max(0, (topic.sizeBytes ?? 0) - (before.sizeBytes ?? 0))) / seconds
            }
            new[name] = topic
        }
        return new
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", name)
            json.field("partitions", partitionCount)
            json.field("messages", messages)
            json.field("bytes", orNull: sizeBytes)
            json.field("messages_per_second", messagesPerSecond)
            json.field("bytes_per_second", bytesPerSecond)
        }
    }
}

/// The last rates, one point a tick.
struct RateHistory: Sendable {
    private struct Point {
        let timeMilliseconds: Int64
        let messages: Double, bytes: Double, events: Double
    }

    private let capacity: Int
    private var points: [Point] = []

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(timeMilliseconds: Int64, messages: Double, bytes: Double, events: Double) {
        if points.count == capacity { points.removeFirst() }
        points.append(Point(timeMilliseconds: timeMilliseconds, messages: messages, bytes: bytes, events: events))
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("time")
            json.array { json in for point in points { json.value(point.timeMilliseconds) } }
            json.key("messages_per_second")
            json.array { json in for point in points { json.value(point.messages) } }
            json.key("bytes_per_second")
            json.array { json in for point in points { json.value(point.bytes) } }
            json.key("events_per_second")
            json.array { json in for point in points { json.value(point.events) } }
        }
    }
}
