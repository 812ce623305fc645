import FlatBuffers

/// How many elements of an array go into JSON.
public enum JSONArrays: Sendable, Equatable {
    /// At most the first `limit`; a sibling key `<name>_count` tells how many there were.
    case shortened(_ limit: Int)
    /// All of them.
    case full
}

/// Something that is one JSON value.
public protocol JSONValue {
    /// Writes it.
    func write(to json: inout JSONWriter)
}

/// Writes JSON text (RFC 8259) from front to back; the caller keeps objects and arrays balanced.
///
/// Integers are written as they are, also beyond 2^53; numbers that JSON lacks become the strings `"NaN"`,
/// `"Infinity"` and `"-Infinity"`.
public struct JSONWriter {
    /// The text so far, UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// How long arrays may be.
    public let arrays: JSONArrays
    private var needsComma = false

    /// An empty text.
    public init(arrays: JSONArrays = .full) {
        self.arrays = arrays
    }

    /// The text so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Opens an object, lets `body` write its members, and closes it.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        openObject()
        body(&self)
        closeObject()
    }

    /// Opens an array, lets `body` write its elements, and closes it.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        openArray()
        body(&self)
        closeArray()
    }

    /// Writes a member's name; its value must follow.
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a value.
    public mutating func value(_ value: some JSONValue) {
        value.write(to: &self)
    }

    /// Writes `null`.
    public mutating func null() {
        raw("null")
    }

    /// Writes a member.
    public mutating func field(_ name: String, _ value: some JSONValue) {
        key(name)
        self.value(value)
    }

    /// Writes a member unless its value is nil.
    public mutating func field(_ name: String, ifPresent value: (some JSONValue)?) {
        if let value { field(name, value) }
    }

    /// Writes a member, `null` if its value is nil.
    public mutating func field(_ name: String, orNull value: (some JSONValue)?) {
        key(name)
        if let value { self.value(value) } else { null() }
    }

    /// Writes an array member, as long as `arrays` allows, and `<name>_count` if it had to be shortened.
    public mutating func field<T: FlatScalar & JSONValue>(_ name: String, elements: FlatVector<T>?) {
        guard let elements else { return }
        key(name)
        let shown = shownCount(of: elements.count)
        array { json in
            for element in elements.prefix(shown) { json.value(element) }
        }
        if shown < elements.count { field(name + "_count", elements.count) }
    }

    /// Writes a time as its number, and beside it as a date under `<name>_iso`.
    public mutating func field(_ name: String, nanoseconds: Int64) {
        field(name, nanoseconds)
        field(name + "_iso", CivilTime.iso(nanoseconds: nanoseconds))
    }

    /// Writes a time as its number, and beside it as a date under `<name>_iso` unless it is 0, which means "none".
    public mutating func field(_ name: String, milliseconds: UInt64) {
        field(name, milliseconds)
        if milliseconds > 0 { field(name + "_iso", ifPresent: CivilTime.iso(milliseconds: milliseconds)) }
    }

    /// How many of `count` elements `arrays` lets through.
    public func shownCount(of count: Int) -> Int {
        switch arrays {
        case .shortened(let limit): min(max(limit, 0), count)
        case .full: count
        }
    }

    // MARK: - Text

    /// Writes `text` as a value without quoting it: it must be JSON.
    mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes `text` as a string value.
    mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: - Brackets by hand, for writers that throw

    /// Opens an object; its members and `closeObject` must follow.
    mutating func openObject() { open(UInt8(ascii: "{")) }

    /// Closes an object.
    mutating func closeObject() { close(UInt8(ascii: "}")) }

    /// Opens an array; its elements and `closeArray` must follow.
    mutating func openArray() { open(UInt8(ascii: "[")) }

    /// Closes an array.
    mutating func closeArray() { close(UInt8(ascii: "]")) }

    /// A place to which the text can be cut back.
    var mark: (count: Int, needsComma: Bool) { (bytes.count, needsComma) }

    /// Forgets everything behind `mark`.
    mutating func cut(to mark: (count: Int, needsComma: Bool)) {
        bytes.removeLast(bytes.count - mark.count)
        needsComma = mark.needsComma
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: #"\r"#.utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(character >> 4)])
                bytes.append(digits[Int(character & 15)])
            default: bytes.append(character)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue where Self: BinaryInteger {
    public func write(to json: inout JSONWriter) { json.raw(String(self)) }
}

extension JSONValue where Self: BinaryFloatingPoint & CustomStringConvertible {
    public func write(to json: inout JSONWriter) {
        if isFinite {
            json.raw(description)
        } else {
            json.string(isNaN ? "NaN" : self < 0 ? "-Infinity" : "Infinity")
        }
    }
}

extension Int: JSONValue {}
extension Int8: JSONValue {}
extension UInt8: JSONValue {}
extension Int16: JSONValue {}
extension UInt16: JSONValue {}
extension Int32: JSONValue {}
extension UInt32: JSONValue {}
extension Int64: JSONValue {}
extension UInt64: JSONValue {}
extension Float: JSONValue {}
extension Double: JSONValue {}

extension Bool: JSONValue {
    public func write(to json: inout JSONWriter) { json.raw(self ? "true" : "false") }
}

extension String: JSONValue {
    public func write(to json: inout JSONWriter) { json.string(self) }
}
