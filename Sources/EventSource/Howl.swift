import Bytes
import FlatBuffers
import Schemas
import Streams
import System

/// Runs made of random events, for trying out what reads them: saluki's `howl`.
///
/// Each frame is one pu00 and some ev44 on `<PREFIX>_rawEvents`, with normally distributed times of flight and uniformly
/// distributed pixels; runs are pl72 and 6s4t on `<PREFIX>_runInfo`. Keys are empty, Kafka's times are now.
/// Source: saluki, `howl` (ISIS Computing Group), but for the map of detectors, which counts its spectra rightly.
public final class Howl {
    /// What is sent, and how fast.
    public struct Configuration: Sendable {
        /// What the topics' names begin with.
        public var prefix: String
        /// Events in an ev44.
        public var eventsPerMessage = 100
        /// ev44 in a frame.
        public var messagesPerFrame = 20
        /// Frames a second.
        public var framesPerSecond = 1.0
        /// Frames after which a new run begins; 0 for one run without end.
        public var framesPerRun = 0
        /// Frames after which it ends; nil for never.
        public var frames: Int?
        /// Mean of the times of flight, in ns.
        public var peakNanoseconds = 10_000_000.0
        /// Deviation of the times of flight, in ns.
        public var sigmaNanoseconds = 2_000_000.0
        /// The smallest pixel.
        public var firstDetector: Int32 = 0
        /// The largest pixel.
        public var lastDetector: Int32 = 1000
        /// The share of frames that are vetoed.
        public var vetoProbability = 0.0
        /// The same seed makes the same events.
        public var seed: UInt64 = 1

        /// saluki's defaults.
        public init(prefix: String) { self.prefix = prefix }

        /// The topic of events.
        public var eventTopic: String { prefix + "_rawEvents" }
        /// The topic of runs.
        public var runTopic: String { prefix + "_runInfo" }
    }

    /// How it goes.
    public struct Progress: Sendable, Equatable {
        /// Frames sent.
        public var frames = 0
        /// Events sent.
        public var events: Int64 = 0
        /// Bytes of the messages sent.
        public var bytes: Int64 = 0
        /// Runs begun.
        public var runs = 0
        /// How far the schedule is behind, in ms.
        public var behindMilliseconds = 0

        /// Nothing sent.
        public init() {}
    }

    private let configuration: Configuration
    private let streams: any Streams
    private let clock: any Clock
    private var job = ""
    private var builder = FlatBufferBuilder()
    private var progress = Progress()

    /// A howl to a broker.
    ///
    /// - Throws: `invalidConfiguration` for a number out of its range.
    public init(
        streams: any Streams, configuration: Configuration, clock: any Clock = SystemClock()
    ) throws(EventSourceError) {
        func check(_ isRight: Bool, _ text: String) throws(EventSourceError) {
            guard isRight else { throw .invalidConfiguration(text) }
        }
        try check((0...10_000_000).contains(configuration.eventsPerMessage), "events in a message must be 0 to 1e7")
        try check((0...1_000_000).contains(configuration.messagesPerFrame), "messages in a frame must be 0 to 1e6")
        try check((0.001...100_000).contains(configuration.framesPerSecond), "frames a second must be 0.001 to 1e5")
        try check(configuration.firstDetector >= 0, "the smallest detector must be 0 or more")
        try check(
            configuration.firstDetector <= configuration.lastDetector && configuration.lastDetector <= 10_000_000,
            "the largest detector must be between the smallest and 1e7")
        try check((0...1).contains(configuration.vetoProbability), "the probability of a veto must be 0 to 1")
        self.configuration = configuration
        self.streams = streams
        self.clock = clock
    }

    /// Bytes of one pu00 and one ev44.
    public var messageBytes: (pulse: Int, events: Int) {
        var random = RandomSource(seed: configuration.seed, stream: 0)
        return (pulse(0, 0, &random).count, events(0, 0, &random).count)
    }

