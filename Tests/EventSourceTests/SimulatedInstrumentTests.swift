import FlatBuffers
import Observability
import Schemas
import Streams
import System
import TestSupport
import Testing

@testable import EventSource

@Suite struct SimulatedInstrumentTests {
    private func configuration() -> SimulationConfiguration {
        var configuration = SimulationConfiguration(instrument: smallInstrument())
        configuration.eventsPerSecond = 20_000
        configuration.tripProbability = 0
        return configuration
    }

    /// Runs an instrument for so many pulses in made time; every record takes `sendNanoseconds` of it.
    private func run(
        _ configuration: SimulationConfiguration, pulses: Int, sendNanoseconds: UInt64 = 0,
        metrics: Metrics = Metrics(), refusal: StreamError? = nil
    ) throws -> ScriptedStreams {
        let clock = ManualClock()
        let stop = StopSignal()
        let sent = metrics.counter("sluice_source_pulses_total", "Pulses sent", ["instrument": "TEST"])
        let streams = ScriptedStreams { _ in
            clock.advance(nanoseconds: sendNanoseconds)
            if sent.value == pulses - 1 { stop.request() }
        }
        streams.refuse(refusal)
        let instrument = try SimulatedInstrument(
            streams: streams, configuration: configuration, metrics: metrics, clock: clock
        ) { nanoseconds, _ in
            clock.advance(nanoseconds: nanoseconds)
            if sent.value >= pulses { stop.request() }
        }
        try instrument.run(until: stop)
        return streams
    }

    private struct Decoded {
        var pulses: [(time: Int64, charge: Float?, period: UInt32?, vetoes: UInt32?, id: Int64, source: String)] = []
        var detector: [(time: Int64, id: Int64, pixels: [Int32], times: [Int32])] = []
        var monitor: [(time: Int64, id: Int64, pixels: Int, times: [Int32])] = []
    }

    private func decode(_ streams: ScriptedStreams) throws -> Decoded {
        var decoded = Decoded()
        for record in streams.records("TEST_events") {
            try record.value.withUnsafeBytes { bytes in
                if SchemaIdentifier.of(bytes) == "pu00" {
                    let view = try PU00(bytes)
                    decoded.pulses.append(
                        (
                            view.referenceTime, view.protonCharge, view.periodNumber, view.vetos, view.messageID,
                            view.sourceName
                        ))
                    return
                }
                let view = try EV44(bytes)
                let times = view.timeOfFlight?.array ?? []
                let time = try #require(view.referenceTime.first)
                if view.sourceName == "detector" {
                    decoded.detector.append((time, view.messageID, view.pixelID?.array ?? [], times))
                } else {
                    #expect(view.sourceName == "monitor_1")
                    decoded.monitor.append((time, view.messageID, view.pixelID?.count ?? -1, times))
                }
            }
        }
        return decoded
    }

