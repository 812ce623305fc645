import FlatBuffers
import Schemas

/// Messages of the schemas beyond the everyday ones; in names and texts nothing is empty that others take for absent.
extension RandomMessages {
    mutating func name() -> String { text() + "n" }

    mutating func events() -> [[UInt8]] {
        let (pulses, events) = (1 + count(3), count(50))
        let added = count(1) == 0 ? adcPulses() : isisData()
        return [
            .message { builder in
                EV42.encode(
                    sourceName: name(), messageID: integer(), pulseTime: integer(), timeOfFlight: integers(events),
                    detectorID: maybe { $0.integers(events) }, facilityData: maybe { _ in added }, into: &builder)
            },
            .message { builder in
                EV43.encode(
                    sourceName: name(), messageID: integer(), pulseTime: integers(pulses),
                    pulseIndex: integers(pulses), timeOfFlight: integers(events), detectorID: integers(events),
                    into: &builder)
            },
            .message { builder in
                AN44.encode(
                    sourceName: name(), messageID: integer(), referenceTime: integers(pulses),
                    referenceTimeIndex: integers(pulses), timeOfFlight: maybe { $0.integers(events) },
                    pixelID: maybe { $0.integers(events) }, weight: maybe { $0.integers(events) }, into: &builder)
            },
            .message { VC00.encode(timestamp: integer(), vetoes: integer(), into: &$0) },
            .message {
                TDCT.encode(name: name(), timestamps: integers(1 + count(9)), sequenceCounter: integer(), into: &$0)
            },
            .message {
                AR51.encode(
                    sourceName: name(), messageID: integer(), rawData: maybe { $0.integers(20) }, into: &$0)
            },
        ]
    }

    mutating func isisData() -> EV42.OwnedFacilityData {
        .isis(ISISData(periodNumber: integer(), runState: bool() ? .running : .setup, protonCharge: real()))
    }

    mutating func adcPulses() -> EV42.OwnedFacilityData {
        let events = count(9)
        return .adcPulseDebug(
            AdcPulseDebug.Owned(
                amplitude: integers(events), peakArea: integers(events), background: integers(events),
                thresholdTime: integers(events), peakTime: integers(events)))
    }

    mutating func f142Value() -> F142.OwnedValue {
        switch count(9) {
        case 0: .text(name())
        case 1: .texts((0...count(4)).map { _ in name() })
        default: .number(value(tag: 1 + count(19)))
        }
    }

    mutating func logs() -> [[UInt8]] {
        let places = TimestampLocation.allCases
        return [
            .message { builder in
                F142.encode(
                    sourceName: name(), value: f142Value(), timestamp: integer(),
                    status: F142.AlarmStatus.allCases[count(22)], severity: F142.AlarmSeverity.allCases[count(4)],
                    into: &builder)
            },
            .message {
                EP00.encode(
                    timestamp: integer(), type: EP00.EventType.allCases[count(4)], sourceName: name(),
                    serviceID: name(), into: &$0)
            },
            .message { UN00.encode(sourceName: name(), timestamp: integer(), units: maybe { $0.name() }, into: &$0) },
            .message { builder in
                SE00.encode(
                    name: name(), channel: integer(), packetTimestamp: integer(), timeDelta: Double(count(9)) / 2,
                    timestampLocation: places[count(3)], values: numbers(1 + count(9)),
                    timestamps: maybe { $0.integers(3) }, messageCounter: integer(), into: &builder)
            },
            .message { builder in
                SENV.encode(
                    name: name(), channel: integer(), packetTimestamp: integer(), timeDelta: Double(count(9)) / 2,
                    timestampLocation: places[count(3)], values: wholeNumbers(1 + count(9)),
                    timestamps: maybe { $0.integers(3) }, messageCounter: integer(), into: &builder)
            },
            .message {
                NS10.encode(
                    key: "k" + name(), time: Double(count(1_000_000)) + 0.25, timeToLive: Double(count(9)),
                    expired: bool(), value: "v" + name(), into: &$0)
            },
        ]
    }

