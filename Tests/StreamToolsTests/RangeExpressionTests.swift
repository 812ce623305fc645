import StreamTools
import Streams
import TestSupport
import Testing

@Suite struct RangeExpressionTests {
    /// 2026-11-20T12:00:00Z.
    private static let now: Int64 = 1_795_176_000_000

    private func parse(_ texts: String...) throws -> RangeExpression {
        try RangeExpression(texts, nowMilliseconds: Self.now)
    }

    @Test func readsEveryForm() throws {
        let forms: [(String, RangeExpression)] = [
            ("beginning", .init(.beginning)), ("earliest", .init(.beginning)), ("end", .init(.end)),
            ("latest", .init(.end)), ("42", .init(.offset(42))), ("-5", .init(.beforeEnd(5))),
            ("+7", .init(.afterBeginning(7))), ("1:3", .init(.offset(1), .offset(3))), ("1:", .init(.offset(1))),
            (":9", .init(.beginning, .offset(9))), ("5:+10", .init(.offset(5), .count(10))),
            ("-5:end", .init(.beforeEnd(5), .now)), ("@1000", .init(.time(1000))),
            ("@1000:2000", .init(.time(1000), .time(2000))), ("@1000:@2000", .init(.time(1000), .time(2000))),
            ("@2026-11-20:2026-11-21", .init(.time(1_795_132_800_000), .time(1_795_219_200_000))),
            ("@2026-11-20T11:00:12:30", .init(.time(1_795_172_400_000), .time(1_795_177_800_000))),
            ("@-1h:-30m", .init(.time(Self.now - 3_600_000), .time(Self.now - 1_800_000))),
            ("@-5m:", .init(.time(Self.now - 300_000))), ("@-5m:end", .init(.time(Self.now - 300_000), .now)),
            ("s@1000", .init(.time(1000))), ("e@2000", .init(.beginning, .time(2000))),
            ("run:12", .init(.beginning, run: .number(12))), ("run:last", .init(.beginning, run: .last)),
        ]
        for (text, expected) in forms { #expect(try parse(text) == expected, "\(text)") }
        #expect(try parse("s@1000", "e@2000") == .init(.time(1000), .time(2000)))
    }

    @Test(arguments: ["", "x", "1:x", "3:1", "@", "@x", "@2000:1000", "run:", "run:x", "run:-1", "--5", "s@x", "1:-2"])
    func refusesWhatIsNone(_ text: String) {
        #expect(throws: RangeSyntaxError.self) { try parse(text) }
    }

    @Test func readsTimes() {
        let times: [(String, Int64?)] = [
            ("1700000000000", 1_700_000_000_000), ("1700000000", 1_700_000_000_000),
            ("1700000000000000000", 1_700_000_000_000), ("1700000000000000", 1_700_000_000_000), ("5", 5),
            ("2026-11-20", 1_795_132_800_000), ("2026-11-20T12:00:00Z", Self.now), ("2026-11-20 12:00", Self.now),
            ("2026-11-20T13:00:00+01:00", Self.now), ("2026-11-20T12:00:00.250", Self.now + 250),
            ("12:00", Self.now), ("12:00:01", Self.now + 1000), ("now", Self.now), ("today", 1_795_132_800_000),
            ("yesterday", 1_795_046_400_000), ("90s", Self.now - 90_000), ("-1d", Self.now - 86_400_000),
            ("500ms", Self.now - 500), ("25:00", nil), ("2026-13-01", nil), ("soon", nil), ("5x", nil), ("", nil),
        ]
        for (text, expected) in times where !text.isEmpty {
            #expect(Moment.milliseconds(text, nowMilliseconds: Self.now) == expected, "\(text)")
        }
    }

    private func scripted() -> ScriptedStreams {
        let streams = ScriptedStreams()
        streams.create("T_events", partitions: 2)
        for time in 0..<10 { streams.append("T_events", Int64(time) * 100, [UInt8(time)]) }
        for time in 0..<4 { streams.append("T_events", Int64(time) * 100, [UInt8(time)], partition: 1) }
        streams.dropRecords("T_events", before: 2)
        return streams
    }

    @Test func resolvesAgainstWhatIsThere() throws {
        let streams = scripted()
        func spans(_ text: String, follows: Bool = false) throws -> [[Int64?]] {
            try parse(text).ranges("T_events", nil, streams, follows: follows).map { [$0.start, $0.end] }
        }
        #expect(try spans("beginning") == [[2, 10], [0, 4]])
        #expect(try spans("beginning", follows: true) == [[2, nil], [0, nil]])
        #expect(try spans("end") == [[10, 10], [4, 4]])
        #expect(try spans("-3") == [[7, 10], [1, 4]])
        #expect(try spans("-100") == [[2, 10], [0, 4]])
        #expect(try spans("+1") == [[3, 10], [1, 4]])
        #expect(try spans("6:8") == [[6, 8], [4, 4]])
        #expect(try spans("1:+2") == [[2, 4], [1, 3]])
        #expect(try spans("@250") == [[3, 10], [3, 4]])
        #expect(try spans("@250:700") == [[3, 7], [3, 4]])
        #expect(try spans("@250:700", follows: true) == [[3, 7], [3, nil]])
    }

    @Test func tellsWhatDoesNotExist() throws {
        let streams = scripted()
        func code(_ text: String, _ topic: String = "T_events", _ partitions: [Int32]? = nil) throws -> StreamError
            .Code?
        {
            let expression = try parse(text)
            return #expect(throws: StreamError.self) {
                try expression.ranges(topic, partitions, streams, follows: false)
            }?.code
        }
        #expect(try code("beginning", "nothing") == .unknownTopic)
        #expect(try code("beginning", "T_events", [2]) == .unknownTopic)
        #expect(try code("11") == .offsetOutOfRange)
        #expect(try code("1", "T_events", [0]) == .offsetOutOfRange)
        #expect(try code("run:1") == .unknownTopic)
    }
}
