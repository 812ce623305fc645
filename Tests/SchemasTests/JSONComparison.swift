import Foundation

/// What in `expected` differs from `found`, as paths with both values; empty if every expected member is there.
///
/// Members that only `found` has are not looked at: our JSON also carries dates and counts. Floating-point numbers may
/// differ by `tolerance`, relative to their size.
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
        let equal = integers ? texts[0] == texts[1] : distance <= tolerance * abs(expected.doubleValue)
        return equal ? [] : ["\(path): expected \(expected), found \(found)"]
    }
    if expected is NSNull, found is NSNull { return [] }
    return ["\(path): expected \(expected), found \(found)"]
}

/// `value` in our form: a union member is its value, an absent union is left out.
func withoutUnionObjects(_ value: Any) -> Any {
    if let object = value as? [String: Any] {
        if object.count == 1, let inner = object["value"] { return inner }
        return object.filter { !($0.value as? String == "NONE" && $0.key.hasSuffix("_type")) }
            .mapValues(withoutUnionObjects)
    }
    if let array = value as? [Any] { return array.map(withoutUnionObjects) }
    return value
}
