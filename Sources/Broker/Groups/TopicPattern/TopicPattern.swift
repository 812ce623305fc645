/// A pattern of topic names in the syntax of RE2, which KIP-848 prescribes (`SubscribedTopicRegex`); it has to match the
/// whole name.
///
/// Patterns come from clients and run on the broker, so time must not explode: the pattern becomes an automaton that looks
/// at each character of a name once, in all its states at the same time (Thompson), and never tries again. Swift's own
/// `Regex` and POSIX `regexec` try again, and a short pattern can keep them busy for years. Like RE2, this leaves out back
/// references and looking around, for which no such automaton exists. As topic names are ASCII, so are the characters
/// that an automaton tells apart.
struct TopicPattern: Sendable {
    /// Bytes of a pattern.
    static let bytesMax = 8192
    /// States of an automaton: the time for a character of a name.
    static let statesMax = 4000

    /// Why a text is no pattern.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    private let program: PatternProgram

    /// Reads a pattern.
    init(_ text: String) throws(Failure) {
        guard text.utf8.count <= Self.bytesMax else { throw Failure("longer than \(Self.bytesMax) bytes") }
        var parser = PatternParser(text)
        program = try PatternProgram(try parser.parse(), statesMax: Self.statesMax)
    }

    /// Whether the whole name matches.
    func matches(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { program.matches($0) }
    }
}
