import Schemas
import StreamTools
import Streams
import Testing

@Suite struct FilterTests {
    private static let value = F144.encoded(
        sourceName: "IN:TEMP", timestamp: 1_700_000_000_000_000_000, value: .double(4.5))
    private static let pulse = PU00.encoded(
        sourceName: "det1", messageID: 7, referenceTime: 1_700_000_000_000_000_000, vetos: 3, periodNumber: nil,
        protonCharge: 0.5)

    private func matches(_ text: String, _ message: [UInt8]?, key: String? = nil) throws -> Bool {
        let filter = MessageFilter(try FilterExpression(text))
        var result = false
        withRecord(message, key: key) { result = filter.matches($0, TopicPartition("T_events", 3)) }
        return result
    }

    @Test(arguments: [
        (#"source_name == "IN:TEMP""#, true), ("source_name = 'IN:TEMP'", true), ("source_name != 'IN:TEMP'", false),
        ("source_name == IN:TEMP", true), ("source_name ~ 'IN:*'", true), ("source_name !~ 'IN:*'", false),
        ("source_name =~ *TEMP", true), ("value > 4", true), ("value >= 4.5 and value <= 4.5", true),
        ("value < 4", false),
        ("value_type == Double", true), ("not value_type == Int", true), ("!(value > 4)", false),
        ("value > 100 or value == 4.5", true), ("value > 100 || value > 200", false), ("value", true),
        ("schema == f144", true), ("schema in (ev44, f144)", true), ("schema in (ev44)", false),
        ("timestamp == 1700000000000000000", true), ("timestamp_iso > '2023-11-14'", true),
        ("message_id == 7", false), ("message_id != 7", false), ("message_id", false), ("not message_id", true),
        ("record.offset == 12", true), ("record.partition == 3 && record.topic == T_events", true),
        ("record.timestamp < 2000", true), ("record.size > 10", true), ("record.schema == f144", true),
        ("record.header.run == 12", true), ("record.header.none", false), ("record.key == k", true),
        ("value == x", false), ("value != x", true), ("record.offset in (1, 12)", true),
        ("value > 4 or value > 100 and value < 0", true),
    ]) func decides(_ text: String, _ expected: Bool) throws {
        #expect(try matches(text, Self.value, key: "k") == expected)
    }

    @Test func knowsAbsentFieldsFromZero() throws {
        #expect(try matches("vetos == 3 and message_id == 7", Self.pulse))
        #expect(try !matches("period_number == 0", Self.pulse))
        #expect(try matches("not period_number", Self.pulse))
        #expect(try matches("proton_charge == 0.5", Self.pulse))
    }

    @Test func otherPayloadsHaveNoFields() throws {
        for payload in [nil, [], Array("hello".utf8), Array(Self.value.dropLast(20))] as [[UInt8]?] {
            #expect(try !matches("source_name ~ '*'", payload))
            #expect(try matches("record.offset == 12", payload))
        }
        #expect(try matches("record.schema == text", Array("hello".utf8)))
        #expect(try matches("record.schema == null", nil))
    }

    @Test(arguments: [
        ("", 0), ("source_name ==", 14), ("source_name == 'x", 15), ("(source_name == x", 17),
        ("source_name == x)", 16), ("nosuchfield == 1", 0), ("source_name == x and", 20), ("partition == 1", 0),
        ("record.x == 1", 0), ("# == 1", 0),
        ("schema in ev44", 10), ("schema in (ev44", 15), ("source_name == x y", 17), ("== 1", 0),
        (String(repeating: "(", count: 100), 64),
    ]) func pointsAtTheMistake(_ text: String, _ position: Int) {
        let error = #expect(throws: FilterSyntaxError.self) { try FilterExpression(text) }
        #expect(error?.position == position, "\(error.map { "\($0)" } ?? "")")
    }

    @Test(
        arguments: [
            ("sourc == 1", nil, "at character 1: field sourc: no schema has such a field"),
            (
                "partition == 1", nil,
                "at character 1: field partition: no schema has such a field; the record's own is record.partition"
            ),
            ("value == 1 and x", ["pu00", "f144"], "at character 16: field x: none of pu00, f144 has such a field"),
            (
                "severity == MAJOR", ["f144"],
                "at character 1: field severity: f144 has no severity there; it has source_name, timestamp, value"
            ),
            ("value == 1", ["zz99"], "at character 1: field value: there is no schema zz99"),
        ] as [(String, [String]?, String)]) func namesTheField(text: String, schemas: [String]?, message: String)
    {
        let error = #expect(throws: FilterSyntaxError.self) { try FilterExpression(text, in: schemas) }
        #expect(error?.description == message)
    }

    @Test func looksIntoTheNamedSchemasOnly() throws {
        let filter = MessageFilter(try FilterExpression("source_name == det1", in: ["f144", "pu00"]))
        let other = MessageFilter(try FilterExpression("source_name == det1", in: ["f144"]))
        withRecord(Self.pulse) { record in
            #expect(filter.matches(record, TopicPartition("T_events", 0)))
            #expect(!other.matches(record, TopicPartition("T_events", 0)))
        }
    }

    @Test(arguments: [
        ("LARMOR_events", "LARMOR_*", true), ("LARMOR_events", "*_ev?nts", true), ("LARMOR_events", "LARMOR", false),
        ("", "*", true), ("abc", "a*b*c*", true), ("abc", "a?", false),
    ]) func patterns(text: String, pattern: String, matches: Bool) {
        #expect(TextPattern.matches(text, pattern) == matches)
    }
}

/// Lets `body` see a record at offset 12 with time 1000 and the header run=12.
func withRecord(
    _ value: [UInt8]?, key: String? = nil,
    headers: [StreamHeader] = [StreamHeader(key: "run", value: Array("12".utf8))],
    time: Int64 = 1000, _ body: (StreamRecord) -> Void
) {
    func borrow(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Void) {
        if let bytes { bytes.withUnsafeBytes { body($0) } } else { body(nil) }
    }
    borrow(key.map { Array($0.utf8) }) { key in
        borrow(value) { value in
            body(
                StreamRecord(
                    assignment: 0, offset: 12, timestampMilliseconds: time, key: key, value: value, headers: headers))
        }
    }
}
