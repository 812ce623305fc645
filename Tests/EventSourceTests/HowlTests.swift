import FlatBuffers
import Schemas
import Streams
import System
import TestSupport
import Testing

@testable import EventSource

@Suite struct HowlTests {
    private func howl(_ change: (inout Howl.Configuration) -> Void) throws -> ScriptedStreams {
        let streams = ScriptedStreams()
        var configuration = Howl.Configuration(prefix: "TEST")
        configuration.framesPerSecond = 100_000
        change(&configuration)
        try Howl(streams: streams, configuration: configuration).run(until: StopSignal())
        return streams
    }

    @Test func sendsFramesAndRuns() throws {
        let streams = try howl {
            $0.frames = 7
            $0.framesPerRun = 3
            $0.messagesPerFrame = 2
            $0.eventsPerMessage = 50
            $0.firstDetector = 10
            $0.lastDetector = 12
        }
        let kinds = streams.values("TEST_rawEvents").map { $0.withUnsafeBytes { SchemaIdentifier.of($0) ?? "" } }
        #expect(kinds == Array(repeating: ["pu00", "ev44", "ev44"], count: 7).flatMap { $0 })
        #expect(streams.records("TEST_rawEvents").allSatisfy { $0.key == [] })
        var pixels: Set<Int32> = []
        for value in streams.values("TEST_rawEvents") where value[4...7].elementsEqual("ev44".utf8) {
            try value.withUnsafeBytes { bytes in
                let events = try EV44(bytes)
                #expect(events.timeOfFlight?.count == 50)
                for pixel in try #require(events.pixelID) { pixels.insert(pixel) }
            }
        }
        #expect(pixels == [10, 11, 12])
        let runs = streams.values("TEST_runInfo").map { $0.withUnsafeBytes { SchemaIdentifier.of($0) ?? "" } }
        #expect(runs == Array(repeating: ["pl72", "6s4t"], count: 3).flatMap { $0 })
    }

    @Test func timesOfFlightAreAroundTheirPeak() throws {
        let streams = try howl {
            $0.frames = 1
            $0.messagesPerFrame = 1
            $0.eventsPerMessage = 10_000
            $0.peakNanoseconds = 5_000_000
            $0.sigmaNanoseconds = 100_000
        }
        try streams.values("TEST_rawEvents")[1].withUnsafeBytes { bytes in
            let times = try #require(try EV44(bytes).timeOfFlight).map(Double.init)
            let mean = times.reduce(0, +) / Double(times.count)
            let variance = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(times.count)
            #expect(abs(mean - 5_000_000) < 5000)
            #expect(abs(variance.squareRoot() - 100_000) < 5000)
        }
    }

    @Test func vetoesComeWithTheirProbability() throws {
        let streams = try howl {
            $0.frames = 1000
            $0.messagesPerFrame = 0
            $0.vetoProbability = 0.25
        }
        let vetoed = try streams.values("TEST_rawEvents").filter { value in
            try value.withUnsafeBytes { try PU00($0).vetos == 1 }
        }
        #expect((200...300).contains(vetoed.count))
    }

    @Test func refusesNumbersOutOfRange() {
        let changes: [@Sendable (inout Howl.Configuration) -> Void] = [
            { $0.framesPerSecond = 0 }, { $0.eventsPerMessage = -1 }, { $0.firstDetector = 2000 },
            { $0.vetoProbability = 1.5 },
        ]
        for change in changes { #expect(throws: EventSourceError.self) { try howl(change) } }
    }
}