    /// Whole numbers of a random type.
    mutating func wholeNumbers(_ length: Int) -> OwnedArray {
        switch count(7) {
        case 0: .int8(integers(length))
        case 1: .uint8(integers(length))
        case 2: .int16(integers(length))
        case 3: .uint16(integers(length))
        case 4: .int32(integers(length))
        case 5: .uint32(integers(length))
        case 6: .int64(integers(length))
        default: .uint64(integers(length))
        }
    }

    /// Numbers of a random type.
    mutating func numbers(_ length: Int) -> OwnedArray {
        switch count(9) {
        case 0: .float(reals(length))
        case 1: .double(reals(length))
        default: wholeNumbers(length)
        }
    }

    mutating func hs00Numbers(_ length: Int) -> OwnedArray {
        switch count(3) {
        case 0: .uint32(integers(length))
        case 1: .uint64(integers(length))
        case 2: .float(reals(length))
        default: .double(reals(length))
        }
    }

    mutating func histograms() -> [[UInt8]] {
        let shape = (0...count(2)).map { _ in UInt32(1 + count(4)) }
        let size = shape.reduce(1) { $0 * Int($1) }
        let axes = shape.map { length in
            HS00.OwnedDimension(
                length: length, unit: text(), label: text(), binBoundaries: hs00Numbers(Int(length) + 1))
        }
        let offset: [UInt32]? = maybe { $0.integers(shape.count) }
        let variables = (0...count(3)).map { _ in variable() }
        return [
            .message { builder in
                HS00.encode(
                    source: text(), timestamp: integer(), dimensionMetadata: axes, lastMetadataTimestamp: integer(),
                    currentShape: shape, offset: offset, data: hs00Numbers(size),
                    errors: maybe { $0.hs00Numbers(size) }, info: text(), into: &builder)
            },
            .message { DA00.encode(sourceName: name(), timestamp: integer(), data: variables, into: &$0) },
            monitor(),
        ]
    }

    private mutating func variable() -> DA00.OwnedVariable {
        let shape = (0...count(2)).map { _ in Int64(1 + count(4)) }
        let size = shape.reduce(1) { $0 * Int($1) }
        let isText = count(9) == 0
        let text = name()
        return DA00.OwnedVariable(
            name: name(), unit: maybe { $0.name() }, label: maybe { $0.name() }, source: maybe { $0.name() },
            axes: isText ? nil : shape.map { _ in name() }, shape: isText ? [Int64(text.utf8.count)] : shape,
            data: isText ? .text(text) : numbers(size))
    }

    private mutating func monitor() -> [UInt8] {
        func point() -> MO01.Point { MO01.Point(time: integer(), strip: integer(), adc: integer()) }
        switch count(2) {
        case 0:
            let hits = count(9)
            return .message {
                MO01.encode(
                    sourceName: name(), plane: integers(hits), time: integers(hits), channel: integers(hits),
                    adc: integers(hits), into: &$0)
            }
        case 1:
            let track = MO01.Track.Owned(
                timeOffset: integer(), x: (0..<count(4)).map { _ in point() }, y: (0..<count(4)).map { _ in point() },
                xPosition: Double(count(9)), yPosition: -0.5)
            return .message { MO01.encode(sourceName: name(), track: track, into: &$0) }
        default:
            let spectra = MO01.Spectra.Owned(
                xStrips: integers(3), yStrips: integers(4), xSpectrum: integers(5), ySpectrum: integers(6),
                clusterSpectrum: integers(0), binWidth: integer())
            return .message { MO01.encode(sourceName: name(), spectra: spectra, into: &$0) }
        }
    }

