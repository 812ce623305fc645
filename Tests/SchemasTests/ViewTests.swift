import FlatBuffers
import Schemas
import Testing

/// What the views' properties say of messages of the schemas beyond the everyday ones.
@Suite struct ViewTests {
    @Test func eventsOfOnePulse() throws {
        let pulses = AdcPulseDebug.Owned(
            amplitude: [1], peakArea: [2], background: [3], thresholdTime: [4], peakTime: [5])
        try [UInt8].message {
            EV42.encode(
                sourceName: "d", messageID: 1, pulseTime: 2, timeOfFlight: [3, .max], detectorID: [4, 5],
                facilityData: .adcPulseDebug(pulses), into: &$0)
        }.withUnsafeBytes { bytes in
            let view = try EV42(bytes)
            #expect(view.sourceName == "d" && view.messageID == 1 && view.pulseTime == 2)
            #expect(view.timeOfFlight?.array == [3, .max] && view.detectorID?.array == [4, 5])
            #expect(view.eventCount == 2)
            guard case .adcPulseDebug(let found)? = view.facilityData else {
                Issue.record("no facility data")
                return
            }
            #expect(found.amplitude?.array == [1] && found.peakArea?.array == [2] && found.background?.array == [3])
            #expect(found.thresholdTime?.array == [4] && found.peakTime?.array == [5])
        }
        try GoldenMessage.of("ev42", "isis").bytes.withUnsafeBytes { bytes in
            guard case .isis(let data)? = try EV42(bytes).facilityData else {
                Issue.record("no facility data")
                return
            }
            #expect(data == ISISData(periodNumber: 3, runState: .running, protonCharge: 1.5))
        }
    }

    @Test func eventsOfPulses() throws {
        try GoldenMessage.of("ev43", "basic").bytes.withUnsafeBytes { bytes in
            let view = try EV43(bytes)
            #expect(view.pulseTime?.count == view.pulseIndex?.count)
            #expect(view.eventCount == view.detectorID?.count)
            #expect(view.sourceName?.isEmpty == false)
        }
        try [UInt8].message {
            AN44.encode(
                sourceName: "d", messageID: -1, referenceTime: [1, 2], referenceTimeIndex: [0, 1],
                timeOfFlight: [-3, 4], pixelID: nil, weight: [5, -6], into: &$0)
        }.withUnsafeBytes { bytes in
            let view = try AN44(bytes)
            #expect(view.sourceName == "d" && view.messageID == -1 && view.eventCount == 2)
            #expect(view.referenceTime.array == [1, 2] && view.referenceTimeIndex.array == [0, 1])
            #expect(view.timeOfFlight?.array == [-3, 4] && view.pixelID == nil && view.weight?.array == [5, -6])
        }
    }

    @Test func timesAndVetoes() throws {
        try GoldenMessage.of("vc00", "basic").bytes.withUnsafeBytes { bytes in
            let view = try VC00(bytes)
            #expect(view.timestamp == 1_700_000_000_123_456_789 && view.vetoes == 33)
        }
        try GoldenMessage.of("tdct", "basic").bytes.withUnsafeBytes { bytes in
            let view = try TDCT(bytes)
            #expect(view.name == "chopper_1" && view.sequenceCounter == 42)
            #expect(view.timestamps.array == [1_700_000_000_123_456_789, 1_700_000_000_194_885_360])
        }
        try GoldenMessage.of("ar51", "basic").bytes.withUnsafeBytes { bytes in
            let view = try AR51(bytes)
            #expect(view.sourceName == "efu" && view.messageID == 4 && view.rawData?.array == [0, 1, 254, 255])
        }
        try GoldenMessage.of("ar51", "basic").bytes.withUnsafeBytes { bytes in
            #expect(MessageDecoder.summary(bytes) == "ar51 efu 4 bytes")
        }
    }

