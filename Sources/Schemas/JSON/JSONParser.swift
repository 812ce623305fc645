/// Where and why a text is not JSON.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// The byte, from 0.
    public let position: Int

    public var description: String { "not JSON at byte \(position): \(reason)" }
}

/// Parses JSON from UTF-8 bytes in one pass.
///
/// Nesting is limited; memory taken is proportional to the text, never to a number in it.
public struct JSONParser {
    /// Deepest nesting of lists and objects.
    public static let depthMax = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The only value in `text`.
    public static func parse(_ text: String) throws(JSONError) -> JSONNode {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var parser = JSONParser(bytes)
            let value = try parser.value(depth: 0)
            parser.skipSpace()
            guard parser.position == bytes.count else { throw parser.failure("more text behind the value") }
            return value
        }
    }

    private func failure(_ reason: String) -> JSONError { JSONError(reason: reason, position: position) }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard take(byte) else { throw failure("expected \(Unicode.Scalar(byte))") }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONNode {
        guard depth < Self.depthMax else { throw failure("nested deeper than \(Self.depthMax)") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .list(try elements(depth: depth))
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw failure("the text ends early")
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONNode) throws(JSONError) -> JSONNode {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw failure("expected \(word)") }
        }
        return value
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSONNode] {
        try expect(UInt8(ascii: "["))
        var elements: [JSONNode] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return elements
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSONNode.Member] {
        try expect(UInt8(ascii: "{"))
        var members: [JSONNode.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            let name = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            members.append(JSONNode.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return members
    }

    private mutating func number() throws(JSONError) -> JSONNode {
        let start = position
        var isReal = false
        while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isReal = true
            default:
                return try number(from: start, isReal: isReal)
            }
            position += 1
        }
        return try number(from: start, isReal: isReal)
    }

    private func number(from start: Int, isReal: Bool) throws(JSONError) -> JSONNode {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if !isReal {
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .unsigned(value) }
        }
        guard !text.isEmpty, text.utf8.first != UInt8(ascii: "+"), let value = Double(text), value.isFinite else {
            throw failure(text.isEmpty ? "expected a value" : "\(text) is not a number")
        }
        return .real(value)
    }

    private mutating func string() throws(JSONError) -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt8] = []
        while let byte = next {
            let start = position
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"),
                bytes[end] >= 0x20
            {
                end += 1
            }
            text.append(contentsOf: bytes[start..<end])
            position = end
            if take(UInt8(ascii: "\"")) { return String(decoding: text, as: UTF8.self) }
            guard take(UInt8(ascii: "\\")) else {
                throw failure(byte < 0x20 ? "a control character in text" : "the text ends early")
            }
            text.append(contentsOf: Array(String(try escape()).utf8))
        }
        throw failure("the text ends early")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw failure("the text ends early") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("unknown escape")
        }
    }

    /// `\uXXXX`, or two of them that make a surrogate pair; half of a pair becomes U+FFFD.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        guard (0xd800..<0xdc00).contains(first) else { return Unicode.Scalar(first) ?? "\u{fffd}" }
        let behind = position
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            position = behind
            return "\u{fffd}"
        }
        let second = try hexadecimal()
        guard (0xdc00..<0xe000).contains(second) else {
            position = behind
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
