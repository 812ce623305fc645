import Streams
import System

/// Sends records again: to another topic or broker, with their keys, headers and times, at their own pace or faster.
public final class RecordPlayer {
    /// What a copy's times are.
    public enum Times: String, CaseIterable, Sendable {
        /// Those of the records.
        case original
        /// Those of the records, moved so that the first one is now.
        case shifted
    }

    /// How records are sent again.
    public struct Options: Sendable {
        /// How fast.
        public var speed: PlaybackSpeed
        /// With which times.
        public var times: Times
        /// The partition that all records go to; nil keeps each in its own.
        public var partition: Int32?

        /// Options.
        public init(speed: PlaybackSpeed = .unlimited, times: Times = .original, partition: Int32? = nil) {
            self.speed = speed
            self.times = times
            self.partition = partition
        }
    }

    /// How often somebody who wants to see progress is told, in records.
    private static let progressRecords: Int64 = 64

    private let producer: any StreamProducer
    private let topic: String
    private let options: Options
    private let clock: any Clock
    private let stop: StopSignal
    private var pacing: Pacing
    private var firstMilliseconds: Int64?
    private var startMilliseconds: Int64 = 0
    private var failure: StreamError?
    /// What was sent.
    public private(set) var sent = ArchiveSummary()

    /// A player into a topic, which must have the partitions that records come from.
    public init(
        to topic: String, _ producer: any StreamProducer, _ options: Options, stop: StopSignal,
        clock: any Clock = SystemClock()
    ) {
        self.topic = topic
        self.producer = producer
        self.options = options
        self.stop = stop
        self.clock = clock
        pacing = Pacing(options.speed)
    }

    /// Begins anew: the next record is the first again, due at once.
    public func rewind() {
        pacing = Pacing(options.speed)
        firstMilliseconds = nil
    }

    /// Sends the records of ranges until their ends or the stop signal.
    ///
    /// - Parameter progress: called now and then.
    public func play(
        _ streams: any Streams, _ ranges: [RecordRange], progress: (ArchiveSummary) -> Void = { _ in }
    ) throws(StreamError) {
        if ranges.count > 1, case .times = options.speed {
            let reader = try MergedReader(streams, ranges)
            defer { reader.close() }
            while !reader.isAtEnd, !stop.isRequested {
                guard let record = try reader.next(waitMilliseconds: 200) else { continue }
                record.borrowed { send($0, record.partition) }
                if sent.records % Self.progressRecords == 0 { progress(sent) }
                if let failure { throw failure }
            }
        } else {
            let reader = try RangeReader(streams, ranges)
            defer { reader.close() }
            while !reader.isAtEnd, !stop.isRequested {
                _ = try reader.read(waitMilliseconds: 200) { record, range in send(record, range.partition) }
                progress(sent)
                if let failure { throw failure }
            }
        }
        try flush()
    }

    /// Sends the records of an archive until its end or the stop signal.
    public func play(
        _ archive: ArchiveReader, progress: (ArchiveSummary) -> Void = { _ in }
    ) throws(PlayerError) {
        do throws(ArchiveError) {
            _ = try archive.read { record, partition in
                send(record, partition)
                if sent.records % Self.progressRecords == 0 { progress(sent) }
                return failure == nil && !stop.isRequested
            }
        } catch {
            throw .archive(error)
        }
        do throws(StreamError) {
            if let failure { throw failure }
            try flush()
        } catch {
            throw .stream(error)
        }
    }

    /// How long what was sent may take to be delivered, in ms.
    private static let flushMilliseconds = 60_000

    private func flush() throws(StreamError) {
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }

    private func send(_ record: StreamRecord, _ partition: TopicPartition) {
        guard failure == nil, !stop.isRequested else { return }
        let wait = pacing.waitNanoseconds(record.timestampMilliseconds, now: clock.monotonicNanoseconds)
        if wait > 0 {
            // What waits for its batch must not wait for the next record's time as well.
            if wait > 5_000_000, !flushed() { return }
            if stop.wait(milliseconds: Int(wait / 1_000_000)) { return }
        }
        do throws(StreamError) {
            try producer.send(
                topic: topic, partition: options.partition ?? partition.partition, key: record.key,
                value: record.value, headers: record.headers, timestampMilliseconds: time(record), delivered: nil)
            sent.records += 1
            sent.bytes += Int64((record.key?.count ?? 0) + (record.value?.count ?? 0))
        } catch {
            failure = error
        }
    }

    private func flushed() -> Bool {
        do throws(StreamError) { try flush() } catch { failure = error }
        return failure == nil
    }

    private func time(_ record: StreamRecord) -> Int64? {
        guard record.timestampMilliseconds >= 0 else { return nil }
        guard options.times == .shifted else { return record.timestampMilliseconds }
        if firstMilliseconds == nil {
            firstMilliseconds = record.timestampMilliseconds
            startMilliseconds = clock.wallMilliseconds
        }
        return max(0, startMilliseconds + record.timestampMilliseconds - (firstMilliseconds ?? 0))
    }
}

/// Why an archive was not sent.
public enum PlayerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The archive is not whole.
    case archive(ArchiveError)
    /// The broker did not take a record.
    case stream(StreamError)

    public var description: String {
        switch self {
        case .archive(let error): error.description
        case .stream(let error): error.description
        }
    }
}
