/// Text of a NeXus structure (the JSON of `PL72.nexusStructure`) with places to be filled in.
///
/// - `{name}`, a lower-case word in braces, stands for a value: it is replaced by the value's text, escaped for JSON.
/// - An object with the member `"repeat": "list"` stands for one object for each item of that list, in its place;
///   inside it the item's own values can be used too. An empty list leaves nothing behind.
public struct StructureTemplate: Sendable {
    /// Why a template cannot be filled.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// What is wrong, and on which line.
        public let description: String

        fileprivate init(_ text: String, _ bytes: [UInt8], _ index: Int) {
            let line = bytes[..<min(index, bytes.count)].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            description = "line \(line): \(text)"
        }
    }

    private let bytes: [UInt8]

    /// A template of this text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The structure with all places filled. What is filled in is text, never a place itself.
    ///
    /// - Parameters:
    ///   - values: the values of single places.
    ///   - lists: the items of each list, each with its own values.
    /// - Throws: for a place or a list that has no value here, and for braces or quotes that do not match.
    public func filled(
        _ values: [String: String], lists: [String: [[String: String]]] = [:]
    ) throws(Failure) -> String {
        var output: [UInt8] = []
        var next = 0
        for repeated in try RepeatedObject.all(in: bytes) {
            guard let items = lists[repeated.list] else {
                throw failure("there is no list \"\(repeated.list)\"", at: repeated.object.lowerBound)
            }
            // Without any item the object goes together with a comma that would be left over.
            let gap = items.isEmpty ? Self.withComma(bytes, repeated.object) : repeated.object
            output += try substitute(next..<gap.lowerBound, values)
            let mark = Self.withComma(bytes, repeated.mark)
            for (position, item) in items.enumerated() {
                if position > 0 { output.append(UInt8(ascii: ",")) }
                let all = values.merging(item) { $1 }
                output += try substitute(repeated.object.lowerBound..<mark.lowerBound, all)
                output += try substitute(mark.upperBound..<repeated.object.upperBound, all)
            }
            next = gap.upperBound
        }
        output += try substitute(next..<bytes.count, values)
        return String(decoding: output, as: UTF8.self)
    }

    /// Replaces the places in a piece of the text.
    private func substitute(_ range: Range<Int>, _ values: [String: String]) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == UInt8(ascii: "{"), let end = Self.placeEnd(bytes, index) {
                let name = String(decoding: bytes[index + 1..<end], as: UTF8.self)
                guard let value = values[name] else { throw failure("there is no value for {\(name)}", at: index) }
                output += Self.escaped(value)
                index = end + 1
                continue
            }
            output.append(byte)
            index += 1
        }
        return output
    }

    private func failure(_ text: String, at index: Int) -> Failure { Failure(text, bytes, index) }

    /// The range and the comma behind it or, at the end of an object or array, the one before it.
    private static func withComma(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        let after = bytes[range.upperBound...].firstIndex { !isBlank($0) }
        if let after, bytes[after] == UInt8(ascii: ",") { return range.lowerBound..<after + 1 }
        let before = bytes[..<range.lowerBound].lastIndex { !isBlank($0) }
        if let before, bytes[before] == UInt8(ascii: ",") { return before..<range.upperBound }
        return range
    }

    fileprivate static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    /// The index of the closing brace of a place that opens at `start`; nil when it is none.
    private static func placeEnd(_ input: [UInt8], _ start: Int) -> Int? {
        var end = start + 1
        while end < input.count, isNameByte(input[end]) { end += 1 }
        return end > start + 1 && end < input.count && input[end] == UInt8(ascii: "}") ? end : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    /// The text as it stands between the quotes of a JSON string.
    private static func escaped(_ text: String) -> ArraySlice<UInt8> {
        var json = JSONWriter()
        json.value(text)
        return json.bytes.dropFirst().dropLast()
    }
}

/// Where in a template an object stands for a list.
private struct RepeatedObject {
    /// From the opening brace to behind the closing one.
    var object: Range<Int>
    /// The member `"repeat": "list"`.
    var mark: Range<Int>
    /// The list's name.
    var list: String

    /// All of them in order; throws for braces or quotes that do not match.
    static func all(in bytes: [UInt8]) throws(StructureTemplate.Failure) -> [RepeatedObject] {
        var found: [RepeatedObject] = []
        var opened: [Int] = []
        var open: (depth: Int, mark: Range<Int>, list: String)?
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let start = index
                let end = try stringEnd(bytes, start)
                index = end
                guard bytes[start..<end].elementsEqual("\"repeat\"".utf8),
                    let (list, markEnd) = try value(bytes, end)
                else { continue }
                guard open == nil else {
                    throw StructureTemplate.Failure("\"repeat\" inside another one is not allowed", bytes, start)
                }
                open = (opened.count, start..<markEnd, list)
                index = markEnd
            case UInt8(ascii: "{"):
                opened.append(index)
                index += 1
            case UInt8(ascii: "}"):
                guard let start = opened.popLast() else {
                    throw StructureTemplate.Failure("a closing brace has no opening one", bytes, index)
                }
                index += 1
                if let (depth, mark, list) = open, depth == opened.count + 1 {
                    found.append(RepeatedObject(object: start..<index, mark: mark, list: list))
                    open = nil
                }
            default: index += 1
            }
        }
        if let start = opened.last { throw StructureTemplate.Failure("a brace is not closed", bytes, start) }
        return found
    }

    /// Behind the closing quote of the string that opens at `start`.
    private static func stringEnd(_ bytes: [UInt8], _ start: Int) throws(StructureTemplate.Failure) -> Int {
        var index = start + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { throw StructureTemplate.Failure("a quote is not closed", bytes, start) }
        return index + 1
    }

    /// The list named behind the key that ends at `end`, and where the member ends; nil when it is no key.
    private static func value(
        _ bytes: [UInt8], _ end: Int
    ) throws(StructureTemplate.Failure) -> (list: String, end: Int)? {
        guard let colon = bytes[end...].firstIndex(where: { !StructureTemplate.isBlank($0) }),
            bytes[colon] == UInt8(ascii: ":")
        else { return nil }
        guard let quote = bytes[(colon + 1)...].firstIndex(where: { !StructureTemplate.isBlank($0) }),
            bytes[quote] == UInt8(ascii: "\"")
        else {
            throw StructureTemplate.Failure("\"repeat\" needs the name of a list in quotes", bytes, colon)
        }
        let valueEnd = try stringEnd(bytes, quote)
        return (String(decoding: bytes[quote + 1..<valueEnd - 1], as: UTF8.self), valueEnd)
    }
}
