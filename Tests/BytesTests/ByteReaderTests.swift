import Bytes
import Testing

@Suite struct ByteReaderTests {
    @Test func readsBackWhatWasWritten() throws {
        var writer = ByteWriter(capacity: 1)
        writer.int8(-2)
        writer.int16(-300)
        writer.int32(.min)
        writer.int64(.max)
        writer.float64(-1.5)
        for value: UInt32 in [0, 127, 128, .max] { writer.unsignedVarint(value) }
        for value: Int32 in [0, -1, 63, -65, .min, .max] { writer.varint(value) }
        for value: Int64 in [0, -1, .min, .max] { writer.varlong(value) }
        writer.utf8("µs")
        let identifier = UUID.random()
        writer.uuid(identifier)
        try writer.withBytes { (bytes) throws in
            var reader = ByteReader(bytes)
            #expect(try reader.int8() == -2)
            #expect(try reader.int16() == -300)
            #expect(try reader.int32() == .min)
            #expect(try reader.int64() == .max)
            #expect(try reader.float64() == -1.5)
            for value: UInt32 in [0, 127, 128, .max] { #expect(try reader.unsignedVarint() == value) }
            for value: Int32 in [0, -1, 63, -65, .min, .max] { #expect(try reader.varint() == value) }
            for value: Int64 in [0, -1, .min, .max] { #expect(try reader.varlong() == value) }
            #expect(try reader.utf8(3) == "µs")
            #expect(try reader.uuid() == identifier)
            #expect(reader.remaining == 0)
            #expect(throws: DecodeError.self) { try reader.int8() }
        }
    }

    @Test func refusesVarintsThatAreTooLong() {
        let endless = [UInt8](repeating: 0xff, count: 16)
        endless.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(throws: DecodeError.self) { try reader.unsignedVarint() }
            var other = ByteReader(bytes)
            #expect(throws: DecodeError.self) { try other.varlong() }
        }
    }

    @Test(arguments: [-1, 5, Int.max])
    func refusesCountsBeyondTheEnd(count: Int) {
        [UInt8](repeating: 0, count: 4).withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            #expect(throws: DecodeError.self) { try reader.view(count) }
        }
    }

    @Test func identifiersHaveTwoTextForms() {
        let identifier = UUID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        #expect(identifier.description == "01234567-89ab-cdef-fedc-ba9876543210")
        #expect(UUID(identifier.description) == identifier)
        #expect(identifier.base64.utf8.count == 22)
        #expect(UUID(base64: identifier.base64) == identifier)
        #expect(UUID("not an identifier") == nil)
    }

    @Test func writerDropsItsFront() {
        var writer = ByteWriter()
        writer.append([1, 2, 3, 4])
        writer.removeFirst(3)
        #expect(writer.array == [4])
    }
}
