import FlatBuffers
import Schemas
import TestSupport
import Testing

/// Whatever the bytes are: a decoder throws, or gives a view whose every field can be read. It never traps.
@Suite struct RobustnessTests {
    /// Decodes in every way there is; true if the bytes were accepted.
    private func survives(_ bytes: [UInt8]) -> Bool {
        // Memory of exactly this size: a sanitizer sees any access beyond it.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        let raw = UnsafeRawBufferPointer(memory)
        let line = MessageDecoder.summary(raw)
        #expect(!line.isEmpty)
        _ = MessageDecoder.eventCount(raw)
        do throws(SchemaError) {
            let text = try MessageDecoder.json(raw, arrays: .shortened(100))
            #expect(text.hasPrefix("{") && text.hasSuffix("}"))
            #expect(line.hasPrefix(String(decoding: raw[4..<8], as: UTF8.self)), "the view refuses: \(line)")
            comesBack(raw)
            if SchemaIdentifier.of(raw) == "ev44" {
                let view = try EV44(raw)
                for pulse in 0..<min(view.pulseCount, 100) {
                    #expect(view.eventRange(ofPulse: pulse).upperBound <= view.events)
                }
            }
            return true
        } catch {
            #expect(!error.description.isEmpty)
            #expect(error.description.contains("unfolds") || line.contains("bytes: "), "the view accepts: \(line)")
            return false
        }
    }

    /// What a message says, even a damaged one, makes a message that says the same.
    private func comesBack(_ bytes: UnsafeRawBufferPointer) {
        do {
            let schema = try Schema.of(bytes)
            let text = try schema.json(bytes, arrays: .full)
            let again = try schema.encode(json: text)
            #expect(try again.withUnsafeBytes { try schema.json($0, arrays: .full) } == text)
        } catch { Issue.record("\(error)") }
    }

    @Test(arguments: GoldenMessage.all)
    func everyTruncation(message: GoldenMessage) {
        for count in 0..<message.bytes.count { _ = survives(Array(message.bytes.prefix(count))) }
        #expect(!survives(Array(message.bytes.prefix(message.bytes.count / 2))))
        #expect(survives(message.bytes))
    }

    @Test(arguments: GoldenMessage.all)
    func damagedBytes(message: GoldenMessage) {
        var random = SplitMix(UInt64(message.bytes.count))
        var refused = 0
        for _ in 0..<200 {
            var damaged = message.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            if !survives(damaged) { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test func randomBytesBehindAKnownIdentifier() {
        var random = SplitMix(7)
        for schema in Schema.all {
            for _ in 0..<200 {
                var bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                    // Small numbers make offsets that stay inside more often.
                    Bool.random(using: &random) ? 0 : UInt8.random(in: 0...40, using: &random)
                }
                if bytes.count >= 8 { bytes.replaceSubrange(4..<8, with: schema.identifier.utf8) }
                _ = survives(bytes)
            }
        }
    }

    @Test func errorsNameTheCause() {
        func message(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { MessageDecoder.summary($0) } }
        #expect(message([]) == "0 bytes: not a FlatBuffer message: no file identifier at byte 4")
        #expect(message([0, 0, 0, 0] + "zz99".utf8) == "8 bytes: no decoder for messages of schema zz99")
        #expect(
            message([200, 0, 0, 0] + "ev44".utf8)
                == "8 bytes: malformed ev44 message: field root reaches outside the buffer (offset at byte 0)")
        let noSource = AL00.encoded(sourceName: nil, timestamp: 1, severity: .ok, message: nil)
        #expect(message(noSource).hasPrefix("al00 ? OK "))
    }

    @Test func aMissingRequiredFieldIsNamed() {
        var builder = FlatBufferBuilder()
        builder.startTable(slots: 1)
        builder.finish(builder.endTable(), identifier: "wrdn")
        let error = builder.withBytes { bytes -> SchemaError? in
            do throws(SchemaError) {
                _ = try WRDN(bytes)
                return nil
            } catch { return error }
        }
        #expect(error?.description.contains("required field service_id is absent") == true)
    }

    @Test func anUnknownEnumerationValueIsNamed() {
        var builder = FlatBufferBuilder()
        builder.startTable(slots: 4)
        builder.add(2, Int16(9))
        builder.finish(builder.endTable(), identifier: "al00")
        let line = builder.withBytes { MessageDecoder.summary($0) }
        #expect(line.hasSuffix("field severity at byte 24 has the unknown value 9"))
    }

    /// Offsets are cheap: without a limit, a message of megabytes could unfold into terabytes of JSON.
    @Test func oneTableCannotStandForManyAxes() {
        func summary(axes: Int) -> String {
            let axis = HS01.OwnedDimension(length: 1, unit: "", label: "", binBoundaries: .int32([0, 1]))
            return HS01.encoded(
                source: "s", timestamp: 0, dimensionMetadata: [HS01.OwnedDimension](repeating: axis, count: axes),
                currentShape: [1], data: .int32([1])
            ).withUnsafeBytes { MessageDecoder.summary($0) }
        }
        #expect(summary(axes: HS01.dimensionsMaximum).hasPrefix("hs01 s 1 bins"))
        #expect(summary(axes: HS01.dimensionsMaximum + 1).contains("holds 33 tables, more than are allowed"))
    }

    /// The same text for each stream: a small message must not become a large text.
    @Test func whatAMessageUnfoldsIntoIsBounded() throws {
        let topic = String(repeating: "t", count: 10_000)
        var builder = FlatBufferBuilder()
        let name = builder.string(topic) as FlatOffset
        builder.startTable(slots: 5)
        builder.add(2, name)
        let stream = builder.endTable()
        let streams = builder.vector([FlatOffset](repeating: stream, count: 1000))
        builder.startTable(slots: 2)
        builder.add(1, streams)
        builder.finish(builder.endTable(), identifier: "fc00")
        for arrays in [JSONArrays.full, .shortened(3)] {
            #expect(throws: SchemaError.self) { try builder.withBytes { try MessageDecoder.json($0, arrays: arrays) } }
        }
        var json = JSONWriter(arrays: .full)
        json.array { json in
            _ = try? builder.withBytes { try MessageDecoder.write($0, to: &json) }
            json.value(1)
        }
        #expect(json.text == "[1]")
    }

    @Test func indexesOfASenderAreNotTrusted() throws {
        let bytes = EV44.encoded(
            sourceName: "d", messageID: 0, referenceTime: [1, 2, 3, 4, 5], referenceTimeIndex: [-7, 2, 1, 900],
            timeOfFlight: [1, 2, 3], pixelID: nil)
        try bytes.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect((0..<5).map { view.eventRange(ofPulse: $0) } == [0..<2, 2..<2, 1..<3, 3..<3, 3..<3])
        }
    }
}
