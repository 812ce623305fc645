import Schemas
import TestSupport

/// Encoded messages with random contents, of every schema.
struct RandomMessages {
    var random: SplitMix

    init(seed: UInt64) {
        random = SplitMix(seed)
    }

    /// One message of each schema.
    mutating func round() -> [[UInt8]] {
        [
            ev44(), pu00(), f144(), al00(), ep01(), pl72(), runStop(), answ(), wrdn(), x5f2(), hs01(),
            DF12.encoded(map()),
        ] + events() + logs() + histograms() + areas() + services() + muons()
    }

    mutating func bool() -> Bool { Bool.random(using: &random) }
    mutating func count(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &random) }

    mutating func text() -> String {
        let letters = Array("abcXYZ 019_:/.-\"\\\n{}µ°Å中🙂")
        return String((0..<count(40)).map { _ in letters[count(letters.count - 1)] })
    }

    mutating func maybe<T>(_ make: (inout Self) -> T) -> T? { bool() ? make(&self) : nil }

    mutating func maybeText() -> String? { maybe { $0.text() } }

    mutating func integer<T: FixedWidthInteger>() -> T {
        switch count(5) {
        case 0: 0
        case 1: .max
        case 2: .min
        default: T.random(in: T.min...T.max, using: &random)
        }
    }

    mutating func integers<T: FixedWidthInteger>(_ count: Int) -> [T] { (0..<count).map { _ in integer() } }

    mutating func real<T: BinaryFloatingPoint>() -> T where T.RawSignificand: FixedWidthInteger {
        switch count(7) {
        case 0: 0
        case 1: -0.0
        case 2: .infinity
        case 3: .nan
        case 4: .leastNonzeroMagnitude
        case 5: .greatestFiniteMagnitude
        default: T.random(in: -1e9...1e9, using: &random)
        }
    }

    mutating func reals<T: BinaryFloatingPoint>(_ count: Int) -> [T] where T.RawSignificand: FixedWidthInteger {
        (0..<count).map { _ in real() }
    }

    mutating func ev44() -> [UInt8] {
        let pulses = 1 + count(3)
        let events = count(200)
        return EV44.encoded(
            sourceName: text(), messageID: integer(), referenceTime: integers(pulses),
            referenceTimeIndex: integers(pulses), timeOfFlight: maybe { $0.integers(events) },
            pixelID: maybe { $0.integers(events) })
    }

    mutating func pu00() -> [UInt8] {
        PU00.encoded(
            sourceName: text(), messageID: integer(), referenceTime: integer(), vetos: maybe { $0.integer() },
            periodNumber: maybe { $0.integer() }, protonCharge: maybe { $0.real() })
    }

    mutating func f144() -> [UInt8] { f144(value(tag: 1 + count(19))) }

    mutating func f144(_ value: F144.OwnedValue) -> [UInt8] {
        F144.encoded(sourceName: text(), timestamp: integer(), value: value)
    }

    /// A value of union member `tag`.
    mutating func value(tag: Int) -> F144.OwnedValue {
        let length = count(12)
        return switch tag {
        case 1: .int8(integer())
        case 2: .uint8(integer())
        case 3: .int16(integer())
        case 4: .uint16(integer())
        case 5: .int32(integer())
        case 6: .uint32(integer())
        case 7: .int64(integer())
        case 8: .uint64(integer())
        case 9: .float(real())
        case 10: .double(real())
        case 11: .int8Array(integers(length))
        case 12: .uint8Array(integers(length))
        case 13: .int16Array(integers(length))
        case 14: .uint16Array(integers(length))
        case 15: .int32Array(integers(length))
        case 16: .uint32Array(integers(length))
        case 17: .int64Array(integers(length))
        case 18: .uint64Array(integers(length))
        case 19: .floatArray(reals(length))
        default: .doubleArray(reals(length))
        }
    }

    mutating func al00() -> [UInt8] {
        AL00.encoded(
            sourceName: text(), timestamp: integer(), severity: AL00.Severity.allCases[count(3)], message: text())
    }

    mutating func ep01() -> [UInt8] {
        EP01.encoded(
            timestamp: integer(), status: EP01.ConnectionInfo.allCases[count(7)], sourceName: text(),
            serviceID: text())
    }

    mutating func map() -> DF12.Owned {
        let pairs = 1 + count(30)
        return DF12.Owned(spectrum: integers(pairs), detectorID: integers(pairs), nSpectra: integer())
    }

    mutating func pl72() -> [UInt8] {
        PL72.encoded(
            startTime: integer(), stopTime: integer(), runName: text(), instrumentName: text(),
            nexusStructure: text(), jobID: text(), broker: text(), serviceID: text(), filename: text(),
            nPeriods: integer(), detectorSpectrumMap: maybe { $0.map() }, metadata: text(), controlTopic: text())
    }

    mutating func runStop() -> [UInt8] {
        RunStop6S4T.encoded(
            stopTime: integer(), runName: text(), jobID: text(), serviceID: text(), commandID: text())
    }

    mutating func answ() -> [UInt8] {
        ANSW.encoded(
            serviceID: text(), jobID: text(), action: bool() ? .startJob : .setStopTime,
            outcome: bool() ? .success : .failure, statusCode: integer(), stopTime: integer(), message: text(),
            commandID: text())
    }

    mutating func wrdn() -> [UInt8] {
        WRDN.encoded(
            serviceID: text(), jobID: text(), errorEncountered: bool(), fileName: text(),
            metadata: maybe { $0.text() + "m" }, message: maybe { $0.text() + "m" })
    }

    mutating func x5f2() -> [UInt8] {
        X5F2.encoded(
            softwareName: text(), softwareVersion: text(), serviceID: text(), hostName: text(),
            processID: integer(), updateInterval: integer(), statusJSON: text())
    }

    mutating func values(_ length: Int) -> OwnedArray {
        switch count(3) {
        case 0: .int32(integers(length))
        case 1: .int64(integers(length))
        case 2: .float(reals(length))
        default: .double(reals(length))
        }
    }

    mutating func hs01() -> [UInt8] {
        let shape = (0...count(2)).map { _ in Int32(1 + count(4)) }
        let size = shape.reduce(1) { $0 * Int($1) }
        return HS01.encoded(
            source: text(), timestamp: integer(),
            dimensionMetadata: shape.map { length in
                HS01.OwnedDimension(
                    length: length, unit: text(), label: text(), binBoundaries: values(Int(length) + 1))
            },
            lastMetadataTimestamp: integer(), currentShape: shape,
            offset: maybe { $0.integers(shape.count) }, data: values(size), errors: maybe { $0.values(size) },
            info: text())
    }
}