    @Test func everyPulseHasItsMessages() throws {
        let streams = try run(configuration(), pulses: 20)
        let decoded = try decode(streams)
        #expect(decoded.pulses.count == 20 && decoded.detector.count == 20 && decoded.monitor.count == 20)
        let first = try #require(decoded.pulses.first)
        #expect(first.time % 100_000_000 == 0)
        for (index, pulse) in decoded.pulses.enumerated() {
            #expect(pulse.time == first.time + Int64(index) * 100_000_000)
            #expect(pulse.id == Int64(index) && pulse.source == "TEST")
            #expect(pulse.period == 0 && pulse.vetoes != nil)
            #expect(abs((pulse.charge ?? 0) / 0.0011 - 1) < 0.1)
            #expect(decoded.detector[index].time == pulse.time && decoded.monitor[index].time == pulse.time)
            #expect(decoded.detector[index].id == Int64(index) && decoded.monitor[index].id == Int64(index))
            #expect(decoded.detector[index].pixels.count == decoded.detector[index].times.count)
            #expect(decoded.monitor[index].pixels == 0)
        }
        for record in streams.records("TEST_events") { #expect(record.key == nil) }
        let stamps = streams.records("TEST_events").map(\.timestampMilliseconds)
        #expect(stamps.prefix(4).map { $0 ?? 0 } == [0, 0, 0, 100].map { first.time / 1_000_000 + $0 })
    }

    @Test func countsFollowTheRate() throws {
        let decoded = try decode(try run(configuration(), pulses: 30))
        let events = decoded.detector.reduce(0) { $0 + $1.times.count }
        #expect(abs(Double(events) / 60_000 - 1) < 0.05)
        let monitor = decoded.monitor.reduce(0) { $0 + $1.times.count }
        #expect(abs(Double(monitor) / 1200 - 1) < 0.15)
        #expect(Set(decoded.detector.map(\.times.count)).count > 10)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let values = try run(configuration(), pulses: 5).records.map(\.value)
        #expect(try run(configuration(), pulses: 5).records.map(\.value) == values)
        var other = configuration()
        other.seed = 2
        #expect(try run(other, pulses: 5).records.map(\.value) != values)
    }

    @Test func largePulsesAreSplit() throws {
        var configuration = configuration()
        configuration.eventsPerMessageMaximum = 900
        let decoded = try decode(try run(configuration, pulses: 4))
        #expect(decoded.detector.count == 12)
        #expect(decoded.detector.allSatisfy { $0.times.count <= 900 })
        #expect(decoded.detector.map(\.id) == (0..<12).map { Int64($0) })
        #expect(Set(decoded.detector.prefix(3).map(\.time)).count == 1)
    }

    @Test func latePulsesAreSentAtOnceAndCounted() throws {
        let metrics = Metrics()
        // Three records of 50 ms each make every pulse later than the one before.
        let streams = try run(configuration(), pulses: 10, sendNanoseconds: 50_000_000, metrics: metrics)
        let late = metrics.counter("sluice_source_late_pulses_total", "", ["instrument": "TEST"]).value
        #expect(late >= 9)
        #expect(metrics.gauge("sluice_source_lag_seconds", "", ["instrument": "TEST"]).value > 0.3)
        let decoded = try decode(streams)
        let distances = zip(decoded.pulses.dropFirst(), decoded.pulses).map { $0.time - $1.time }
        #expect(distances.allSatisfy { $0 == 100_000_000 })
    }

    @Test func refusedMessagesAreCountedAndLeftBehind() throws {
        let metrics = Metrics()
        let streams = try run(
            configuration(), pulses: 3, metrics: metrics, refusal: StreamError(.storage, "the disk is full"))
        #expect(streams.records.isEmpty)
        #expect(metrics.counter("sluice_source_failed_messages_total", "", ["instrument": "TEST"]).value == 9)
    }

    @Test func aClosedStreamEndsTheWork() throws {
        #expect(throws: EventSourceError.stream(StreamError(.closed, "closed"))) {
            try run(configuration(), pulses: 3, refusal: StreamError(.closed, "closed"))
        }
    }

    @Test func impossibleSettingsAreRefused() throws {
        func expectRefusal(_ change: (inout SimulationConfiguration) -> Void) {
            var configuration = configuration()
            change(&configuration)
            #expect(throws: EventSourceError.self) { try configuration.validate() }
        }
        try configuration().validate()
        try SimulationConfiguration().validate()
        expectRefusal { $0.eventsPerSecond = 1e8 }
        expectRefusal { $0.eventsPerSecond = .nan }
        expectRefusal { $0.pulseRate = 0 }
        expectRefusal { $0.periodCount = 0 }
        expectRefusal { $0.instrument.name = "A/B" }
        expectRefusal { $0.instrument.panel.width = 0 }
        expectRefusal { $0.instrument.panel.width = 1 << 40 }
        expectRefusal { $0.instrument.panel.beamStopRadiusMetres = 100 }
        expectRefusal { $0.instrument.sample.reflections = [] }
        expectRefusal { $0.instrument.spectrum.wavelengthMinimum = 9 }
    }
}
