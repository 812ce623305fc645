import Foundation

/// What in `expected` differs from `found`, as paths with both values; empty if every expected member is there.
///
/// Members that only `found` has are not looked at: our JSON also carries dates and counts. Floating-point numbers may
/// differ by `tolerance`, relative to their size or absolutely.
func differences(expected: Any, found: Any?, tolerance: Double = 0, at path: String = "") -> [String] {
    guard let found else { return ["\(path): expected \(expected), found nothing"] }
    if let expected = expected as? [String: Any] {
        guard let found = found as? [String: Any] else { return ["\(path): expected an object, found \(found)"] }
        return expected.flatMap {
            differences(expected: $0.value, found: found[$0.key], tolerance: tolerance, at: "\(path).\($0.key)")
        }
    }
    if let expected = expected as? [Any] {
        guard let found = found as? [Any], found.count == expected.count else {
            return ["\(path): expected \(expected.count) elements, found \(found)"]
        }
        return zip(expected, found).enumerated().flatMap {
            differences(expected: $1.0, found: $1.1, tolerance: tolerance, at: "\(path)[\($0)]")
        }
    }
    if let expected = expected as? String, let found = found as? String {
        // Swift compares canonically equivalent strings as equal; bytes are stricter.
        return Array(expected.utf8) == Array(found.utf8) ? [] : ["\(path): expected \(expected), found \(found)"]
    }
    if let expected = expected as? NSNumber, let found = found as? NSNumber {
        let texts = [expected.stringValue, found.stringValue]
        let integers = texts.allSatisfy { !$0.contains(".") && !$0.contains("e") }
        let distance = abs(expected.doubleValue - found.doubleValue)
        let equal = integers ? texts[0] == texts[1] : distance <= tolerance * max(abs(expected.doubleValue), 1)
        return equal ? [] : ["\(path): expected \(expected), found \(found)"]
    }
    if expected is NSNull, found is NSNull { return [] }
    return ["\(path): expected \(expected), found \(found)"]
}

/// `value` in our form: a union member is its value, an absent union is left out.
func withoutUnionObjects(_ value: Any) -> Any {
    if let object = value as? [String: Any] {
        if object.count == 1, let inner = object["value"] { return inner }
        let object = withTypedArrays(object)
        return object.filter { !($0.value as? String == "NONE" && $0.key.hasSuffix("_type")) }
            .mapValues(withoutUnionObjects)
    }
    if let array = value as? [Any] { return array.map(withoutUnionObjects) }
    return value
}

/// Arrays of bytes as the numbers or the text that a neighbour names their type: flatc knows only the bytes.
private func withTypedArrays(_ object: [String: Any]) -> [String: Any] {
    var result = object
    for (typeName, dataName) in [("data_type", "data"), ("dataType", "pData")] {
        // flatc leaves out a type that is its enumeration's first, as a default; and a union's tag is no type of bytes.
        guard let elements = object[dataName] as? [NSNumber], object["\(dataName)_type_type"] == nil else { continue }
        let type = (object[typeName] as? String)?.lowercased()
        let bytes = elements.map { UInt8(truncating: $0) }
        func numbers<T: Numeric>(_: T.Type, _ make: (T) -> Any) -> [Any] {
            stride(from: 0, to: bytes.count, by: MemoryLayout<T>.size).map { start in
                make(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: T.self) })
            }
        }
        switch type {
        case "int8": result[dataName] = numbers(Int8.self, NSNumber.init(value:))
        case "int16": result[dataName] = numbers(Int16.self, NSNumber.init(value:))
        case "uint16": result[dataName] = numbers(UInt16.self, NSNumber.init(value:))
        case "int32": result[dataName] = numbers(Int32.self, NSNumber.init(value:))
        case "uint32": result[dataName] = numbers(UInt32.self, NSNumber.init(value:))
        case "int64": result[dataName] = numbers(Int64.self, NSNumber.init(value:))
        case "uint64": result[dataName] = numbers(UInt64.self, NSNumber.init(value:))
        case "float32": result[dataName] = numbers(Float.self, { finite($0, Double("\($0)")) })
        case "float64": result[dataName] = numbers(Double.self) { finite($0, $0) }
        case "c_string": result[dataName] = String(decoding: bytes, as: UTF8.self)
        default: break
        }
    }
    return result
}

/// The number as JSON has it, or our word for one that JSON lacks.
private func finite<T: BinaryFloatingPoint>(_ number: T, _ double: Double?) -> Any {
    number.isFinite ? NSNumber(value: double ?? 0) : number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
}
