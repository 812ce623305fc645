import Schemas
import Streams

/// A line for each record in kcat's notation: `%t [%p] at %o: key %k, %S bytes\n`.
///
/// | | | | |
/// |---|---|---|---|
/// | `%s` value | `%k` key | `%t` topic | `%h` headers `name=value,...` |
/// | `%S` its bytes, -1 for none | `%K` its bytes, -1 for none | `%p` partition | `%T` time in ms |
/// | `%R` its bytes as a big-endian int32 | `%o` offset | `%D` time as a date | `%F` schema, `%j` message as JSON |
///
/// `%%` is a percent sign; `\n \r \t \\ \0` and `\xHH` are bytes. Everything else stands for itself.
/// Source: kcat(1), with `%D`, `%F` and `%j` added.
public struct RecordTemplate: Sendable {
    private enum Part: Sendable, Equatable {
        case bytes([UInt8])
        case property(Character)
    }

    private static let properties: Set<Character> = ["s", "S", "R", "k", "K", "t", "p", "o", "T", "D", "h", "F", "j"]

    private var parts: [Part] = []

    /// Parses a template.
    public init(_ text: String) throws(TemplateSyntaxError) {
        var literal: [UInt8] = []
        let characters = Array(text)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            index += 1
            guard character == "%" || character == "\\" else {
                literal += Array(String(character).utf8)
                continue
            }
            guard index < characters.count else {
                throw TemplateSyntaxError(position: index - 1, reason: "nothing follows \(character)")
            }
            let next = characters[index]
            index += 1
            if character == "\\" {
                literal += try Self.escape(next, characters, &index)
            } else if next == "%" {
                literal.append(UInt8(ascii: "%"))
            } else {
                guard Self.properties.contains(next) else {
                    let known = Self.properties.sorted().map { "%\($0)" }.joined(separator: " ")
                    throw TemplateSyntaxError(position: index - 2, reason: "there is no %\(next), only \(known) and %%")
                }
                if !literal.isEmpty { parts.append(.bytes(literal)) }
                literal = []
                parts.append(.property(next))
            }
        }
        if !literal.isEmpty { parts.append(.bytes(literal)) }
    }

    /// The bytes of a text with escapes and without properties.
    public static func literal(_ text: String) throws(TemplateSyntaxError) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in try RecordTemplate(text.replacing("%", with: "%%")).parts {
            if case .bytes(let literal) = part { bytes += literal }
        }
        return bytes
    }

    private static func escape(
        _ character: Character, _ characters: [Character], _ index: inout Int
    ) throws(TemplateSyntaxError) -> [UInt8] {
        switch character {
        case "n": return [10]
        case "r": return [13]
        case "t": return [9]
        case "0": return [0]
        case "x":
            let digits = String(characters[index...].prefix(2))
            guard digits.count == 2, let byte = UInt8(digits, radix: 16) else {
                throw TemplateSyntaxError(position: index - 2, reason: "two hexadecimal digits follow \\x")
            }
            index += 2
            return [byte]
        default: return Array(String(character).utf8)
        }
    }

    /// Appends a record to `output`.
    public func append(
        _ record: StreamRecord, _ partition: TopicPartition, _ arrays: JSONArrays, to output: inout [UInt8]
    ) {
        for part in parts {
            switch part {
            case .bytes(let bytes): output += bytes
            case .property(let property): Self.append(property, record, partition, arrays, &output)
            }
        }
    }

    private static func append(
        _ property: Character, _ record: StreamRecord, _ partition: TopicPartition, _ arrays: JSONArrays,
        _ output: inout [UInt8]
    ) {
        switch property {
        case "s": if let value = record.value { output += value }
        case "S": output += "\(record.value?.count ?? -1)".utf8
        case "R": withUnsafeBytes(of: Int32(clamping: record.value?.count ?? -1).bigEndian) { output += $0 }
        case "k": if let key = record.key { output += key }
        case "K": output += "\(record.key?.count ?? -1)".utf8
        case "t": output += partition.topic.utf8
        case "p": output += "\(partition.partition)".utf8
        case "o": output += "\(record.offset)".utf8
        case "T": output += "\(record.timestampMilliseconds)".utf8
        case "D": output += RecordText.date(record.timestampMilliseconds).utf8
        case "h": output += RecordText.headers(record.headers).utf8
        case "F": output += Payload(record.value).schema.utf8
        default:
            var json = JSONWriter(arrays: arrays)
            Payload(record.value).write(to: &json)
            output += json.bytes
        }
    }
}

/// Why a text is not a template.
public struct TemplateSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Characters before the place that is wrong.
    public let position: Int
    /// What is wrong there.
    public let reason: String

    public var description: String { "at character \(position + 1): \(reason)" }
}
