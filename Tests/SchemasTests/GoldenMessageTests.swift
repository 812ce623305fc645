import FlatBuffers
import Foundation
import Schemas
import Testing

@Suite struct GoldenMessageTests {
    @Test(arguments: GoldenMessage.all)
    func decodesToWhatTheOthersSay(message: GoldenMessage) throws {
        let text = try message.bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
        let found = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let fields = try JSONSerialization.jsonObject(with: message.fieldsJSON)
        // flatc prints 12 digits.
        #expect(differences(expected: withoutUnionObjects(fields), found: found, tolerance: 1e-11) == [])
        #expect((found as? [String: Any])?["schema"] as? String == message.schema)
    }

    @Test func everySchemaHasAGoldenMessage() {
        #expect(Set(Schema.all.map(\.identifier)) == Set(GoldenMessage.all.map(\.schema)))
    }

    @Test(arguments: GoldenMessage.all)
    func readsTheSameMisaligned(message: GoldenMessage) throws {
        let text = try message.bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .full) }
        for shift in 1..<8 {
            let shifted = [UInt8](repeating: 0xee, count: shift) + message.bytes
            let other = try shifted.withUnsafeBytes {
                try MessageDecoder.json(UnsafeRawBufferPointer(rebasing: $0[shift...]), arrays: .full)
            }
            #expect(other == text)
        }
    }

    @Test func absentIsNotZero() throws {
        try GoldenMessage.of("pu00", "full").bytes.withUnsafeBytes { bytes in
            let view = try PU00(bytes)
            #expect(view.sourceName == "streaming_control")
            #expect(view.messageID == 5)
            #expect(view.vetos == 3)
            #expect(view.periodNumber == 0)
            #expect(view.protonCharge == 0.25)
        }
        try GoldenMessage.of("pu00", "only_time").bytes.withUnsafeBytes { bytes in
            let view = try PU00(bytes)
            #expect(view.vetos == nil && view.periodNumber == nil && view.protonCharge == nil)
        }
        try GoldenMessage.of("ev44", "absent_vectors").bytes.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect(view.timeOfFlight == nil && view.pixelID == nil)
            #expect(view.events == 0)
            #expect(view.eventRange(ofPulse: 0).isEmpty)
        }
        try GoldenMessage.of("ev44", "no_pixel_id").bytes.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect(view.pixelID?.isEmpty == true)
            #expect(view.events == 3)
        }
        try GoldenMessage.of("ep01", "no_service").bytes.withUnsafeBytes { bytes in
            let view = try EP01(bytes)
            #expect(view.serviceID == nil)
        }
        try GoldenMessage.of("f144", "zero_f64").bytes.withUnsafeBytes { bytes in
            let view = try F144(bytes)
            #expect(view.value.owned == .double(0))
        }
    }

    @Test func pulsesShareTheEvents() throws {
        try GoldenMessage.of("ev44", "two_pulses").bytes.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect(view.pulseCount == 2)
            #expect(view.eventRange(ofPulse: 0) == 0..<2)
            #expect(view.eventRange(ofPulse: 1) == 2..<4)
            #expect(view.pixelID?.array == [11, 12, 13, 14])
        }
    }

    @Test(arguments: [
        ("ev44", "two_pulses", "ev44 det 4 events 2 pulses"),
        ("f144", "f64", "f144 INST:PV:f64 3.141592653589793 2023-11-14T22:13:20.123456789Z"),
        ("al00", "MAJOR", "al00 INST:PV MAJOR LOLO alarm 2023-11-14T22:13:20.123456789Z"),
        ("6s4t", "now", "6s4t stop run run_1 now"),
        ("wrdn", "error", "wrdn fw-1 failed out/run_1.nxs: boom"),
        ("hs01", "int", "hs01 just-bin-it 2x3 bins 2023-11-14T22:13:20.123456789Z"),
    ])
    func summaries(schema: String, name: String, line: String) throws {
        try GoldenMessage.of(schema, name).bytes.withUnsafeBytes { #expect(MessageDecoder.summary($0) == line) }
    }

    @Test func jsonIsStable() throws {
        let bytes = EV44.encoded(
            sourceName: "det", messageID: 1, referenceTime: [1_700_000_000_000_000_000], referenceTimeIndex: [0],
            timeOfFlight: [1, 2, 3], pixelID: [4, 5, 6])
        let text = try bytes.withUnsafeBytes { try MessageDecoder.json($0, arrays: .shortened(2)) }
        let expected =
            #"{"schema":"ev44","source_name":"det","message_id":1,"reference_time":[1700000000000000000],"#
            + #""reference_time_iso":["2023-11-14T22:13:20.000000000Z"],"reference_time_index":[0],"#
            + #""time_of_flight":[1,2],"time_of_flight_count":3,"pixel_id":[4,5],"pixel_id_count":3}"#
        #expect(text == expected)
    }

    @Test func eventCounts() throws {
        try GoldenMessage.of("ev44", "basic").bytes.withUnsafeBytes { #expect(MessageDecoder.eventCount($0) == 3) }
        try GoldenMessage.of("f144", "f64").bytes.withUnsafeBytes { #expect(MessageDecoder.eventCount($0) == nil) }
    }
}
