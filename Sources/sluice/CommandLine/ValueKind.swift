import Configuration

/// What the value of a flag or an operand is: how it is checked before a command starts, and completed in a shell.
enum ValueKind: Sendable, Equatable {
    /// Anything.
    case text
    /// One of these words.
    case choice([String])
    /// Words of a list, separated by commas.
    case choices([String])
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A number.
    case number(ClosedRange<Double>)
    /// A time span such as `10s`.
    case duration
    /// A number of bytes such as `10MB`.
    case size
    /// `NAME=VALUE`.
    case pair
    /// The name of a topic, or `host:port/topic`; the broker knows which there are.
    case topic
    /// The name of a consumer group; the broker knows which there are.
    case group
    /// An instrument: what topics' names begin with.
    case instrument
    /// A path.
    case file
    /// A path of a directory.
    case directory

    /// Why `text` is no such value: what it must be; nil when it is one.
    func complaint(_ text: String) -> String? {
        switch self {
        case .text, .topic, .group, .instrument, .file, .directory: nil
        case .choice(let words): words.contains(text) ? nil : Self.oneOf(words)
        case .choices(let words):
            text.split(separator: ",").allSatisfy { words.contains(String($0)) } ? nil : Self.oneOf(words)
        case .integer(let range): Int(text).map { range.contains($0) } == true ? nil : Self.wholeNumber(range)
        case .number(let range):
            Units.number(text).map { range.contains($0) } == true
                ? nil : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: Units.milliseconds(text) == nil ? "a duration such as 250ms, 10s or 5m" : nil
        case .size: Units.bytes(text) == nil ? "a size such as 512KiB or 10MB" : nil
        case .pair: text.prefix { $0 != "=" }.isEmpty || !text.contains("=") ? "NAME=VALUE" : nil
        }
    }

    private static func oneOf(_ words: [String]) -> String {
        words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
    }

    private static func wholeNumber(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max && range.lowerBound == 0
            ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}
