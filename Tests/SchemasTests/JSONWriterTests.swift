import FlatBuffers
import Schemas
import Testing

@Suite struct JSONWriterTests {
    @Test func escapesAndNests() {
        var json = JSONWriter()
        json.object { json in
            json.field("text", "a\"b\\c\n\t\r\u{1}µ🙂")
            json.field("numbers", Int64.min)
            json.field("large", UInt64.max)
            json.key("list")
            json.array { json in
                json.value(1.5)
                json.value(true)
                json.null()
                json.array { _ in }
                json.object { _ in }
            }
            json.field("absent", ifPresent: nil as Int?)
            json.field("unknown", orNull: nil as Int?)
        }
        let expected =
            #"{"text":"a\"b\\c\n\t\r\u0001µ🙂","numbers":-9223372036854775808,"large":18446744073709551615,"#
            + #""list":[1.5,true,null,[],{}],"unknown":null}"#
        #expect(json.text == expected)
    }

    @Test(arguments: [
        (Double.nan, "\"NaN\""), (.infinity, "\"Infinity\""), (-.infinity, "\"-Infinity\""), (0.1, "0.1"),
        (1e300, "1e+300"), (-0.0, "-0.0"),
    ])
    func floatingPoint(value: Double, text: String) {
        var json = JSONWriter()
        json.value(value)
        #expect(json.text == text)
    }

    @Test func arraysAreShortened() {
        let numbers: [Int32] = [1, 2, 3, 4]
        numbers.withUnsafeBytes { bytes in
            var json = JSONWriter(arrays: .shortened(2))
            json.object { $0.field("n", elements: FlatVector<Int32>(bytes)) }
            #expect(json.text == #"{"n":[1,2],"n_count":4}"#)
            json = JSONWriter(arrays: .shortened(4))
            json.object { $0.field("n", elements: FlatVector<Int32>(bytes)) }
            #expect(json.text == #"{"n":[1,2,3,4]}"#)
        }
    }
}

@Suite struct CivilTimeTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000000Z"),
        (1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456789Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (.max, "2262-04-11T23:47:16.854775807Z"),
        (.min, "1677-09-21T00:12:43.145224192Z"),
    ])
    func nanoseconds(time: Int64, text: String) {
        #expect(CivilTime.iso(nanoseconds: time) == text)
    }

    @Test func milliseconds() {
        #expect(CivilTime.iso(milliseconds: 1_700_000_060_123) == "2023-11-14T22:14:20.123Z")
        #expect(CivilTime.iso(milliseconds: 253_402_300_799_999) == "9999-12-31T23:59:59.999Z")
        #expect(CivilTime.iso(milliseconds: 253_402_300_800_000) == nil)
        #expect(CivilTime.iso(milliseconds: .max) == nil)
    }
}
