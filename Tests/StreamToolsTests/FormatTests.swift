import Schemas
import StreamTools
import Streams
import Testing

@Suite struct FormatTests {
    private let partition = TopicPartition("T_events", 3)
    private let message = F144.encoded(sourceName: "IN:TEMP", timestamp: 1_700_000_000_000_000_000, value: .double(4.5))

    private func text(_ format: String, _ value: [UInt8]?, key: String? = nil) throws -> String {
        var output: [UInt8] = []
        let format = try #require(try RecordFormat.parse(format))
        withRecord(value, key: key) { format.append($0, partition, .shortened(8), to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func templatesAreKcats() throws {
        let value = Array("hello".utf8)
        #expect(
            try text("%t [%p] %o %k=%s %S %K %T %h %%\\n", value, key: "k")
                == "T_events [3] 12 k=hello 5 1 1000 run=12 %\n")
        #expect(try text("%s|%S|%k|%K", nil) == "|-1||-1")
        #expect(try text("%F %j", message).hasPrefix("f144 {\"schema\":\"f144\""))
        #expect(try text("%D\\t\\x41\\x0a", value) == "1970-01-01T00:00:01.000Z\tA\n")
        var bytes: [UInt8] = []
        let framed = try #require(try RecordFormat.parse("%R%s"))
        withRecord(value) { framed.append($0, partition, .full, to: &bytes) }
        #expect(bytes == [0, 0, 0, 5] + value)
    }

    @Test(arguments: [("%", 0), ("%q", 0), ("ab%s%", 4), ("%s\\x4", 2), ("%s\\", 2)])
    func templatesTellTheirMistakes(_ template: String, _ position: Int) {
        let error = #expect(throws: TemplateSyntaxError.self) { try RecordTemplate(template) }
        #expect(error?.position == position)
    }

    @Test func linesShowWhereAndWhat() throws {
        let line = try text("table", message, key: "k")
        #expect(line.hasPrefix("3:12"))
        for part in ["1970-01-01T00:00:01.000Z", "f144", "key=k", "headers=run=12", "\"source_name\":\"IN:TEMP\""] {
            #expect(line.contains(part), "\(part)")
        }
        #expect(try text("table", Array("hello".utf8)).contains("  text   headers=run=12  hello"))
        #expect(try text("table", [0, 1, 255]).contains("bytes  headers=run=12  0x0001ff"))
        #expect(try text("table", nil).contains("(no value)"))
        #expect(try text("table", Array(message.dropLast(20))).contains("malformed f144 message"))
        #expect(try text("raw", Array("hello".utf8)) == "hello")
        #expect(try RecordFormat.parse("nothing") == nil)
    }

    @Test func objectsCarryEverything() throws {
        let node = try JSONParser.parse(try text("json", message, key: "k"))
        #expect(node["topic"]?.text == "T_events" && node["partition"]?.integer == 3 && node["offset"]?.integer == 12)
        #expect(node["timestamp"]?.integer == 1000 && node["schema"]?.text == "f144" && node["key"]?.text == "k")
        #expect(node["value"]?["source_name"]?.text == "IN:TEMP")
        #expect(node["headers"]?.list?.first?["value"]?.text == "12")
        let cut = try JSONParser.parse(try text("json", Array(message.dropLast(20))))
        #expect(cut["schema"]?.text == "f144" && cut["error"]?.text?.contains("malformed") == true)
        #expect(try JSONParser.parse(try text("json", nil))["value"] == .null)
    }

    @Test func salukisLines() {
        func line(_ value: [UInt8]?, key: Bool = false, terse: Bool = false) -> String {
            var line = ""
            withRecord(value, key: "\u{1}\u{2}") {
                line = SalukiText.line($0, partition, showsKey: key, isTerse: terse)
            }
            return line
        }
        let pulse = PU00.encoded(
            sourceName: "saluki", messageID: 7, referenceTime: 5, vetos: 1, periodNumber: 0, protonCharge: 0.5)
        let expected =
            #"[partition=3] PulseMetadataPu00(Pu00Message { source_name: "saluki", message_id: 7, reference_time: 5, vetos: 1, period_number: 0, proton_charge: 0.5 })"#
        #expect(line(pulse) == expected)
        #expect(line(pulse, key: true, terse: true) == "[partition=3 key=[1, 2]] pu00 (\(pulse.count) bytes)")
        #expect(line(Array("hello".utf8)).contains("UnsupportedSchema"))
        #expect(line(nil).contains("No payload in message"))
        #expect(line(Array(pulse.dropLast(8))).contains("InvalidFlatbuffer"))
    }

    @Test func digitsGoBothWays() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(($0 * 77 + 250) & 255) }
            #expect(Base64.bytes(Base64.text(bytes)) == bytes)
            #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
        }
        #expect(Base64.text(Array("light w".utf8)) == "bGlnaHQgdw==")
        #expect(Base64.bytes("bGlnaHQgdw") == Array("light w".utf8))
        #expect(Base64.bytes("bGln\n aHQg dw==") == Array("light w".utf8))
        for bad in ["a", "a=b=", "ab=c", "a*bc", "===="] { #expect(Base64.bytes(bad) == nil, "\(bad)") }
        #expect(Hexadecimal.bytes("0x00 fF:10") == [0, 255, 16])
        for bad in ["0", "0g", "é0"] { #expect(Hexadecimal.bytes(bad) == nil, "\(bad)") }
    }

    /// Messages can claim whatever they like: that must not become as many lines, nor series of metrics.
    @Test func unknownSchemasAreCountedTogether() {
        var tally = SchemaTally()
        for number in 0..<5000 {
            let identifier =
                String(repeating: "0", count: 4 - String(number, radix: 36).count) + String(number, radix: 36)
            ([0, 0, 0, 0] + Array(identifier.utf8) + [0xff, 0xff]).withUnsafeBytes { tally.count($0) }
        }
        #expect(tally.bySchema.keys.sorted() == ["bytes"])
        #expect(tally.total.messages == 5000 && tally.total.bytes == 50_000)
    }

    @Test func unknownSchemasAreNamed() {
        func line(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { Payload($0).line(.full) } }
        let unknown = [8, 0, 0, 0] + Array("zz99".utf8) + [0xff]
        #expect(line(unknown) == "no decoder for messages of schema zz99: 0x080000007a7a3939ff")
        #expect(line([8, 0, 0, 0] + Array("z~ 9".utf8) + [0xff]) == "0x080000007a7e2039ff")
        unknown.withUnsafeBytes { bytes in
            let payload = Payload(bytes)
            #expect(payload.schema == "bytes" && !payload.isDecoded)
            #expect(payload.fault == .unknownSchema(identifier: "zz99"))
        }
        var json = ""
        withRecord(unknown) { json = RecordText.json($0, TopicPartition("t", 0), .full) }
        #expect(json.contains(#""schema":"bytes","size":9"#) && json.contains("messages of schema zz99"))
    }

    @Test func talliesBySchema() {
        var tally = SchemaTally()
        let events = EV44.encoded(
            sourceName: "d", messageID: 1, referenceTime: [1], referenceTimeIndex: [0], timeOfFlight: [1, 2, 3],
            pixelID: [1, 2, 3])
        for value in [events, events, message] { value.withUnsafeBytes { tally.count($0) } }
        tally.count(nil)
        Array("hello".utf8).withUnsafeBytes { tally.count($0) }
        #expect(tally.bySchema["ev44"]?.events == 6 && tally.bySchema["ev44"]?.messages == 2)
        #expect(tally.bySchema["f144"]?.bytes == Int64(message.count))
        #expect(tally.bySchema["null"]?.messages == 1 && tally.bySchema["text"]?.bytes == 5)
        #expect(tally.total.messages == 5 && tally.total.events == 6)
    }
}
