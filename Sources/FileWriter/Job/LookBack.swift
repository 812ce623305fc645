import NexusFile
import Streams
import System

/// Finds the last value before the start for logs that have none, however old it is.
///
/// A source that changes rarely may have sent its value long before the run. Windows of growing length are read backwards
/// from the start until every log has a value, the topic's first record is reached, or a budget of records is used up.
struct LookBack {
    /// How far before the start each window begins.
    private static let windowsMilliseconds: [Int64] = [
        60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000, .max,
    ]
    /// Most records read for one job.
    static let recordsMax = 2_000_000

    let streams: any Streams
    let router: Router
    let logs: [LogModule]
    let startMilliseconds: Int64
    let beforeStartMilliseconds: Int64
    let control: JobControl

    /// Reads back; values found wait in their logs for the first value of the run.
    ///
    /// Failures of the broker end the search: the file is right without it, only less complete.
    func run() throws(FileWriterError) {
        var budget = Self.recordsMax
        // Only what lies before the run: the job itself reads the rest.
        var window = TimeWindow(startMilliseconds: startMilliseconds)
        window.setStop(milliseconds: startMilliseconds - 1)
        for topic in router.logTopics {
            guard let index = router.topics.firstIndex(of: topic) else { continue }
            var end = startMilliseconds
            for length in [beforeStartMilliseconds] + Self.windowsMilliseconds {
                let begin = length == .max ? 0 : max(0, startMilliseconds - length)
                guard begin < end else { continue }
                guard isMissing(topic), budget > 0, !control.isInterrupted else { break }
                guard try readWindow(topic, index, from: begin, to: end, window, &budget) else { break }
                end = begin
            }
        }
    }

    private func isMissing(_ topic: String) -> Bool {
        logs.contains { $0.source.topic == topic && !$0.source.name.isEmpty && !$0.hasValue }
    }

    /// Reads the records of a span of time; false when there is nothing before it.
    private func readWindow(
        _ topic: String, _ index: Int, from begin: Int64, to end: Int64, _ window: TimeWindow, _ budget: inout Int
    ) throws(FileWriterError) -> Bool {
        var failure: NexusError?
        do {
            guard let description = try streams.topic(topic) else { return false }
            var hasMore = false
            for number in 0..<description.partitionCount {
                let partition = TopicPartition(topic, number)
                let marks = try streams.watermarks(partition)
                let first = max(marks.low, try streams.offset(partition, atOrAfter: begin) ?? marks.high)
                let last = min(marks.high, try streams.offset(partition, atOrAfter: end) ?? marks.high)
                hasMore = hasMore || first > marks.low
                guard first < last else { continue }
                let reader = try streams.makeReader([ReaderAssignment(partition, from: .offset(first))])
                defer { reader.close() }
                while reader.position(0) < last, budget > 0, failure == nil, !control.isInterrupted {
                    let count = try reader.read(waitMilliseconds: 1000) { record in
                        guard failure == nil, record.offset < last, let value = record.value else { return }
                        do throws(NexusError) {
                            _ = try router.accept(
                                value, recordMilliseconds: record.timestampMilliseconds, topic: index, window)
                        } catch {
                            failure = error
                        }
                    }
                    budget -= count
                    if count == 0 { break }
                }
            }
            if let failure { throw FileWriterError(failure) }
            return hasMore
        } catch let error as FileWriterError {
            throw error
        } catch {
            return false
        }
    }
}
