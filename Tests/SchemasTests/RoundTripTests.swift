import FlatBuffers
import Schemas
import Testing

/// What we encode, we decode.
@Suite struct RoundTripTests {
    @Test(arguments: 1...20)
    func everyValueOfF144(tag: Int) throws {
        var messages = RandomMessages(seed: UInt64(tag))
        for _ in 0..<20 {
            let value = messages.value(tag: tag)
            let bytes = F144.encoded(sourceName: "IN:PV", timestamp: -5, value: value)
            try bytes.withUnsafeBytes { bytes in
                let view = try F144(bytes)
                #expect(view.sourceName == "IN:PV")
                #expect(view.timestamp == -5)
                // As text, because a NaN is not equal to itself.
                #expect("\(view.value.owned)" == "\(value)")
            }
        }
    }

    @Test func ev44FromArraysAndFromBuffers() throws {
        let times: [Int32] = [5, -6, 7]
        let pixels: [Int32] = [1, 2, 3]
        let fromArrays = EV44.encoded(
            sourceName: "bank", messageID: 3, referenceTime: [10, 20], referenceTimeIndex: [0, 2],
            timeOfFlight: times, pixelID: pixels)
        var builder = FlatBufferBuilder()
        times.withUnsafeBufferPointer { times in
            pixels.withUnsafeBufferPointer { pixels in
                EV44.encode(
                    sourceName: "bank", messageID: 3, referenceTime: [10, 20], referenceTimeIndex: [0, 2],
                    timeOfFlight: times, pixelID: pixels, into: &builder)
            }
        }
        #expect(builder.array == fromArrays)
        try fromArrays.withUnsafeBytes { bytes in
            let view = try EV44(bytes)
            #expect(view.sourceName == "bank")
            #expect(view.sourceNameBytes.equals("bank"))
            #expect(view.messageID == 3)
            #expect(view.referenceTime.array == [10, 20])
            #expect(view.referenceTimeIndex.array == [0, 2])
            #expect(view.timeOfFlight?.array == times)
            #expect(view.pixelID?.array == pixels)
            #expect(view.eventCount == 3)
        }
    }

    @Test func pl72KeepsWhatIsGivenAndNothingElse() throws {
        let map = DF12.Owned(spectrum: [1, 2], detectorID: [3, 4], nSpectra: 2)
        let bytes = PL72.encoded(
            startTime: 1, stopTime: 2, runName: "r", instrumentName: "i", nexusStructure: "{}", jobID: "j",
            broker: "b:1", serviceID: "s", filename: "f", nPeriods: 4, detectorSpectrumMap: map, metadata: "m",
            controlTopic: "c")
        try bytes.withUnsafeBytes { bytes in
            let view = try PL72(bytes)
            #expect(view.startTime == 1 && view.stopTime == 2 && view.nPeriods == 4)
            let strings = [
                view.runName, view.instrumentName, view.nexusStructure, view.jobID, view.broker, view.serviceID,
                view.filename, view.metadata, view.controlTopic,
            ]
            #expect(strings == ["r", "i", "{}", "j", "b:1", "s", "f", "m", "c"])
            #expect(view.detectorSpectrumMap?.spectrum?.array == [1, 2])
            #expect(view.detectorSpectrumMap?.detectorID?.array == [3, 4])
            #expect(view.detectorSpectrumMap?.nSpectra == 2)
        }
        let bare = PL72.encoded(
            startTime: 1, runName: nil, instrumentName: nil, nexusStructure: nil, jobID: nil, filename: nil)
        try bare.withUnsafeBytes { bytes in
            let view = try PL72(bytes)
            #expect(view.runName == nil && view.filename == nil && view.detectorSpectrumMap == nil)
            #expect(view.stopTime == 0 && view.nPeriods == 1)
        }
    }

