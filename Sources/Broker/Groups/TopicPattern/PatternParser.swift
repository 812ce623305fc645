/// Reads a pattern in the syntax of RE2 (<https://github.com/google/re2/wiki/Syntax>).
struct PatternParser {
    /// Groups in groups.
    private static let depthMax = 100
    /// The largest count of a repetition, as in RE2.
    private static let repetitionMax = 1000

    private typealias Failure = TopicPattern.Failure

    private let text: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var ignoresCase = false

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// Reads everything.
    mutating func parse() throws(TopicPattern.Failure) -> PatternNode {
        let node = try choice()
        if position < text.count { throw Failure("unexpected ) at character \(position + 1)") }
        return node
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func startsWith(_ word: String) -> Bool {
        text[position...].starts(with: word.unicodeScalars)
    }

    private mutating func skip(_ word: String) -> Bool {
        guard startsWith(word) else { return false }
        position += word.unicodeScalars.count
        return true
    }

    /// Everything up to a word, which is skipped too.
    private mutating func take(until end: Unicode.Scalar, _ what: String) throws(TopicPattern.Failure) -> String {
        guard let index = text[position...].firstIndex(of: end) else { throw Failure("\(what) has no end") }
        defer { position = index + 1 }
        return String(String.UnicodeScalarView(text[position..<index]))
    }

    private mutating func choice() throws(TopicPattern.Failure) -> PatternNode {
        var nodes = [try sequence()]
        while skip("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence() throws(TopicPattern.Failure) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if skip("\\Q") {
                while position < text.count, !skip("\\E") {
                    nodes.append(literal(text[position]))
                    position += 1
                }
                continue
            }
            nodes.append(try repeated(try atom()))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated(_ node: PatternNode) throws(TopicPattern.Failure) -> PatternNode {
        var node = node
        var isRepeated = false
        while let (min, max) = try repetition() {
            // Which of several matches is taken makes no difference to whether there is one.
            _ = skip("?")
            if isRepeated { throw Failure("a repetition of a repetition at character \(position)") }
            isRepeated = true
            node = .repetition(node, min: min, max: max)
        }
        return node
    }

    private mutating func repetition() throws(TopicPattern.Failure) -> (Int, Int?)? {
        if skip("*") { return (0, nil) }
        if skip("+") { return (1, nil) }
        if skip("?") { return (0, 1) }
        guard next == "{", let close = text[position...].firstIndex(of: "}") else { return nil }
        let parts = String(String.UnicodeScalarView(text[position + 1..<close])).split(
            separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= 2, let min = Self.count(parts[0]) else { return nil }
        var max: Int? = min
        if parts.count == 2 {
            max = Self.count(parts[1])
            guard max != nil || parts[1].isEmpty else { return nil }
        }
        guard min <= Self.repetitionMax, max ?? min <= Self.repetitionMax, min <= max ?? min else {
            throw Failure("bad repetition {\(parts.joined(separator: ","))}")
        }
        position = close + 1
        return (min, max)
    }

    private static func count(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
        .character(set(of: scalar))
    }

    /// The set of one character; empty for one that no topic name can have.
    private func set(of scalar: Unicode.Scalar) -> CharacterSet {
        guard scalar.isASCII else { return CharacterSet() }
        let byte = UInt8(ascii: scalar)
        return cased(CharacterSet(byte...byte))
    }

    private func cased(_ set: CharacterSet) -> CharacterSet { ignoresCase ? set.ignoringCase : set }

    private mutating func atom() throws(TopicPattern.Failure) -> PatternNode {
        let start = position
        let scalar = text[position]
        position += 1
        switch scalar {
        case ".": return .character(.all)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "(": return try group()
        case "[": return .character(try bracket())
        case "\\": return try escape()
        case "*", "+", "?": throw Failure("nothing to repeat at character \(start + 1)")
        default: return literal(scalar)
        }
    }

    // MARK: - Groups

    private mutating func group() throws(TopicPattern.Failure) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw Failure("more than \(Self.depthMax) groups in each other") }
        let outer = ignoresCase
        if skip("?P<") || startsWith("?<") && !startsWith("?<=") && !startsWith("?<!") && skip("?<") {
            let name = try take(until: ">", "a group's name")
            guard !name.isEmpty, name.utf8.allSatisfy(CharacterSet.word.contains) else {
                throw Failure("bad group name \(name)")
            }
        } else if skip("?") {
            guard try flags() else { return .empty }
        }
        let node = try choice()
        guard skip(")") else { throw Failure("a group has no end") }
        ignoresCase = outer
        return node
    }

    /// Reads flags; false when they are for what follows the parentheses.
    private mutating func flags() throws(TopicPattern.Failure) -> Bool {
        var isOn = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": ignoresCase = isOn
            // Lines and greed make no difference: names have one line, and any match will do.
            case "m", "s", "U": break
            case "-" where isOn: isOn = false
            case ":": return true
            case ")": return false
            default: throw Failure("(?\(scalar) is not supported")
            }
        }
        throw Failure("a group has no end")
    }

    // MARK: - Characters

    private mutating func escape() throws(TopicPattern.Failure) -> PatternNode {
        guard let scalar = next else { throw Failure("\\ at the end") }
        switch scalar {
        case "A": position += 1; return .assertion(.start)
        case "z": position += 1; return .assertion(.end)
        case "b": position += 1; return .assertion(.wordBoundary)
        case "B": position += 1; return .assertion(.noWordBoundary)
        case "C": position += 1; return .character(.all)
        default:
            if let set = try classEscape() { return .character(cased(set)) }
            return literal(try characterEscape())
        }
    }

    /// `\d`, `\pL` and so on; nil when something else is next.
    private mutating func classEscape() throws(TopicPattern.Failure) -> CharacterSet? {
        let known: [Unicode.Scalar: CharacterSet] = ["d": .digits, "s": .space, "w": .word]
        guard let scalar = next else { return nil }
        if let set = known[scalar] {
            position += 1
            return set
        }
        if let set = known[scalar.properties.lowercaseMapping.unicodeScalars.first!] {
            position += 1
            return set.inverted
        }
        guard scalar == "p" || scalar == "P" else { return nil }
        position += 1
        var name = ""
        if skip("{") {
            name = try take(until: "}", "\\p{")
        } else if let single = next {
            position += 1
            name = String(single)
        }
        let isInverted = (scalar == "P") != name.hasPrefix("^")
        if name.hasPrefix("^") { name.removeFirst() }
        guard let set = CharacterSet(unicodeClass: name) else { throw Failure("\\p{\(name)} is not supported") }
        return isInverted ? set.inverted : set
    }

    /// The character behind a backslash.
    private mutating func characterEscape() throws(TopicPattern.Failure) -> Unicode.Scalar {
        guard let scalar = next else { throw Failure("\\ at the end") }
        position += 1
        let control: [Unicode.Scalar: Unicode.Scalar] = [
            "a": "\u{7}", "f": "\u{c}", "t": "\t", "n": "\n", "r": "\r", "v": "\u{b}",
        ]
        if let character = control[scalar] { return character }
        if scalar == "x" {
            var digits = ""
            if skip("{") {
                digits = try take(until: "}", "\\x{")
            } else {
                digits = String(String.UnicodeScalarView(text[position...].prefix(2)))
                position = min(position + 2, text.count)
            }
            guard digits.utf8.count >= 1, digits.utf8.count <= 6, digits.first != "+", digits.first != "-",
                let code = UInt32(digits, radix: 16), let character = Unicode.Scalar(code)
            else { throw Failure("bad character \\x\(digits)") }
            return character
        }
        // Letters and digits may mean something one day, and a digit would be a back reference.
        guard scalar.isASCII, CharacterSet.punctuation.contains(UInt8(ascii: scalar)) || scalar == " " else {
            throw Failure("\\\(scalar) is not supported")
        }
        return scalar
    }

    private mutating func bracket() throws(TopicPattern.Failure) -> CharacterSet {
        let isInverted = skip("^")
        var set = CharacterSet()
        var isFirst = true
        while isFirst || next != "]" {
            guard let scalar = next else { throw Failure("[ has no end") }
            isFirst = false
            if let named = try namedClass() {
                set = set.union(named)
                continue
            }
            let low = try bracketCharacter(scalar, &set)
            guard let low else { continue }
            var high = low
            if next == "-", position + 1 < text.count, text[position + 1] != "]" {
                position += 1
                var ignored = CharacterSet()
                guard let end = try bracketCharacter(text[position], &ignored), end >= low else {
                    throw Failure("bad range in []")
                }
                high = end
            }
            // Beyond ASCII there is nothing to match.
            if low.isASCII { set.insert(UInt8(ascii: low)...UInt8(min(high.value, 127))) }
        }
        position += 1
        set = cased(set)
        return isInverted ? set.inverted : set
    }

    /// One character in brackets; nil when a class was added to the set.
    private mutating func bracketCharacter(
        _ scalar: Unicode.Scalar, _ set: inout CharacterSet
    ) throws(TopicPattern.Failure) -> Unicode.Scalar? {
        position += 1
        guard scalar == "\\" else { return scalar }
        if let named = try classEscape() {
            set = set.union(named)
            return nil
        }
        return try characterEscape()
    }

    /// `[:alpha:]` or `[:^alpha:]`; nil when something else is next.
    private mutating func namedClass() throws(TopicPattern.Failure) -> CharacterSet? {
        guard startsWith("[:"), let end = text[position...].firstIndex(of: "]"), text[end - 1] == ":",
            end > position + 2
        else { return nil }
        var name = String(String.UnicodeScalarView(text[position + 2..<end - 1]))
        position = end + 1
        let isInverted = name.hasPrefix("^")
        if isInverted { name.removeFirst() }
        guard let set = CharacterSet(posixClass: name) else { throw Failure("[:\(name):] is not known") }
        return isInverted ? set.inverted : set
    }
}

