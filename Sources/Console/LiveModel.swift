import Observability
import Schemas
import Streams
import Synchronization
import System

/// What the page shows, kept up to date by one thread that reads the streams.
final class LiveModel: Sendable {
    /// How often rates are computed, in ms.
    static let tickMilliseconds = 1000
    /// How often new messages are looked for, in ms.
    static let readMilliseconds = 200
    /// Points kept of each rate.
    static let historyCount = 300
    /// Messages read back on each topic at the start.
    static let lookBackCount: Int64 = 500

    struct State: Sendable {
        var topics: [String: TopicActivity] = [:]
        var instruments: [String: InstrumentView] = [:]
        var history = RateHistory(capacity: LiveModel.historyCount)
        var failure: String?
    }

    private let streams: any Streams
    private let clock: any Clock
    private let state = Mutex(State())
    private let log = Log("console")

    init(streams: any Streams, clock: any Clock) {
        self.streams = streams
        self.clock = clock
    }

    /// Follows the streams until the signal is given.
    func run(until stop: StopSignal) {
        var readers: [String: any StreamReader] = [:]
        var nextTick = clock.monotonicNanoseconds
        while !stop.isRequested {
            do {
                if clock.monotonicNanoseconds >= nextTick {
                    nextTick += UInt64(Self.tickMilliseconds) * 1_000_000
                    try tick(&readers)
                }
                for (instrument, reader) in readers { try read(reader, of: instrument) }
                state.withLock { $0.failure = nil }
            } catch {
                for reader in readers.values { reader.close() }
                readers = [:]
                log.warningOncePerMinute(cause: "read", "cannot read the streams: \(error)")
                state.withLock { $0.failure = "\(error)" }
            }
            _ = stop.wait(milliseconds: Self.readMilliseconds)
        }
        for reader in readers.values { reader.close() }
    }

    /// Takes the partitions' offsets and sizes, and finds new topics.
    private func tick(_ readers: inout [String: any StreamReader]) throws(StreamError) {
        let statistics = try streams.statistics()
        let now = clock.monotonicNanoseconds
        let wall = clock.wallMilliseconds
        let wanted = state.withLock { state -> [String: [TopicPartition]] in
            state.topics = TopicActivity.updated(state.topics, with: statistics, nanoseconds: now)
            let visible = state.topics.values.filter { !$0.isInternal }
            state.history.append(
                timeMilliseconds: wall, messages: visible.reduce(0) { $0 + $1.messagesPerSecond },
                bytes: visible.reduce(0) { $0 + $1.bytesPerSecond },
                events: state.instruments.values.reduce(0) { $0 + $1.currentEventsPerSecond(now) })
            return InstrumentView.topics(in: statistics)
        }
        for (instrument, partitions) in wanted where readers[instrument]?.assignments != partitions {
            readers[instrument]?.close()
            var assignments: [ReaderAssignment] = []
            for partition in partitions {
                let marks = try streams.watermarks(partition)
                let start = max(marks.low, marks.high - Self.lookBackCount)
                assignments.append(ReaderAssignment(partition, from: .offset(start)))
            }
            readers[instrument] = try streams.makeReader(assignments)
        }
        for (instrument, reader) in readers where wanted[instrument] == nil {
            reader.close()
            readers[instrument] = nil
            state.withLock { $0.instruments[instrument] = nil }
        }
    }

    private func read(_ reader: any StreamReader, of instrument: String) throws(StreamError) {
        let now = clock.monotonicNanoseconds
        // The views are decoded outside the lock; requests wait only while a decoded value is put in its place.
        while true {
            let count = try reader.read(waitMilliseconds: 0) { record in
                guard let value = record.value else { return }
                guard let update = InstrumentUpdate(value) else { return }
                state.withLock {
                    $0.instruments[instrument, default: InstrumentView(name: instrument)].apply(
                        update, nanoseconds: now)
                }
            }
            if count == 0 { return }
        }
    }

    /// The whole page's values but spectra and maps.
    func liveJSON() -> String {
        let state = state.withLock { $0 }
        let now = clock.monotonicNanoseconds
        var json = JSONWriter()
        json.object { json in
            json.field("time", clock.wallMilliseconds)
            json.field("failure", orNull: state.failure)
            json.key("instruments")
            json.array { json in
                for view in state.instruments.values.sorted(by: { $0.name < $1.name }) { view.write(to: &json, now) }
            }
            json.key("topics")
            json.array { json in
                for topic in state.topics.values.sorted(by: { $0.name < $1.name }) where !topic.isInternal {
                    topic.write(to: &json)
                }
            }
            json.key("history")
            state.history.write(to: &json)
        }
        return json.text
    }

    /// The time-of-flight spectrum of an instrument's run; nil when there is none.
    func spectrumJSON(instrument: String) -> String? {
        guard let spectrum = state.withLock({ $0.instruments[instrument]?.spectrum }) else { return nil }
        var json = JSONWriter()
        json.object { json in
            json.field("timestamp", nanoseconds: spectrum.timestamp)
            json.field("info", orNull: spectrum.info)
            json.key("edges")
            json.array { json in for edge in spectrum.edges { json.value(edge) } }
            json.key("counts")
            json.array { json in for count in spectrum.counts { json.value(count) } }
        }
        return json.text
    }

    /// The detector map of an instrument's run as little-endian 32-bit counts in rows; nil when there is none.
    func detectorMap(instrument: String) -> (shape: [Int32], counts: [UInt8])? {
        guard let map = state.withLock({ $0.instruments[instrument]?.map }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(map.counts.count * 4)
        for count in map.counts {
            withUnsafeBytes(of: UInt32(clamping: Int64(count)).littleEndian) { bytes += $0 }
        }
        return (map.shape, bytes)
    }
}
