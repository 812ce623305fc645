import FlatBuffers
import Schemas

/// Makes the messages of one pulse after the other, in memory that is used again for each.
struct PulseWriter: ~Copyable {
    private let configuration: SimulationConfiguration
    private let tables: EventTables
    private var beam: BeamModel
    private var builder: FlatBufferBuilder
    private let pixels: UnsafeMutableBufferPointer<Int32>
    private let times: UnsafeMutableBufferPointer<Int32>
    /// Number of the next pulse.
    private var index: UInt64 = 0
    private var detectorMessages: Int64 = 0
    private var monitorMessages: Int64 = 0
    /// During a trip this share of a pulse's events is left: background from what is activated.
    private static let tripShare = 0.0005

    init(_ configuration: SimulationConfiguration, _ tables: EventTables) {
        self.configuration = configuration
        self.tables = tables
        beam = BeamModel(configuration)
        let perPulse = configuration.eventsPerSecond / configuration.pulseRate
        let capacity = min(configuration.eventsPerMessageMaximum, max(1024, Int(perPulse * 1.2)))
        pixels = .allocate(capacity: capacity)
        times = .allocate(capacity: capacity)
        pixels.initialize(repeating: 0)
        times.initialize(repeating: 0)
        builder = FlatBufferBuilder(capacity: capacity * 8 + 1024)
    }

    deinit {
        pixels.deallocate()
        times.deallocate()
    }

    /// Leaves out so many pulses; the beam goes on meanwhile.
    mutating func skip(_ count: UInt64) {
        for _ in 0..<count {
            var random = RandomSource(seed: configuration.seed, stream: index)
            _ = beam.pulse(index, &random)
            index += 1
        }
    }

    /// Makes the next pulse's messages and hands each to `body` with the number of events in it: first pu00, then the
    /// detector's ev44 (none when the pulse has no events there), then the monitor's ev44, which always comes.
    mutating func pulse<E: Error>(
        timeNanoseconds: Int64, _ body: (UnsafeRawBufferPointer, Int) throws(E) -> Void
    ) throws(E) {
        var random = RandomSource(seed: configuration.seed, stream: index)
        let pulse = beam.pulse(index, &random)
        let instrument = configuration.instrument
        PU00.encode(
            sourceName: instrument.name, messageID: Int64(index), referenceTime: timeNanoseconds,
            vetos: pulse.vetoes, periodNumber: pulse.period, protonCharge: pulse.protonCharge, into: &builder)
        try builder.withBytes { (bytes) throws(E) in try body(bytes, 0) }
        index += 1
        let share = pulse.intensity > 0 ? pulse.intensity : Self.tripShare
        let mean = configuration.eventsPerSecond / configuration.pulseRate * share
        var left = random.count(mean: mean)
        while left > 0 {
            let count = min(left, pixels.count)
            let hitPixels = UnsafeMutableBufferPointer(rebasing: pixels[..<count])
            let hitTimes = UnsafeMutableBufferPointer(rebasing: times[..<count])
            tables.fillEvents(pixelIDs: hitPixels, timesOfFlight: hitTimes, random: &random)
            try emit(instrument.detectorSource, detectorMessages, timeNanoseconds, hitTimes, hitPixels, body)
            detectorMessages += 1
            left -= count
        }
        let monitorCount = min(times.count, random.count(mean: mean * instrument.monitorShare))
        let monitorTimes = UnsafeMutableBufferPointer(rebasing: times[..<monitorCount])
        tables.fillMonitor(timesOfFlight: monitorTimes, random: &random)
        let none = UnsafeMutableBufferPointer<Int32>(start: nil, count: 0)
        try emit(instrument.monitorSource, monitorMessages, timeNanoseconds, monitorTimes, none, body)
        monitorMessages += 1
    }

    private mutating func emit<E: Error>(
        _ source: String, _ message: Int64, _ time: Int64, _ times: UnsafeMutableBufferPointer<Int32>,
        _ pixels: UnsafeMutableBufferPointer<Int32>, _ body: (UnsafeRawBufferPointer, Int) throws(E) -> Void
    ) throws(E) {
        EV44.encode(
            sourceName: source, messageID: message, referenceTime: [time], referenceTimeIndex: [0],
            timeOfFlight: UnsafeBufferPointer(times), pixelID: UnsafeBufferPointer(pixels), into: &builder)
        try builder.withBytes { (bytes) throws(E) in try body(bytes, times.count) }
    }
}