extension CharacterSet {
    /// The ASCII part of a general category of Unicode, or of a script.
    fileprivate init?(unicodeClass name: String) {
        switch name {
        case "L", "Latin": self = .letters
        case "Lu": self = .upper
        case "Ll": self = .lower
        case "N", "Nd": self = .digits
        case "P":
            self = CharacterSet(33...35, 37...42, 44...47, 58...59, 63...64, 91...93, 95...95, 123...123, 125...125)
        case "Pc": self = CharacterSet(95...95)
        case "Pd": self = CharacterSet(45...45)
        case "S": self = CharacterSet(36...36, 43...43, 60...62, 94...94, 96...96, 124...124, 126...126)
        case "Z", "Zs": self = CharacterSet(32...32)
        default: return nil
        }
    }

    /// A class of POSIX.
    fileprivate init?(posixClass name: String) {
        switch name {
        case "alnum": self = .letters.union(.digits)
        case "alpha": self = .letters
        case "ascii": self = .all
        case "blank": self = CharacterSet(9...9, 32...32)
        case "cntrl": self = CharacterSet(0...31, 127...127)
        case "digit": self = .digits
        case "graph": self = CharacterSet(33...126)
        case "lower": self = .lower
        case "print": self = CharacterSet(32...126)
        case "punct": self = .punctuation
        case "space": self = CharacterSet(9...13, 32...32)
        case "upper": self = .upper
        case "word": self = .word
        case "xdigit": self = CharacterSet(48...57, 65...70, 97...102)
        default: return nil
        }
    }
}
