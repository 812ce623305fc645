import Schemas
import Streams

/// What an instrument's sample-environment topic tells about its process variables.
public enum SampleEnvironment {
    /// Messages at the end of the topic that are looked through.
    public static let lookBackMessagesMaximum: Int64 = 20_000

    /// The topic of an instrument's process variables.
    public static func topic(_ instrument: String) -> String { instrument + "_sampleEnv" }

    /// Names of the process variables with values (f144) among the topic's last messages, sorted; none without a topic.
    public static func processVariables(
        instrument: String, streams: any Streams
    ) throws(StreamError) -> [String] {
        guard let topic = try streams.topic(topic(instrument)) else { return [] }
        var assignments: [ReaderAssignment] = []
        var ends: [Int64] = []
        for index in 0..<topic.partitionCount {
            let partition = TopicPartition(topic.name, index)
            let marks = try streams.watermarks(partition)
            let start = max(marks.low, marks.high - lookBackMessagesMaximum)
            assignments.append(ReaderAssignment(partition, from: .offset(start)))
            ends.append(marks.high)
        }
        let reader = try streams.makeReader(assignments)
        defer { reader.close() }
        var names: Set<String> = []
        while ends.indices.contains(where: { reader.position($0) < ends[$0] }) {
            let count = try reader.read(waitMilliseconds: 1000) { record in
                guard let value = record.value, SchemaIdentifier.of(value) == F144.identifier,
                    let message = try? F144(value)
                else { return }
                names.insert(message.sourceName)
            }
            // Transaction markers take offsets without being handed out: silence means the end.
            if count == 0 { break }
        }
        return names.sorted()
    }
}
