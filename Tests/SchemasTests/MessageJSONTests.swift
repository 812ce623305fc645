import Schemas
import Testing

/// Messages to JSON and back, by the schemas' definitions.
@Suite struct MessageJSONTests {
    private func json(_ bytes: [UInt8], _ arrays: JSONArrays = .full) throws -> String {
        try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: arrays) }
    }

    private func encode(_ schema: String, _ text: String) throws -> [UInt8] {
        try #require(Schema.named(schema)).encode(json: text)
    }

    private func failure(_ schema: String, _ text: String) throws -> String {
        let schema = try #require(Schema.named(schema))
        do throws(MessageJSONError) {
            _ = try schema.encode(json: text)
            return "no error"
        } catch { return error.description }
    }

    @Test(arguments: GoldenMessage.all)
    func jsonMakesTheSameMessage(message: GoldenMessage) throws {
        let text = try json(message.bytes)
        let schema = try #require(Schema.named(message.schema))
        let again = try schema.encode(json: text)
        #expect(try json(again) == text)
        #expect(
            again.withUnsafeBytes { MessageDecoder.summary($0) }
                == message.bytes.withUnsafeBytes { MessageDecoder.summary($0) })
    }

    @Test func randomMessagesComeBack() throws {
        var messages = RandomMessages(seed: 11)
        for _ in 0..<50 {
            for bytes in messages.round() {
                let text = try json(bytes)
                let schema = try bytes.withUnsafeBytes { try Schema.of($0) }
                #expect(try json(schema.encode(json: text)) == text)
            }
        }
    }

    @Test(arguments: Schema.all.map(\.identifier))
    func examplesAreMessages(identifier: String) throws {
        let schema = try #require(Schema.named(identifier))
        let bytes = try schema.encode(json: schema.definition.example)
        let text = try json(bytes)
        #expect(text.hasPrefix(#"{"schema":"\#(schema.identifier)","#))
        #expect(try json(schema.encode(json: text)) == text)
        #expect(bytes.withUnsafeBytes { MessageDecoder.summary($0) }.hasPrefix(schema.identifier + " "))
    }

    @Test func absentIsAbsent() throws {
        let pulse = try encode("pu00", #"{"source_name": "s", "vetos": 0, "period_number": null}"#)
        try pulse.withUnsafeBytes { bytes in
            let view = try PU00(bytes)
            #expect(view.vetos == 0 && view.periodNumber == nil && view.protonCharge == nil)
        }
        let events = try encode(
            "ev44", #"{"source_name": "s", "reference_time": [], "reference_time_index": [], "pixel_id": []}"#)
        try events.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect(view.timeOfFlight == nil && view.pixelID?.isEmpty == true)
        }
        let start = try encode("pl72", "{}")
        let periods = try start.withUnsafeBytes { try PL72($0).nPeriods }
        #expect(periods == 1)
    }

    @Test func aDateStandsForItsTime() throws {
        let value = #""source_name": "s", "value_type": "Int", "value": 1"#
        for (date, time) in [
            ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123_456_789), ("1970-01-01", 0),
            ("2023-11-14 23:13:20.5+01:00", 1_700_000_000_500_000_000), ("1969-12-31T23:59:59.999999999", -1),
        ] as [(String, Int64)] {
            let bytes = try encode("f144", #"{\#(value), "timestamp_iso": "\#(date)"}"#)
            let found = try bytes.withUnsafeBytes { try F144($0).timestamp }
            #expect(found == time)
        }
        let stop = try encode("6s4t", #"{"stop_time_iso": "2023-11-14T22:14:20.123Z"}"#)
        let found = try stop.withUnsafeBytes { try RunStop6S4T($0).stopTime }
        #expect(found == 1_700_000_060_123)
    }

    @Test(arguments: [
        ("f144", "{", "not JSON at byte 1: expected \""),
        ("f144", "[1]", "expected an object, got a list"),
        ("f144", "{}", "field source_name: is required"),
        ("f144", #"{"source_name": "s"}"#, "field value: is required"),
        ("f144", #"{"source_name": 5}"#, "field source_name: expected text, got 5"),
        ("f144", #"{"schema": "ev44"}"#, #"field schema: expected "f144", got "ev44""#),
        (
            "f144", #"{"source_name": "s", "value_type": "Byte", "value": 128}"#,
            "field value: expected a whole number from -128 to 127, got 128"
        ),
        (
            "f144", #"{"source_name": "s", "value_type": "ArrayByte", "value": [1, 1.5]}"#,
            "field value[1]: expected a whole number from -128 to 127, got 1.5"
        ),
        (
            "f144", #"{"source_name": "s", "value_type": "Float", "value": 1e300}"#,
            #"field value: expected a number up to 3.4e38, "NaN", "Infinity" or "-Infinity", got 1e+300"#
        ),
        (
            "f144", #"{"source_name": "s", "value_type": "ArrayInt", "value": [1, 2], "value_count": 900}"#,
            "field value: 2 of 900 elements are there: it was shortened, write it in full"
        ),
        (
            "f144",
            #"{"source_name": "s", "value_type": "Int", "value": 1, "timestamp": 1, "timestamp_iso": "2020-01-01"}"#,
            "field timestamp_iso: it is another time than timestamp: leave one of them out"
        ),
        (
            "f144", #"{"source_name": "s", "timestamp_iso": "yesterday"}"#,
            #"field timestamp_iso: expected a date such as 2026-11-20T12:00:00.000Z, got "yesterday""#
        ),
        ("f144", #"{"source_name": "s", "source_name": "t"}"#, "field source_name: comes twice"),
        (
            "al00", #"{"severity": "BAD"}"#,
            #"field severity: expected one of OK, MINOR, MAJOR, INVALID, got "BAD""#
        ),
        (
            "al00", #"{"sevrity": "OK"}"#,
            "field sevrity: there is no such field; there are source_name, timestamp, severity, message"
        ),
        (
            "wrdn", #"{"service_id": "", "job_id": "", "error_encountered": 1}"#,
            "field error_encountered: expected true or false, got 1"
        ),
        (
            "hs01", #"{"current_shape": [1], "dim_metadata": [{}, {"length": "x"}]}"#,
            #"field dim_metadata[1].length: expected a whole number from -2147483648 to 2147483647, got "x""#
        ),
        (
            "pl72", #"{"detector_spectrum_map": {"spectrum": 4}}"#,
            "field detector_spectrum_map.spectrum: expected a list, got 4"
        ),
    ])
    func everyWrongFieldIsNamed(schema: String, text: String, message: String) throws {
        #expect(try failure(schema, text) == message)
    }

    @Test func unknownUnionMembersAreNamed() throws {
        let text = #"{"source_name": "s", "value_type": "Number", "value": 1}"#
        #expect(try failure("f144", text).hasPrefix("field value_type: expected one of Byte, UByte, Short,"))
        let typeless = #"{"source_name": "s", "value": 1}"#
        #expect(try failure("f144", typeless).hasPrefix("field value_type: is required: one of Byte, UByte,"))
    }
}

@Suite struct FieldPathTests {
    private func value(_ path: String, _ bytes: [UInt8]) throws -> FieldValue? {
        try bytes.withUnsafeBytes { bytes in
            try Schema.of(bytes).field(FieldPath(path)).value(in: bytes)
        }
    }

    @Test func valuesAreTyped() throws {
        let events = EV44.encoded(
            sourceName: "det1", messageID: -7, referenceTime: [0, 1_000_000_000], referenceTimeIndex: [0, 1],
            timeOfFlight: [5, 6], pixelID: nil)
        #expect(try value("schema", events) == .text("ev44"))
        #expect(try value("source_name", events) == .text("det1"))
        #expect(try value("message_id", events) == .integer(-7))
        #expect(try value("time_of_flight", events) == .count(2))
        #expect(try value("time_of_flight_count", events) == .count(2))
        #expect(try value("time_of_flight[1]", events) == .integer(6))
        #expect(try value("time_of_flight[2]", events) == nil)
        #expect(try value("pixel_id", events) == nil)
        #expect(try value("reference_time_iso[1]", events) == .text("1970-01-01T00:00:01.000000000Z"))
        let log = F144.encoded(sourceName: "pv", timestamp: 1, value: .uint64(.max))
        #expect(try value("value", log) == .unsigned(.max))
        #expect(try value("value_type", log) == .text("ULong"))
        #expect(try value("value_count", log) == nil)
        let array = F144.encoded(sourceName: "pv", timestamp: 1, value: .floatArray([1, 2.5]))
        #expect(try value("value[1]", array) == .real(2.5))
        #expect(try value("value_count", array) == .count(2))
        let done = WRDN.encoded(serviceID: "s", jobID: "j", errorEncountered: true, fileName: "f")
        #expect(try value("error_encountered", done) == .truth(true))
        let alarm = AL00.encoded(sourceName: nil, timestamp: 0, severity: .major, message: nil)
        #expect(try value("severity", alarm) == .text("MAJOR"))
        #expect(try value("source_name", alarm) == nil)
    }

    @Test func pathsGoIntoTables() throws {
        let map = DF12.Owned(spectrum: [4, 5], detectorID: [6, 7], nSpectra: 2)
        let start = PL72.encoded(
            startTime: 0, runName: nil, instrumentName: nil, nexusStructure: nil, jobID: nil, filename: nil,
            detectorSpectrumMap: map)
        #expect(try value("detector_spectrum_map.detector_id[1]", start) == .integer(7))
        let axis = HS01.OwnedDimension(length: 1, unit: "ns", label: "tof", binBoundaries: .double([0, 0.5]))
        let histogram = HS01.encoded(
            source: nil, timestamp: 0, dimensionMetadata: [axis], currentShape: [1], data: .int32([1]))
        #expect(try value("dim_metadata[0].unit", histogram) == .text("ns"))
        #expect(try value("dim_metadata[0].bin_boundaries[1]", histogram) == .real(0.5))
        #expect(try value("dim_metadata[1].unit", histogram) == nil)
        #expect(try value("dim_metadata", histogram) == .count(1))
    }

    @Test func aFieldOfAnySchema() throws {
        let source = try MessageField(FieldPath("source_name"))
        let log = F144.encoded(sourceName: "pv", timestamp: 1, value: .int8(1))
        let start = PL72.encoded(
            startTime: 0, runName: nil, instrumentName: nil, nexusStructure: nil, jobID: nil, filename: nil)
        #expect(try log.withUnsafeBytes { try source.value(in: $0) } == .text("pv"))
        #expect(try start.withUnsafeBytes { try source.value(in: $0) } == nil)
        #expect(try Array("hello, world".utf8).withUnsafeBytes { try source.value(in: $0) } == nil)
    }

    @Test(arguments: [
        ("", "field : is not a path such as source_name or data[0].name"),
        ("a..b", "field a..b: is not a path such as source_name or data[0].name"),
        ("a[x]", "field a[x]: is not a path such as source_name or data[0].name"),
        ("a[-1]", "field a[-1]: is not a path such as source_name or data[0].name"),
        ("severity", "field severity: none of ev44, f144 has such a field"),
        ("sourc", "field sourc: none of ev44, f144 has such a field"),
    ])
    func wrongPaths(path: String, message: String) throws {
        do throws(FieldPathError) {
            _ = try MessageField(FieldPath(path), in: ["ev44", "f144"])
            Issue.record("no error")
        } catch { #expect(error.description == message) }
    }

    @Test(arguments: [
        ("f144", "x", "field x: f144 has no x there; it has source_name, timestamp, value"),
        ("f144", "source_name[0]", "field source_name[0]: source_name of f144 is not an array"),
        ("f144", "source_name.x", "field source_name.x: source_name of f144 has no fields in it"),
        (
            "hs01", "dim_metadata.unit",
            "field dim_metadata.unit: dim_metadata is an array: say which element, dim_metadata[0]"
        ),
    ])
    func wrongFields(schema: String, path: String, message: String) throws {
        let schema = try #require(Schema.named(schema))
        do throws(FieldPathError) {
            _ = try schema.field(FieldPath(path))
            Issue.record("no error")
        } catch { #expect(error.description == message) }
    }
}
