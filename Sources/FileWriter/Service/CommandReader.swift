import Observability
import Schemas
import Streams
import System

/// A run start or stop as it was found.
struct CommandRecord {
    let topic: String
    let timestampMilliseconds: Int64
    let value: [UInt8]

    /// Whether it is a run start.
    var isStart: Bool { value.withUnsafeBytes { SchemaIdentifier.of($0) } == PL72.identifier }
}

/// Reads the command topics: first what is there when a topic comes up, then what follows.
final class CommandReader {
    private let streams: any Streams
    private let configuration: WriterConfiguration
    private let clock: any Clock
    private let log = Log("writer")
    private var positions: [TopicPartition: Int64] = [:]
    /// Where the records begin that came after the topic was found.
    private var liveFrom: [TopicPartition: Int64] = [:]
    private var extraTopics: Set<String> = []
    private var reader: (any StreamReader)?
    private var nextSearch: UInt64 = 0
    /// Whether the topics that were there at the start are known; later ones are served from their first command.
    private(set) var hasSearched = false
    private static let searchMilliseconds = 1000

    init(_ streams: any Streams, _ configuration: WriterConfiguration, _ clock: any Clock) {
        self.streams = streams
        self.configuration = configuration
        self.clock = clock
    }

    /// Follows a further topic from its end on, such as the control topic of a job.
    func follow(_ topic: String) {
        guard extraTopics.insert(topic).inserted else { return }
        nextSearch = 0
    }

    /// The starts and stops that came, in order within a topic; those that were there before in `earlier`.
    func read(waitMilliseconds: Int) -> (earlier: [CommandRecord], new: [CommandRecord]) {
        var earlier: [CommandRecord] = [], new: [CommandRecord] = []
        do throws(StreamError) {
            try findTopics()
            guard let reader = try openReader() else {
                _ = StopSignal().wait(milliseconds: waitMilliseconds)
                return ([], [])
            }
            let partitions = reader.assignments
            _ = try reader.read(waitMilliseconds: waitMilliseconds) { record in
                guard let value = record.value else { return }
                let schema = SchemaIdentifier.of(value)
                guard schema == PL72.identifier || schema == RunStop6S4T.identifier else { return }
                let partition = partitions[record.assignment]
                let command = CommandRecord(
                    topic: partition.topic, timestampMilliseconds: record.timestampMilliseconds, value: Array(value))
                if record.offset < liveFrom[partition] ?? 0 { earlier.append(command) } else { new.append(command) }
            }
            for (index, partition) in partitions.enumerated() { positions[partition] = reader.position(index) }
        } catch {
            close()
            if error.code == .offsetOutOfRange { positions.removeAll() }
            nextSearch = 0
            log.warningOncePerMinute(cause: "commands", "run starts cannot be read, trying again: \(error)")
            _ = StopSignal().wait(milliseconds: max(100, waitMilliseconds))
        }
        return (earlier, new)
    }

    /// Whether everything was read that was there when the topics were found.
    var isUpToDate: Bool { liveFrom.allSatisfy { positions[$0.key] ?? 0 >= $0.value } }

    /// The topics read, sorted.
    var topics: [String] { Set(positions.keys.map(\.topic)).subtracting(extraTopics).sorted() }

    private func findTopics() throws(StreamError) {
        guard clock.monotonicNanoseconds >= nextSearch else { return }
        nextSearch = clock.monotonicNanoseconds + UInt64(Self.searchMilliseconds) * 1_000_000
        for topic in try streams.topics() {
            let isCommandTopic = configuration.commandTopics?.contains(topic.name) ?? topic.name.hasSuffix("_runInfo")
            guard isCommandTopic || extraTopics.contains(topic.name) else { continue }
            for number in 0..<topic.partitionCount {
                let partition = TopicPartition(topic.name, number)
                guard positions[partition] == nil else { continue }
                let marks = try streams.watermarks(partition)
                positions[partition] =
                    isCommandTopic ? max(marks.low, marks.high - configuration.commandRecordsMax) : marks.high
                // A topic that came up while the service runs holds commands for it, from the first one on.
                liveFrom[partition] = isCommandTopic && hasSearched ? marks.low : marks.high
                reader?.close()
                reader = nil
                if isCommandTopic { log.info("run starts are taken from \(partition)") }
            }
        }
        hasSearched = true
    }

    private func openReader() throws(StreamError) -> (any StreamReader)? {
        if let reader { return reader }
        guard !positions.isEmpty else { return nil }
        let assignments = positions.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }
            .map { ReaderAssignment($0.key, from: .offset($0.value)) }
        reader = try streams.makeReader(assignments)
        return reader
    }

    func close() {
        reader?.close()
        reader = nil
    }
}
