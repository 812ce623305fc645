/// The way to a field of a message, such as `source_name`, `data[0].shape[1]`, `reference_time_iso[0]`.
///
/// Names are those of the message's JSON form: those of the .fbs file, `schema`, and with `_iso` the date of a time, with
/// `_count` the number of an array's elements, with `_type` the name of a union's member, with `_mismatch` how an array
/// disagrees with its shape. A union of values (`f144`'s `value`) is its value.
public struct FieldPath: Sendable, Equatable, CustomStringConvertible {
    /// A name, and behind it an index in brackets.
    struct Step: Sendable, Equatable {
        var name: String
        var index: Int?
    }

    /// The path as it was given.
    public let description: String
    let steps: [Step]

    /// Parses a path.
    public init(_ text: String) throws(FieldPathError) {
        var steps: [Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard let step = Self.step(part) else {
                throw FieldPathError(text, "is not a path such as source_name or data[0].name")
            }
            steps.append(step)
        }
        description = text
        self.steps = steps
    }

    private static func step(_ part: Substring) -> Step? {
        let name = part.prefix { $0 != "[" }
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
        let brackets = part.dropFirst(name.count)
        if brackets.isEmpty { return Step(name: String(name), index: nil) }
        guard brackets.last == "]", let index = Int(brackets.dropFirst().dropLast()), index >= 0 else { return nil }
        return Step(name: String(name), index: index)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Why a path leads nowhere.
public struct FieldPathError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path.
    public let path: String
    /// What is wrong with it.
    public let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "field \(path): \(reason)" }
}