    /// Sends frames, each at its time, until the stop signal or the last frame; ends the run that is active.
    public func run(until stop: StopSignal, report: (Progress) -> Void = { _ in }) throws(EventSourceError) {
        do throws(StreamError) {
            for topic in [configuration.eventTopic, configuration.runTopic] {
                try streams.ensureTopic(TopicSpecification(topic))
            }
            let producer = try streams.makeProducer(ProducerOptions(acknowledgement: .written, lingerMilliseconds: 5))
            defer { producer.close() }
            try startRun(producer)
            let start = clock.monotonicNanoseconds
            while !stop.isRequested, progress.frames < configuration.frames ?? Int.max {
                let due = start + UInt64(Double(progress.frames) * 1e9 / configuration.framesPerSecond)
                let now = clock.monotonicNanoseconds
                if due > now, stop.wait(milliseconds: Int((due - now) / 1_000_000)) { break }
                progress.behindMilliseconds = now > due ? Int((now - due) / 1_000_000) : 0
                if configuration.framesPerRun > 0, progress.frames > 0,
                    progress.frames % configuration.framesPerRun == 0
                {
                    try stopRun(producer)
                    try startRun(producer)
                }
                try sendFrame(producer)
                report(progress)
            }
            try stopRun(producer)
            try producer.flush(timeoutMilliseconds: 30_000)
        } catch {
            throw .stream(error)
        }
    }

    private func sendFrame(_ producer: any StreamProducer) throws(StreamError) {
        let time = clock.wallNanoseconds
        var random = RandomSource(seed: configuration.seed, stream: UInt64(progress.frames))
        try send(pulse(time, progress.frames, &random), configuration.eventTopic, producer)
        for _ in 0..<configuration.messagesPerFrame {
            try send(events(time, progress.frames, &random), configuration.eventTopic, producer)
            progress.events += Int64(configuration.eventsPerMessage)
        }
        progress.frames += 1
    }

    private func send(_ message: [UInt8], _ topic: String, _ producer: any StreamProducer) throws(StreamError) {
        try producer.send(topic: topic, key: "", value: message, timestampMilliseconds: clock.wallMilliseconds)
        progress.bytes += Int64(message.count)
    }

    private func pulse(_ time: Int64, _ frame: Int, _ random: inout RandomSource) -> [UInt8] {
        PU00.encoded(
            sourceName: "saluki", messageID: 0, referenceTime: time,
            vetos: random.uniform() < configuration.vetoProbability ? 1 : 0, periodNumber: 0, protonCharge: 0.1)
    }

    private func events(_ time: Int64, _ frame: Int, _ random: inout RandomSource) -> [UInt8] {
        let span = UInt64(configuration.lastDetector - configuration.firstDetector) + 1
        var times: [Int32] = []
        var pixels: [Int32] = []
        times.reserveCapacity(configuration.eventsPerMessage)
        pixels.reserveCapacity(configuration.eventsPerMessage)
        for _ in 0..<configuration.eventsPerMessage {
            times.append(
                Int32(clamping: Int64(configuration.peakNanoseconds + configuration.sigmaNanoseconds * random.normal()))
            )
            pixels.append(configuration.firstDetector + Int32(random.next().multipliedFullWidth(by: span).high))
        }
        EV44.encode(
            sourceName: "saluki", messageID: Int64(frame), referenceTime: [time], referenceTimeIndex: [0],
            timeOfFlight: times, pixelID: pixels, into: &builder)
        return builder.array
    }

    private func startRun(_ producer: any StreamProducer) throws(StreamError) {
        job = UUID.random().description
        let structure = """
            {"children":[{"type":"group","name":"raw_data_1","attributes":[{"name":"NX_class","values":"NXentry"}],\
            "children":[{"type":"group","name":"events","attributes":[{"name":"NX_class","values":"NXevent_data"}],\
            "children":[{"module":"ev44","config":{"topic":"\(configuration.eventTopic)","source":"saluki"}}]}]}]}
            """
        let detectors = Array(0...configuration.lastDetector)
        let message = PL72.encoded(
            startTime: UInt64(max(0, clock.wallMilliseconds)), runName: "saluki-howl-\(UUID.random())",
            instrumentName: "saluki-howl", nexusStructure: structure, jobID: job, filename: UUID.random().description,
            detectorSpectrumMap: DF12.Owned(
                spectrum: detectors, detectorID: detectors, nSpectra: Int32(detectors.count)),
            metadata: "{}")
        try send(message, configuration.runTopic, producer)
        progress.runs += 1
    }

    private func stopRun(_ producer: any StreamProducer) throws(StreamError) {
        let message = RunStop6S4T.encoded(
            stopTime: UInt64(max(0, clock.wallMilliseconds)), runName: nil, jobID: job, commandID: "")
        try send(message, configuration.runTopic, producer)
    }
}
