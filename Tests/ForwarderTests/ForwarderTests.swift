import Observability
import Schemas
import Streams
import System
import TestSupport
import Testing

@testable import Forwarder

@Suite struct ForwarderTests {
    static let start: Int64 = 1_700_000_000_123
    let streams = ScriptedStreams()
    let clock = ManualClock(wallMilliseconds: start)
    let metrics = Metrics()

    /// Hands out what it was given.
    final class ScriptedSource: PVSource {
        let channels: [PVChannel]
        var script: [PVUpdate] = []

        init(_ names: [String]) { channels = names.map { PVChannel($0, .channelAccess) } }

        func collect(nowNanoseconds: Int64, into updates: inout [PVUpdate]) -> Int64? {
            updates += script
            script = []
            return nil
        }

        func close() {}

        func say(_ channel: Int, _ time: Int64, _ value: F144.OwnedValue, _ alarm: PVAlarm = .none) {
            script.append(PVUpdate(channel: channel, timestampNanoseconds: time, event: .value(value, alarm)))
        }
    }

    private func schema(_ record: ScriptedStreams.Record) -> String {
        String(decoding: record.value[4..<8], as: UTF8.self)
    }

    private func loop(_ source: any PVSource) throws -> ForwarderLoop {
        try ForwarderLoop(streams, ForwarderConfiguration(instrument: "DEMO"), metrics, clock, [source])
    }

    private var lines: [String] {
        streams.records("DEMO_sampleEnv").map { record in
            record.value.withUnsafeBytes { "\(record.keyText) \(MessageDecoder.summary($0))" }
        }
    }

    @Test func forwardsValuesWithTheirOwnTime() throws {
        let source = ScriptedSource(["TE:A", "TE:B"])
        let work = try loop(source)
        let time = Self.start * 1_000_000 - 877
        source.say(0, time, .double(1.5))
        source.say(1, time, .int32(-7))
        source.say(1, time + 5, .int32Array([1, 2, 3]))
        _ = try work.step()
        let records = streams.records("DEMO_sampleEnv")
        #expect(records.map(\.keyText) == ["TE:A", "TE:A", "TE:B", "TE:B", "TE:B"])
        #expect(records.allSatisfy { $0.timestampMilliseconds == Self.start - 1 })
        let values = try records.filter { schema($0) == "f144" }.map { record in
            try record.value.withUnsafeBytes { bytes in
                let message = try F144(bytes)
                return (message.sourceName, message.timestamp, message.value.owned)
            }
        }
        #expect(values.map(\.0) == ["TE:A", "TE:B", "TE:B"])
        #expect(values.map(\.1) == [time, time, time + 5])
        #expect(values.map(\.2) == [.double(1.5), .int32(-7), .int32Array([1, 2, 3])])
    }

    @Test func sendsAlarmsWhenTheyChange() throws {
        let source = ScriptedSource(["TE:A"])
        let work = try loop(source)
        let time = Self.start * 1_000_000
        let alarms = [
            PVAlarm.none, .none, PVAlarm(.minor, "HIGH"), PVAlarm(.minor, "HIGH"), PVAlarm(.minor, "LOW"), .none,
        ]
        for (index, alarm) in alarms.enumerated() { source.say(0, time + Int64(index), .double(1), alarm) }
        _ = try work.step()
        let sent = try streams.records("DEMO_sampleEnv").filter { schema($0) == "al00" }
            .map { record in
                try record.value.withUnsafeBytes { bytes in
                    let message = try AL00(bytes)
                    return "\(message.sourceName!) \(message.timestamp - time) \(message.severity) \(message.message!)"
                }
            }
        #expect(sent == ["TE:A 0 ok NO_ALARM", "TE:A 2 minor HIGH", "TE:A 4 minor LOW", "TE:A 5 ok NO_ALARM"])
    }

