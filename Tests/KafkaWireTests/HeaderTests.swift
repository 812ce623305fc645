import Bytes
import KafkaWire
import Testing

@Suite struct HeaderTests {
    /// What librdkafka sends first: header version 2 with a client id that is not compact, then ApiVersions 3.
    @Test func behaviour19ReadsAnAPIVersionsRequestByteForByte() throws {
        let frame: [UInt8] =
            [0, 18, 0, 3, 0, 0, 0, 1, 0, 7] + Array("rdkafka".utf8) + [0, 11] + Array("librdkafka".utf8) + [6]
            + Array("2.0.2".utf8) + [0]
        try frame.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            let header = try RequestHeader(decoding: &reader)
            #expect(header == RequestHeader(.apiVersions, version: 3, correlationID: 1, clientID: "rdkafka"))
            let request = try APIVersionsRequest(decoding: &reader, version: 3)
            #expect(request.clientSoftwareName == "librdkafka")
            #expect(request.clientSoftwareVersion == "2.0.2")
            #expect(request.isValid)
            #expect(reader.remaining == 0)
        }
        var writer = ByteWriter()
        RequestHeader(.apiVersions, version: 3, correlationID: 1, clientID: "rdkafka").encode(into: &writer)
        APIVersionsRequest(clientSoftwareName: "librdkafka", clientSoftwareVersion: "2.0.2")
            .encode(into: &writer, version: 3)
        #expect(writer.array == frame)
    }

    @Test func responseHeadersOfAPIVersionsNeverHaveTaggedFields() {
        var writer = ByteWriter()
        ResponseHeader(correlationID: 7).encode(into: &writer, api: .apiVersions, version: 4)
        #expect(writer.array == [0, 0, 0, 7])
        ResponseHeader(correlationID: 8).encode(into: &writer, api: .metadata, version: 9)
        #expect(writer.array == [0, 0, 0, 7, 0, 0, 0, 8, 0])
    }

    @Test func headersOfUnknownAPIsAndVersionsAreReadUpToTheClientID() throws {
        for (key, version) in [(Int16(9999), Int16(0)), (3, 99), (-1, -1), (Int16.max, Int16.min)] {
            var writer = ByteWriter()
            RequestHeader(apiKey: key, version: version, correlationID: 3, clientID: nil).encode(into: &writer)
            try writer.withBytes { (bytes) throws(DecodeError) in
                var reader = ByteReader(bytes)
                let header = try RequestHeader(decoding: &reader)
                #expect(!header.isDecodable)
                #expect(header.correlationID == 3)
            }
        }
    }

    @Test(arguments: ["", "-a", "a-", "a b", "ä"]) func badSoftwareNamesAreNotValid(_ name: String) {
        #expect(!APIVersionsRequest(clientSoftwareName: name, clientSoftwareVersion: "1").isValid)
    }

    @Test func apiNamesAreSnakeCase() {
        #expect(APIKey.produce.name == "produce")
        #expect(APIKey.listOffsets.name == "list_offsets")
        #expect(APIKey.initProducerID.name == "init_producer_id")
        #expect(Set(APIKey.allCases.map(\.name)).count == APIKey.allCases.count)
    }
}