    @Test func commandsAndAnswers() throws {
        try RunStop6S4T.encoded(stopTime: 9, runName: "r", jobID: "j", serviceID: "s", commandID: "c")
            .withUnsafeBytes { bytes in
                let view = try RunStop6S4T(bytes)
                #expect(view.stopTime == 9)
                #expect([view.runName, view.jobID, view.serviceID, view.commandID] == ["r", "j", "s", "c"])
            }
        try ANSW.encoded(
            serviceID: "s", jobID: "j", action: .setStopTime, outcome: .failure, statusCode: 400, stopTime: 7,
            message: "no", commandID: "c"
        ).withUnsafeBytes { bytes in
            let view = try ANSW(bytes)
            #expect(view.action == .setStopTime && view.outcome == .failure)
            #expect(view.statusCode == 400 && view.stopTime == 7)
            #expect([view.serviceID, view.jobID, view.message, view.commandID] == ["s", "j", "no", "c"])
        }
        try WRDN.encoded(serviceID: "s", jobID: "j", errorEncountered: true, fileName: "f", message: "why")
            .withUnsafeBytes { bytes in
                let view = try WRDN(bytes)
                #expect(view.errorEncountered)
                #expect([view.serviceID, view.jobID, view.fileName, view.message] == ["s", "j", "f", "why"])
                #expect(view.metadata == nil)
            }
        try X5F2.encoded(
            softwareName: "n", softwareVersion: "v", serviceID: "s", hostName: "h", processID: 12,
            updateInterval: 2000, statusJSON: "{}"
        ).withUnsafeBytes { bytes in
            let view = try X5F2(bytes)
            #expect(view.processID == 12 && view.updateInterval == 2000)
            #expect(
                [view.softwareName, view.softwareVersion, view.serviceID, view.hostName, view.statusJSON]
                    == ["n", "v", "s", "h", "{}"])
        }
    }

    @Test func processVariables() throws {
        try AL00.encoded(sourceName: "pv", timestamp: 3, severity: .major, message: "HIHI").withUnsafeBytes { bytes in
            let view = try AL00(bytes)
            #expect(view.severity == .major && view.timestamp == 3)
            #expect(view.sourceName == "pv" && view.message == "HIHI")
        }
        try EP01.encoded(timestamp: 3, status: .remoteError, sourceName: "pv", serviceID: nil)
            .withUnsafeBytes { bytes in
                let view = try EP01(bytes)
                #expect(view.status == .remoteError && view.timestamp == 3)
                #expect(view.sourceName == "pv" && view.serviceID == nil)
            }
        try PU00.encoded(
            sourceName: "s", messageID: 1, referenceTime: 2, vetos: 0, periodNumber: nil, protonCharge: 0.5
        ).withUnsafeBytes { bytes in
            let view = try PU00(bytes)
            #expect(view.messageID == 1 && view.referenceTime == 2)
            #expect(view.vetos == 0 && view.periodNumber == nil && view.protonCharge == 0.5)
        }
    }

    @Test func histograms() throws {
        let edges = OwnedArray.double([0, 0.5, 1])
        let bytes = HS01.encoded(
            source: "h", timestamp: 1,
            dimensionMetadata: [HS01.OwnedDimension(length: 2, unit: "ns", label: "tof", binBoundaries: edges)],
            lastMetadataTimestamp: 2, currentShape: [2], offset: [1], data: .int64([7, -8]), errors: .float([1, 2]),
            info: "i")
        try bytes.withUnsafeBytes { bytes in
            let view = try HS01(bytes)
            #expect(view.source == "h" && view.info == "i")
            #expect(view.timestamp == 1 && view.lastMetadataTimestamp == 2)
            #expect(view.currentShape.array == [2] && view.offset?.array == [1])
            #expect(view.data?.owned == .int64([7, -8]))
            #expect(view.errors?.owned == .float([1, 2]))
            let axis = try #require(view.dimensionMetadata.first)
            #expect(axis.length == 2 && axis.unit == "ns" && axis.label == "tof")
            #expect(axis.binBoundaries?.owned == edges)
        }
    }

    @Test func aReusedBuilderLeaksNothingIntoTheNextMessage() {
        var builder = FlatBufferBuilder()
        PL72.encode(
            startTime: 1, runName: "long name of a run", instrumentName: "i", nexusStructure: "{}", jobID: "j",
            filename: "f", into: &builder)
        F144.encode(sourceName: "pv", timestamp: 1, value: .int16(2), into: &builder)
        #expect(builder.array == F144.encoded(sourceName: "pv", timestamp: 1, value: .int16(2)))
    }
}