    @Test func tellsOfConnectionsOnce() throws {
        let source = ScriptedSource(["TE:A"])
        let work = try loop(source)
        let time = Self.start * 1_000_000
        for state in [EP01.ConnectionInfo.connected, .connected, .disconnected, .connected] {
            source.script.append(PVUpdate(channel: 0, timestampNanoseconds: time, event: .connection(state)))
        }
        _ = try work.step()
        #expect(metrics.prometheusText().contains(#"sluice_forwarder_connected{topic="DEMO_sampleEnv"} 1"#))
        work.end()
        #expect(
            lines.map { $0.split(separator: " ")[3] } == ["CONNECTED", "DISCONNECTED", "CONNECTED", "CANCELLED"])
        #expect(metrics.prometheusText().contains(#"sluice_forwarder_connected{topic="DEMO_sampleEnv"} 0"#))
    }

    @Test func rejectsTimesThatCannotBeRight() throws {
        let source = ScriptedSource(["TE:A", "TE:B"])
        let work = try loop(source)
        let now = Self.start * 1_000_000
        let year = UpdateFilter.ageNanosecondsMax
        source.say(0, now - year - 1, .double(1))
        source.say(0, now - year, .double(2))
        source.say(0, now + 600_000_000_001, .double(3))
        source.say(0, now + 600_000_000_000, .double(4))
        source.say(0, now, .double(5))
        source.say(0, .min, .double(6))
        source.say(0, .max, .double(7))
        // Another variable's time is its own affair; the same time twice is not going back.
        source.say(1, now, .double(8))
        source.say(1, now, .double(9))
        _ = try work.step()
        let values = try streams.records("DEMO_sampleEnv").filter { schema($0) == "f144" }
            .map { record in try record.value.withUnsafeBytes { try F144($0).value.double } }
        #expect(values == [2, 4, 8, 9])
        let text = metrics.prometheusText()
        #expect(text.contains(#"sluice_forwarder_rejected_total{reason="old",topic="DEMO_sampleEnv"} 2"#))
        #expect(text.contains(#"sluice_forwarder_rejected_total{reason="future",topic="DEMO_sampleEnv"} 2"#))
        #expect(text.contains(#"sluice_forwarder_rejected_total{reason="disordered",topic="DEMO_sampleEnv"} 1"#))
    }

    @Test func saysHowItIsEveryFourSeconds() throws {
        let work = try loop(ScriptedSource(["TE:A \"quoted\""]))
        for _ in 0..<81 {
            _ = try work.step()
            clock.advance(milliseconds: 100)
        }
        let records = streams.records("DEMO_forwarderStatus")
        #expect(records.count == 3)
        try records[0].value.withUnsafeBytes { bytes in
            let status = try X5F2(bytes)
            #expect(status.softwareName == "Forwarder")
            #expect(status.serviceID == "demo-forwarder")
            #expect(status.updateInterval == 4000)
            #expect(status.hostName?.isEmpty == false)
            let stream =
                #"{"streams":[{"channel_name":"TE:A \"quoted\"","protocol":"CA","output_topic":"DEMO_sampleEnv","#
                + #""schema":"f144","epics_connection_status":"NEVER_CONNECTED"}]}"#
            #expect(status.statusJSON == stream)
        }
    }

    @Test func goesOnWhenASendFails() throws {
        let source = ScriptedSource(["TE:A"])
        let work = try loop(source)
        _ = try work.step()
        let time = Self.start * 1_000_000
        streams.failSend(StreamError(.storage, "disk full"))
        source.say(0, time, .double(1))
        source.say(0, time + 1, .double(2))
        _ = try work.step()
        #expect(lines.count == 2)
        #expect(metrics.prometheusText().contains(#"sluice_forwarder_failures_total{topic="DEMO_sampleEnv"} 1"#))
        streams.failSend(StreamError(.closed, "closed"))
        source.say(0, time + 2, .double(3))
        #expect(throws: StreamError.self) { try work.step() }
    }

    @Test func runsTheStandardSet() throws {
        let forwarder = Forwarder(
            streams: streams, configuration: ForwarderConfiguration(instrument: "DEMO"), metrics: metrics, clock: clock)
        let stop = StopSignal()
        let thread = Thread("test") { try? forwarder.run(until: stop) }
        // The first step sends a connection, a value and an alarm for each variable.
        let deadline = SystemClock().monotonicNanoseconds + 10_000_000_000
        while streams.records("DEMO_sampleEnv").count < 15, SystemClock().monotonicNanoseconds < deadline {
            _ = stop.wait(milliseconds: 1)
        }
        stop.request()
        thread.join()
        let names = Set(streams.records("DEMO_sampleEnv").map(\.keyText))
        #expect(names == Set(SimulatedPV.standardSet(instrument: "DEMO").map(\.name)))
        #expect(names.contains("TE:DEMO:CS:SB:Temp1"))
        #expect(lines.filter { $0.contains("CANCELLED") }.count == 5)
    }
}