    mutating func areas() -> [[UInt8]] {
        let shape = (0...count(2)).map { _ in 1 + count(4) }
        let size = shape.reduce(1, *)
        let attributes = (0...count(2)).map { index in
            AreaAttribute.Owned(
                name: name(), description: name(), source: name(), data: index == 1 ? .text(name()) : numbers(2))
        }
        return [
            .message { builder in
                AD00.encode(
                    sourceName: name(), id: integer(), timestamp: integer(), dimensions: shape.map(Int64.init),
                    data: numbers(size), attributes: maybe { _ in attributes }, into: &builder)
            },
            .message { builder in
                ADAr.encode(
                    sourceName: name(), id: integer(), timestamp: integer(), dimensions: shape.map(UInt64.init),
                    data: numbers(size), attributes: maybe { _ in attributes }, into: &builder)
            },
            .message { builder in
                NDAr.encode(
                    id: integer(), timeStamp: Double(count(99)) + 0.5,
                    epicsTimestamp: maybe { EPICSTimestamp(secondsPastEpoch: $0.integer(), nanoseconds: 7) },
                    dimensions: shape.map(UInt64.init), data: numbers(size), attributes: maybe { _ in attributes },
                    into: &builder)
            },
        ]
    }

    mutating func services() -> [[UInt8]] {
        let streams = (0...count(3)).map { _ in
            FC00.OwnedStream(
                channel: name(), schema: name(), topic: name(), protocol: ForwarderProtocol.allCases[count(2)],
                periodic: integer())
        }
        let old = streams.map {
            RF5K.OwnedStream(channel: $0.channel, schema: $0.schema, topic: $0.topic, protocol: $0.protocol)
        }
        let info: BA57.Info =
            bool()
            ? .start(time: integer(), runNumber: integer(), instrumentName: name(), nPeriods: integer())
            : .stop(time: integer(), runNumber: integer())
        return [
            .message {
                FC00.encode(
                    configChange: FC00Format.changes[count(3)], streams: maybe { _ in streams }, into: &$0)
            },
            .message {
                RF5K.encode(configChange: RF5KFormat.changes[count(2)], streams: maybe { _ in old }, into: &$0)
            },
            .message { JSON.encode(text(), into: &$0) },
            .message { BA57.encode(info, into: &$0) },
        ]
    }

    mutating func frame() -> FrameMetadataV2 {
        let time = GPSTime(
            year: integer(), day: UInt16(1 + count(365)), hour: UInt8(count(23)), minute: UInt8(count(59)),
            second: UInt8(count(60)), millisecond: UInt16(count(999)), microsecond: UInt16(count(999)),
            nanosecond: integer())
        return FrameMetadataV2(
            timestamp: maybe { _ in time }, periodNumber: integer(), protonsPerPulse: integer(), running: bool(),
            frameNumber: integer(), vetoFlags: integer())
    }

    mutating func muons() -> [[UInt8]] {
        let events = count(9)
        let (metadata, digitizer): (FrameMetadataV2, UInt8) = (frame(), integer())
        let traces = (0...count(3)).map { _ in DAT2.OwnedTrace(channel: integer(), voltage: integers(count(9))) }
        return [
            .message {
                DAT2.encode(
                    digitizerID: digitizer, metadata: metadata, sampleRate: integer(), channels: traces, into: &$0)
            },
            .message { builder in
                DEV2.encode(
                    digitizerID: digitizer, metadata: metadata, time: maybe { $0.integers(events) },
                    voltage: maybe { $0.integers(events) }, channel: maybe { $0.integers(events) }, into: &builder)
            },
            .message { builder in
                AEV2.encode(
                    metadata: metadata, time: maybe { $0.integers(events) }, voltage: maybe { $0.integers(events) },
                    channel: maybe { $0.integers(events) }, complete: bool(),
                    digitizersPresent: maybe { $0.integers(3) }, into: &builder)
            },
        ]
    }
}

extension [UInt8] {
    /// The message that `body` writes.
    static func message(_ body: (inout FlatBufferBuilder) -> Void) -> [UInt8] { FlatBufferBuilder.bytes(body) }
}
