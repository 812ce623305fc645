import Observability
import Streams
import System

/// Reads every partition of several topics from one time on, through absence, retention and outages.
///
/// What could not be read is noted; a broker that does not answer for longer than `outageMillisecondsMax` is an error,
/// never a silent end.
final class TopicReader {
    /// A topic in the order given, and what is read of it.
    private struct Partition {
        let topic: Int
        let partition: TopicPartition
        /// Where reading began (or begins again after a reconnection).
        var position: Int64
        /// Whether the first offset read is the oldest kept: earlier records of the run may be gone.
        var mayHaveLostRecords: Bool
        var isFinished = false
    }

    /// How long a broker may be away.
    static let outageMillisecondsMax = 60_000
    private static let absentCheckMilliseconds = 1000

    private let streams: any Streams
    private let topics: [String]
    private let startMilliseconds: Int64
    private let clock: any Clock
    private let log = Log("writer")
    private var partitions: [Partition] = []
    private var reader: (any StreamReader)?
    private var absent: Set<Int> = []
    private var nextAbsentCheck: UInt64 = 0
    private var outageBegan: UInt64?
    /// What could not be read.
    private(set) var problems = Problems()

    /// A reader of topics (which need not exist yet) from the first record of `startMilliseconds` or later.
    init(_ streams: any Streams, topics: [String], startMilliseconds: Int64, clock: any Clock) {
        self.streams = streams
        self.topics = topics
        self.startMilliseconds = startMilliseconds
        self.clock = clock
        absent = Set(topics.indices)
    }

    /// Hands on the records that are there, with the index of their topic; waits up to `waitMilliseconds` for the first.
    func read(
        waitMilliseconds: Int, _ body: (_ topic: Int, _ record: StreamRecord) -> Void
    ) throws(FileWriterError) {
        do throws(StreamError) {
            try findAbsentTopics()
            guard let reader = try openReader() else {
                if waitMilliseconds > 0 { _ = StopSignal().wait(milliseconds: waitMilliseconds) }
                return
            }
            _ = try reader.read(waitMilliseconds: waitMilliseconds) { record in
                checkForLoss(record)
                body(partitions[record.assignment].topic, record)
            }
            for index in partitions.indices { partitions[index].position = reader.position(index) }
            outageBegan = nil
        } catch {
            try recover(from: error, waitMilliseconds)
        }
    }

    /// A record so late that nothing of the run follows it in its partition.
    func finish(_ record: StreamRecord) { partitions[record.assignment].isFinished = true }

    /// Whether all records of every partition were read, as of now, or come after the run.
    func isAtEnd() throws(FileWriterError) -> Bool {
        do throws(StreamError) {
            for index in partitions.indices where !partitions[index].isFinished {
                let high = try streams.watermarks(partitions[index].partition).high
                guard partitions[index].position >= high else { return false }
            }
            return true
        } catch {
            try recover(from: error, 100)
            return false
        }
    }

    /// Notes the topics that never came to be; to be called at the end.
    func noteAbsentTopics() {
        for index in absent.sorted() {
            problems.note("topic \(topics[index]) does not exist; nothing of it is in the file")
        }
    }

    func close() {
        reader?.close()
        reader = nil
    }

    // MARK: - Positions

    private func findAbsentTopics() throws(StreamError) {
        guard !absent.isEmpty, clock.monotonicNanoseconds >= nextAbsentCheck else { return }
        nextAbsentCheck = clock.monotonicNanoseconds + UInt64(Self.absentCheckMilliseconds) * 1_000_000
        for index in absent.sorted() {
            guard let description = try streams.topic(topics[index]) else { continue }
            var found: [Partition] = []
            for number in 0..<description.partitionCount {
                found.append(try start(index, TopicPartition(topics[index], number)))
            }
            partitions += found
            absent.remove(index)
            close()
        }
    }

    private func start(_ topic: Int, _ partition: TopicPartition) throws(StreamError) -> Partition {
        let first = try streams.offset(partition, atOrAfter: startMilliseconds)
        let marks = try streams.watermarks(partition)
        let position = max(marks.low, first ?? marks.high)
        return Partition(
            topic: topic, partition: partition, position: position,
            mayHaveLostRecords: marks.low > 0 && position == marks.low)
    }

    private func openReader() throws(StreamError) -> (any StreamReader)? {
        if let reader { return reader }
        guard !partitions.isEmpty else { return nil }
        let made = try streams.makeReader(
            partitions.map { ReaderAssignment($0.partition, from: .offset($0.position)) })
        reader = made
        return made
    }

    /// The first record after a gap tells whether the gap lies within the run.
    private func checkForLoss(_ record: StreamRecord) {
        let index = record.assignment
        guard partitions[index].mayHaveLostRecords else { return }
        partitions[index].mayHaveLostRecords = false
        guard record.timestampMilliseconds > startMilliseconds else { return }
        problems.note(
            """
            \(partitions[index].partition): records before offset \(record.offset) are no longer kept; \
            data before \(Log.timestamp(record.timestampMilliseconds * 1_000_000)) may be missing
            """)
    }

    // MARK: - Failures

    private func recover(from error: StreamError, _ waitMilliseconds: Int) throws(FileWriterError) {
        close()
        switch error.code {
        case .offsetOutOfRange:
            do throws(StreamError) {
                try moveToKeptOffsets()
            } catch {
                try waitForBroker(error, waitMilliseconds)
            }
        case .unreachable, .timedOut, .storage, .other:
            try waitForBroker(error, waitMilliseconds)
        default:
            throw FileWriterError(error)
        }
    }

    private func moveToKeptOffsets() throws(StreamError) {
        for index in partitions.indices {
            let low = try streams.watermarks(partitions[index].partition).low
            guard partitions[index].position < low else { continue }
            partitions[index].position = low
            partitions[index].mayHaveLostRecords = true
        }
    }

    private func waitForBroker(_ error: StreamError, _ waitMilliseconds: Int) throws(FileWriterError) {
        let now = clock.monotonicNanoseconds
        let began = outageBegan ?? now
        outageBegan = began
        guard now - began < UInt64(Self.outageMillisecondsMax) * 1_000_000 else {
            throw FileWriterError(
                .stream, "no answer for \(Self.outageMillisecondsMax / 1000) s: \(error)")
        }
        log.warningOncePerMinute(cause: "outage", "reading fails, trying again: \(error)")
        _ = StopSignal().wait(milliseconds: max(waitMilliseconds, 100))
    }
}
