import Testing

@testable import Schemas

@Suite struct ShapeMismatchTests {
    @Test(
        arguments: [
            ([2, 3], 6, nil), ([], 1, nil), ([0, 9], 0, nil), ([7], 7, nil), ([.max, 0, .max], 0, nil),
            ([2, 3], 5, "5 elements, but the shape 2x3 stands for 6"),
            ([], 4, "4 elements, but a shape without axes stands for 1"),
            ([0, 9], 1, "1 elements, but the shape 0x9 stands for 0"),
            ([-1, -6], 6, "6 elements, but the shape -1x-6 is impossible"),
            ([.max, 2], 0, "0 elements, but the shape 9223372036854775807x2 is impossible"),
            ([1, 1, 1, 1, 1, 1, 1, 1, 1], 2, "2 elements, but the shape 1x1x1x1x1x1x1x1x... stands for 1"),
        ] as [([Int64], Int, String?)]) func comparesElementsWithShapes(shape: [Int64], count: Int, text: String?)
    {
        let mismatch = ShapeMismatch(count: count, of: .number(.int32), shape)
        #expect(mismatch?.description == text)
        #expect(ShapeMismatch(count: count, of: .text, shape) == nil)
        #expect(ShapeMismatch(count: count, of: .bytes, shape) == nil)
    }

    @Test func sizesBeyondInt64AreImpossible() {
        #expect(
            ShapeMismatch(count: 1, of: .number(.int8), [UInt64.max])?.description.hasSuffix("is impossible") == true)
    }

    private static let text = "2 elements, but the shape 2x2 stands for 4"

    private static let wrong: [(String, [UInt8])] = [
        (
            "data",
            .message {
                AD00.encode(sourceName: "c", id: 1, timestamp: 1, dimensions: [2, 2], data: .int16([1, 2]), into: &$0)
            }
        ),
        (
            "data",
            .message {
                ADAr.encode(
                    sourceName: "c", id: 1, timestamp: 1, dimensions: [2, 2], data: .double([1, 2]), into: &$0)
            }
        ),
        ("pData", .message { NDAr.encode(id: 1, timeStamp: 1, dimensions: [2, 2], data: .uint8([1, 2]), into: &$0) }),
        (
            "data[0].data",
            .message {
                DA00.encode(
                    sourceName: "d", timestamp: 1,
                    data: [DA00.OwnedVariable(name: "signal", shape: [2, 2], data: .float([1, 2]))], into: &$0)
            }
        ),
    ]

    @Test func viewsOfferIt() throws {
        let found = try Self.wrong.map(\.1).map { message in
            try message.withUnsafeBytes { bytes in
                switch SchemaIdentifier.of(bytes) {
                case "ad00": try AD00(bytes).dataMismatch
                case "ADAr": try ADAr(bytes).dataMismatch
                case "NDAr": try NDAr(bytes).dataMismatch
                default: try DA00(bytes).data[0].dataMismatch
                }
            }
        }
        #expect(found.map { $0?.description } == Array(repeating: Self.text, count: 4))
        #expect(found.allSatisfy { $0?.count == 2 })
    }

    @Test func jsonLinesAndConditionsSayIt() throws {
        for (path, message) in Self.wrong {
            try message.withUnsafeBytes { bytes in
                let schema = try Schema.of(bytes)
                let json = try schema.json(bytes, arrays: .full)
                let name = path.split(separator: ".").last ?? ""
                #expect(json.contains("\"\(name)_mismatch\":\"\(Self.text)\""), "\(json)")
                #expect(MessageDecoder.summary(bytes).hasSuffix(": \(Self.text)"))
                let field = try schema.field(FieldPath(path + "_mismatch"))
                #expect(try field.value(in: bytes) == .text(Self.text))
                // What says so itself can be made again; without that it is a mistake.
                let again = try schema.encode(json: json)
                #expect(try again.withUnsafeBytes { try schema.json($0, arrays: .full) } == json)
                let silent = json.replacing(",\"\(name)_mismatch\":\"\(Self.text)\"", with: "")
                let error = #expect(throws: MessageJSONError.self) { try schema.encode(json: silent) }
                #expect(error?.path == path && error?.reason == Self.text)
            }
        }
    }

    @Test func rightOnesSayNothing() throws {
        let schema = try #require(Schema.named("ad00"))
        let bytes = try schema.encode(json: schema.definition.example)
        try bytes.withUnsafeBytes { bytes in
            let view = try AD00(bytes)
            #expect(view.dataMismatch == nil)
            #expect(try !schema.json(bytes, arrays: .full).contains("mismatch"))
            #expect(try schema.field(FieldPath("data_mismatch")).value(in: bytes) == nil)
        }
        // Only an array with a shape can disagree with it.
        #expect(throws: FieldPathError.self) { try schema.field(FieldPath("attributes[0].data_mismatch")) }
        #expect(throws: FieldPathError.self) { try schema.field(FieldPath("dimensions_mismatch")) }
    }

    @Test func bytesOfUnknownMeaningAreNumbers() throws {
        let schema = try #require(Schema.named("da00"))
        let json = #"{"source_name":"d","data":[{"name":"x","data_type":"none","shape":[2],"data":[1,2,3,4]}]}"#
        let bytes = try schema.encode(json: json)
        try bytes.withUnsafeBytes { bytes in
            let variable = try DA00(bytes).data[0]
            #expect(variable.data.type == .bytes && variable.data.owned == .uint8([1, 2, 3, 4]))
            #expect(variable.dataMismatch == nil && variable.data.doubles == [1, 2, 3, 4])
            #expect(try schema.field(FieldPath("data[0].data[3]")).value(in: bytes) == .integer(4))
        }
    }
}
