import Bytes
import KafkaWire
import Testing

@Suite struct HostileCountTests {
    private func decode<Message: WireMessage>(_ type: Message.Type, _ version: Int16, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            _ = try Message(decoding: &reader, version: version)
        }
    }

    @Test(
        arguments: [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xfe], [0x80, 0, 0, 0], [0, 0, 1, 0]] as [[UInt8]])
    func anArrayCountBeyondTheBytesIsAnError(_ count: [UInt8]) {
        #expect(throws: DecodeError.self) { try decode(MetadataRequest.self, 1, count + [0, 1, 65]) }
        #expect(throws: DecodeError.self) { try decode(OffsetFetchRequest.self, 1, [0, 1, 65] + count + [0, 1, 65]) }
    }

    @Test(
        arguments: [[0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x7f], [0x80, 0x80, 0x80, 0x80, 0x80]]
            as [[UInt8]])
    func aCompactCountBeyondTheBytesIsAnError(_ count: [UInt8]) {
        #expect(throws: DecodeError.self) { try decode(MetadataRequest.self, 9, count + [2, 65, 0, 1, 0, 0]) }
        #expect(throws: DecodeError.self) { try decode(APIVersionsRequest.self, 3, count + [65]) }
    }

    @Test func tooManyElementsAreRefusedThoughTheirBytesAreThere() throws {
        func request(_ count: Int) -> [UInt8] {
            var writer = ByteWriter(capacity: 3 * count)
            writer.unsignedVarint(UInt32(count) + 1)
            for _ in 0..<count { writer.append([2, 65, 0] as [UInt8]) }
            writer.append([1, 0, 0, 0] as [UInt8])
            return writer.array
        }
        try decode(MetadataRequest.self, 9, request(1000))
        #expect(throws: DecodeError.self) {
            try decode(MetadataRequest.self, 9, request(WireDecoder.elementCountMax + 1))
        }
    }

    @Test func taggedFieldsAreSkippedAndTheirLengthsChecked() throws {
        // Two unknown tags behind ApiVersions 3: tag 5 with 3 bytes, tag 9 without any.
        try decode(APIVersionsRequest.self, 3, [2, 65, 2, 49, 2, 5, 3, 1, 2, 3, 9, 0])
        #expect(throws: DecodeError.self) { try decode(APIVersionsRequest.self, 3, [2, 65, 2, 49, 1, 5, 200, 1, 1]) }
        // A tag that is known: the cluster id of Fetch 12, with its own length, a longer, a shorter and an absurd one.
        let fetch: [UInt8] = [0, 0, 0, 0] + [UInt8](repeating: 0, count: 21) + [1, 1, 1]
        try decode(FetchRequest.self, 12, fetch + [1, 0, 2, 2, 65])
        for size in [1, 3, 0, 127] as [UInt8] {
            #expect(throws: DecodeError.self) { try decode(FetchRequest.self, 12, fetch + [1, 0, size, 2, 65, 0, 0]) }
        }
        #expect(throws: DecodeError.self) {
            try decode(APIVersionsRequest.self, 3, [2, 65, 2, 49, 0xc0, 0x84, 0x3d] + [UInt8](repeating: 0, count: 50))
        }
    }

    @Test(arguments: [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xf0], [0, 0, 0, 9]] as [[UInt8]])
    func aRecordSetBeyondTheBytesIsAnError(_ count: [UInt8]) {
        let head: [UInt8] = [0xff, 0xff, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 65, 0, 0, 0, 1, 0, 0, 0, 0]
        #expect(throws: DecodeError.self) { try decode(ProduceRequest.self, 3, head + count + [1, 2, 3]) }
        #expect(throws: Never.self) { try decode(ProduceRequest.self, 3, head + [0, 0, 0, 3, 1, 2, 3]) }
    }

    @Test func textThatIsNoUTF8IsAnError() {
        #expect(throws: DecodeError.self) { try decode(MetadataRequest.self, 1, [0, 0, 0, 1, 0, 2, 0xc3, 0x28]) }
    }

    @Test func longTextIsCutAtACharacter() throws {
        var writer = ByteWriter()
        writer.kafkaString(String(repeating: "ä", count: 20_000), flexible: false)
        try writer.withBytes { (bytes) throws(DecodeError) in
            var reader = ByteReader(bytes)
            #expect(try reader.kafkaString(flexible: false) == String(repeating: "ä", count: 16_383))
            #expect(reader.remaining == 0)
        }
    }

    @Test func externalRecordSetsAreMarkedWhereTheyBelong() {
        for version in 4...12 as ClosedRange<Int16> {
            func response(_ records: [WireRecords]) -> FetchResponse {
                let partitions = records.enumerated().map { FetchResponse.Partition(index: Int32($0), records: $1) }
                return FetchResponse(topics: [.init(name: "t", partitions: partitions)])
            }
            let bytes = Array(UInt8(1)...200)
            let expected = bytes.withUnsafeBytes { bytes in
                var writer = ByteWriter()
                response([.view(bytes), .external(byteCount: 0), .null, .view(bytes)]).encode(
                    into: &writer, version: version)
                return writer.array
            }
            var writer = ByteWriter()
            writer.int32(99)
            let marks = response([.external(byteCount: 200), .external(byteCount: 0), .null, .external(byteCount: 200)])
                .encodeMarkingRecords(into: &writer, version: version)
            #expect(marks.map(\.byteCount) == [200, 200])
            var assembled = writer.array
            for mark in marks.reversed() { assembled.insert(contentsOf: bytes, at: mark.writerOffset) }
            #expect(Array(assembled[4...]) == expected)
        }
    }
}