    /// f142 counts its severities in an order of its own, and its defaults are not 0.
    @Test func alarmsOfOldLogs() throws {
        try GoldenMessage.of("f142", "i8").bytes.withUnsafeBytes { bytes in
            let view = try F142(bytes)
            #expect(view.status == .hihi && view.severity == .major && view.sourceName == "INST:PV:i8")
            guard case .number(.int8(-8))? = view.value else {
                Issue.record("not the value")
                return
            }
        }
        try GoldenMessage.of("f142", "no_alarm_fields").bytes.withUnsafeBytes { bytes in
            let view = try F142(bytes)
            #expect(view.status == .noChange && view.severity == .noChange)
        }
        #expect(F142.AlarmSeverity.minor.rawValue == 0 && F142.AlarmSeverity.noAlarm.rawValue == 2)
        #expect(AL00.Severity.ok.rawValue == 0)
        try GoldenMessage.of("f142", "string").bytes.withUnsafeBytes { bytes in
            guard case .text(let text)? = try F142(bytes).value else {
                Issue.record("not a text")
                return
            }
            #expect(text.text == "hello")
        }
        try GoldenMessage.of("f142", "astring").bytes.withUnsafeBytes { bytes in
            guard case .texts(let texts)? = try F142(bytes).value else {
                Issue.record("no texts")
                return
            }
            #expect(texts.map(\.text) == ["a", "bc"])
        }
    }

    @Test func enumerationsHaveAWordForEachValue() {
        func check<T: SchemaEnumeration>(_: T.Type) {
            #expect(T.words.count == T.allCases.count)
            #expect(T.allCases.map { Int($0.rawValue) } == Array(0..<T.words.count))
        }
        check(F142.AlarmStatus.self)
        check(F142.AlarmSeverity.self)
        check(EP00.EventType.self)
        check(EP01.ConnectionInfo.self)
        check(AL00.Severity.self)
        check(ANSW.ActionType.self)
        check(ANSW.ActionOutcome.self)
        check(ISISData.RunState.self)
        check(TimestampLocation.self)
        check(AreaDataType.self)
        check(DA00.DataType.self)
        check(ForwarderChange.self)
        check(ForwarderProtocol.self)
    }

    @Test func unitsMayBeAbsent() throws {
        try GoldenMessage.of("un00", "basic").bytes.withUnsafeBytes { bytes in
            let view = try UN00(bytes)
            #expect(view.sourceName == "INST:PV" && view.units == "mm")
            #expect(view.timestamp == 1_700_000_000_123_456_789)
        }
        let units = try GoldenMessage.of("un00", "no_units").bytes.withUnsafeBytes { try UN00($0).units }
        #expect(units == nil)
    }

    @Test func connectionsAndCaches() throws {
        try GoldenMessage.of("ep00", "CONNECTED").bytes.withUnsafeBytes { bytes in
            let view = try EP00(bytes)
            #expect(view.type == .connected && view.sourceName == "INST:PV" && view.serviceID == "fwd-1")
            #expect(view.timestamp == 1_700_000_000_123_456_789)
        }
        try GoldenMessage.of("ns10", "basic").bytes.withUnsafeBytes { bytes in
            let view = try NS10(bytes)
            #expect(view.key == "nicos/device/value" && view.value == "12.5")
            #expect(view.time == 1_700_000_000.25 && view.timeToLive == 10 && !view.expired)
        }
    }

    /// The union of se00 has `DoubleArray` in front of `FloatArray`, unlike all others.
    @Test func channelsOfSampleEnvironments() throws {
        for values in [OwnedArray.double([1.5, 2]), .float([1.5, 2]), .int16([-1]), .uint64([.max])] {
            let bytes = [UInt8].message {
                SE00.encode(
                    name: "n", channel: -1, packetTimestamp: 1, timeDelta: 0.5, timestampLocation: .end,
                    values: values, timestamps: [7], messageCounter: 8, into: &$0)
            }
            try bytes.withUnsafeBytes { bytes in
                let view = try SE00(bytes)
                #expect(view.name == "n" && view.channel == -1 && view.packetTimestamp == 1)
                #expect(view.timeDelta == 0.5 && view.timestampLocation == .end && view.messageCounter == 8)
                #expect(view.values.owned == values && view.timestamps?.array == [7])
            }
        }
        try GoldenMessage.of("se00", "timestamps").bytes.withUnsafeBytes { bytes in
            let values = try SE00(bytes).values.owned
            #expect(values == .double([1.5, 2.5]))
        }
        try GoldenMessage.of("senv", "basic").bytes.withUnsafeBytes { bytes in
            let view = try SENV(bytes)
            #expect(view.name == "adc" && view.channel == 1 && view.timeDelta == 1000 && view.messageCounter == 5)
            #expect(view.values.owned == .uint16([1, 2, 3]) && view.timestampLocation == .middle)
            #expect(view.packetTimestamp == 1_700_000_000_123_456_000 && view.timestamps == nil)
        }
    }

    @Test func oldHistograms() throws {
        let axis = HS00.OwnedDimension(length: 2, unit: "ns", label: "tof", binBoundaries: .float([0, 0.5, 1]))
        try [UInt8].message {
            HS00.encode(
                source: "h", timestamp: 1, dimensionMetadata: [axis], lastMetadataTimestamp: 2, currentShape: [2],
                offset: [1], data: .uint64([7, .max]), errors: .double([1, 2]), info: "i", into: &$0)
        }.withUnsafeBytes { bytes in
            let view = try HS00(bytes)
            #expect(view.source == "h" && view.info == "i" && view.timestamp == 1 && view.lastMetadataTimestamp == 2)
            #expect(view.currentShape.array == [2] && view.offset?.array == [1])
            #expect(view.data?.owned == .uint64([7, .max]) && view.errors?.doubles == [1, 2])
            let found = try #require(view.dimensionMetadata.first)
            #expect(found.length == 2 && found.unit == "ns" && found.label == "tof")
            #expect(found.binBoundaries?.elements(Float.self)?.array == [0, 0.5, 1])
            #expect(found.binBoundaries?.elements(Double.self) == nil)
        }
    }

    /// da00 begins its types with `none`, so that its int8 is 1; ad00 begins with int8.
    @Test func dataArrays() throws {
        #expect(DA00.DataType.int8.rawValue == 1 && AreaDataType.int8.rawValue == 0)
        let variables = [
            DA00.OwnedVariable(
                name: "signal", unit: "counts", label: "L", source: "S", axes: ["x", "y"], shape: [1, 2],
                data: .int8([-1, 2])),
            DA00.OwnedVariable(name: "note", shape: [2], data: .text("µ")),
        ]
        try [UInt8].message { DA00.encode(sourceName: "d", timestamp: 5, data: variables, into: &$0) }
            .withUnsafeBytes { bytes in
                let view = try DA00(bytes)
                #expect(view.sourceName == "d" && view.timestamp == 5 && view.data.count == 2)
                let found = view.data.map { variable in
                    DA00.OwnedVariable(
                        name: variable.name, unit: variable.unit, label: variable.label, source: variable.source,
                        axes: variable.axes, shape: variable.shape.array, data: variable.data.owned)
                }
                #expect(found == variables)
                #expect(view.data[0].dataType == .int8 && view.data[1].data.text == "µ")
            }
    }

    @Test func areaDetectors() throws {
        let attributes = [
            AreaAttribute.Owned(name: "gain", description: "g", source: "PV", data: .double([2.5])),
            AreaAttribute.Owned(name: "who", data: .text("me")),
        ]
        try [UInt8].message {
            AD00.encode(
                sourceName: "cam", id: 3, timestamp: 4, dimensions: [1, 2], data: .float([1, -2]),
                attributes: attributes, into: &$0)
        }.withUnsafeBytes { bytes in
            let view = try AD00(bytes)
            #expect(view.sourceName == "cam" && view.id == 3 && view.timestamp == 4)
            #expect(view.dimensions.array == [1, 2] && view.data.owned == .float([1, -2]))
            let found = try #require(view.attributes).map {
                AreaAttribute.Owned(name: $0.name, description: $0.description, source: $0.source, data: $0.data.owned)
            }
            #expect(found == attributes)
        }
        try GoldenMessage.of("ADAr", "f64_2x2").bytes.withUnsafeBytes { bytes in
            let view = try ADAr(bytes)
            #expect(view.data.owned == .double([0, 1, 2, 3]) && view.dimensions.array == [2, 2] && view.id == 3)
            #expect(view.sourceName == "cam" && view.timestamp == 1_700_000_000_123_456_000)
            #expect(view.attributes?.first?.data.owned == .int64([5]))
        }
        let time = EPICSTimestamp(secondsPastEpoch: 1, nanoseconds: 2)
        let bytes = [UInt8].message {
            NDAr.encode(
                id: 1, timeStamp: 0.5, epicsTimestamp: time, dimensions: [2], data: .uint16([1, 2]),
                attributes: attributes, into: &$0)
        }
        try bytes.withUnsafeBytes { bytes in
            let view = try NDAr(bytes)
            #expect(view.id == 1 && view.timeStamp == 0.5 && view.epicsTimestamp == time)
            #expect(view.dimensions?.array == [2] && view.data?.owned == .uint16([1, 2]))
            #expect(view.attributes?.first?.name == "gain" && view.attributes?.first?.source == "PV")
            #expect(view.attributes?.first?.description == "g" && view.attributes?.last?.data?.text == "me")
            let json = try MessageDecoder.json(bytes, arrays: .full)
            #expect(json.contains(#""epicsTS_iso":"1990-01-01T00:00:01.000000002Z""#))
        }
    }

    @Test func aPayloadOfBrokenElementsIsRefused() throws {
        var bytes = [UInt8].message {
            AD00.encode(sourceName: "c", id: 1, timestamp: 1, dimensions: [3], data: .int8([1, 2, 3]), into: &$0)
        }
        // The type is the byte that makes three bytes wrong when it says int16.
        let type = bytes.indices.first { index in
            var changed = bytes
            changed[index] = UInt8(AreaDataType.int16.rawValue)
            return changed.withUnsafeBytes { MessageDecoder.summary($0) }.contains("not whole elements of 2 bytes")
        }
        let place = try #require(type)
        bytes[place] = UInt8(AreaDataType.uint8.rawValue)
        #expect(bytes.withUnsafeBytes { MessageDecoder.summary($0) }.hasPrefix("ad00 c 3 elements"))
    }

    @Test func forwardersAndRuns() throws {
        let streams = [
            FC00.OwnedStream(channel: "c", schema: "f144", topic: "t", protocol: .ca, periodic: 5),
            FC00.OwnedStream(channel: nil, schema: nil, topic: nil, protocol: .fake),
        ]
        try [UInt8].message { FC00.encode(configChange: .replace, streams: streams, into: &$0) }
            .withUnsafeBytes { bytes in
                let view = try FC00(bytes)
                #expect(view.configChange == .replace)
                let found = try #require(view.streams).map {
                    FC00.OwnedStream(
                        channel: $0.channel, schema: $0.schema, topic: $0.topic, protocol: $0.protocol,
                        periodic: $0.periodic)
                }
                #expect(found == streams)
            }
        try GoldenMessage.of("fc00", "removeall").bytes.withUnsafeBytes { bytes in
            let view = try FC00(bytes)
            #expect(view.configChange == .removeAll && view.streams == nil)
        }
        try GoldenMessage.of("rf5k", "add").bytes.withUnsafeBytes { bytes in
            let view = try RF5K(bytes)
            #expect(view.configChange == .add && view.streams?.first?.channel?.isEmpty == false)
            #expect(view.streams?.first?.schema?.isEmpty == false && view.streams?.first?.topic?.isEmpty == false)
        }
        let replacing = try GoldenMessage.of("fc00", "removeall").bytes
        let change = try #require(replacing.lastIndex(of: 2))
        // An rf5k that replaces: fc00 knows that, rf5k does not.
        var old = replacing
        old.replaceSubrange(4..<8, with: "rf5k".utf8)
        old[change] = 3
        #expect(old.withUnsafeBytes { MessageDecoder.summary($0) }.contains("config_change at byte"))
        #expect(old.withUnsafeBytes { try? MessageDecoder.json($0, arrays: .full) } == nil)
        old.replaceSubrange(4..<8, with: "fc00".utf8)
        #expect(old.withUnsafeBytes { MessageDecoder.summary($0) } == "fc00 REPLACE 0 streams")
        try GoldenMessage.of("ba57", "start").bytes.withUnsafeBytes { bytes in
            let expected = BA57.Info.start(
                time: 1_700_000_000_123_456_789, runNumber: 7, instrumentName: "SANS2D", nPeriods: 1)
            let info = try BA57(bytes).info
            #expect(info == expected)
        }
        try GoldenMessage.of("ba57", "stop").bytes.withUnsafeBytes { bytes in
            let info = try BA57(bytes).info
            #expect(info == .stop(time: 1_700_000_000_123_456_789, runNumber: 7))
        }
        try GoldenMessage.of("json", "basic").bytes.withUnsafeBytes { bytes in
            let text = try JSON(bytes).text
            #expect(text == #"{"a": [1, 2.5, "x"]}"#)
        }
    }

    @Test func gasDetectors() throws {
        try GoldenMessage.of("mo01", "hit").bytes.withUnsafeBytes { bytes in
            guard case .hits(let hits)? = try MO01(bytes).content else {
                Issue.record("no hits")
                return
            }
            #expect(hits.plane?.array == [1] && hits.time?.array == [2])
            #expect(hits.channel?.array == [3] && hits.adc?.array == [4])
        }
        try GoldenMessage.of("mo01", "track").bytes.withUnsafeBytes { bytes in
            guard case .track(let track)? = try MO01(bytes).content else {
                Issue.record("no track")
                return
            }
            #expect(track.timeOffset == 9 && track.x == [MO01.Point(time: 1, strip: 2, adc: 3)] && track.y == [])
            #expect(track.xPosition == 1.5 && track.yPosition == 2.5)
        }
        let owned = MO01.Spectra.Owned(
            xStrips: [1], yStrips: [2], xSpectrum: [3], ySpectrum: [4], clusterSpectrum: [5], binWidth: 6)
        try [UInt8].message { MO01.encode(sourceName: "m", spectra: owned, into: &$0) }.withUnsafeBytes { bytes in
            let view = try MO01(bytes)
            guard case .spectra(let spectra)? = view.content else {
                Issue.record("no spectra")
                return
            }
            #expect(view.sourceName == "m" && spectra.xStrips?.array == [1] && spectra.yStrips?.array == [2])
            #expect(spectra.xSpectrum?.array == [3] && spectra.ySpectrum?.array == [4])
            #expect(spectra.clusterSpectrum?.array == [5] && spectra.binWidth == 6)
        }
    }

    @Test func muons() throws {
        let time = GPSTime(
            year: 23, day: 318, hour: 22, minute: 13, second: 20, millisecond: 1, microsecond: 2, nanosecond: 3)
        #expect(time.nanosecondsSinceEpoch == 1_700_000_000_001_002_003)
        let metadata = FrameMetadataV2(
            timestamp: time, periodNumber: 0, protonsPerPulse: 8, running: true, frameNumber: 5, vetoFlags: 2)
        try GoldenMessage.of("dev2", "basic").bytes.withUnsafeBytes { bytes in
            let view = try DEV2(bytes)
            #expect(view.digitizerID == 1 && view.metadata == metadata && view.eventCount == 2)
            #expect(view.time?.array == [1, 2] && view.voltage?.array == [3, 4] && view.channel?.array == [5, 6])
        }
        try GoldenMessage.of("aev2", "basic").bytes.withUnsafeBytes { bytes in
            let view = try AEV2(bytes)
            #expect(view.metadata == metadata && view.complete && view.digitizersPresent?.array == [1])
            #expect(view.time?.array == [1, 2] && view.voltage?.array == [3, 4] && view.channel?.array == [5, 6])
        }
        try GoldenMessage.of("dat2", "basic").bytes.withUnsafeBytes { bytes in
            let view = try DAT2(bytes)
            #expect(view.digitizerID == 4 && view.metadata == metadata && view.sampleRate == 1_000_000_000)
            #expect(view.channels?.map(\.channel) == [3, 9])
            #expect(view.channels?.first?.voltage?.array == [1, 2, 65535])
        }
    }

    @Test(arguments: [(UInt16(0), false), (1, true), (366, true), (367, false)])
    func aDayOutOfTheYearIsNoTime(day: UInt16, isTime: Bool) {
        let time = GPSTime(
            year: 255, day: day, hour: 23, minute: 59, second: 60, millisecond: 999, microsecond: 999, nanosecond: 999)
        #expect((time.nanosecondsSinceEpoch != nil) == isTime)
    }
}
