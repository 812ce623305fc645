/// A part of a pattern.
indirect enum PatternNode: Equatable, Sendable {
    /// Nothing, which is everywhere.
    case empty
    /// One of these characters.
    case character(CharacterSet)
    /// A place between characters.
    case assertion(PatternAssertion)
    /// One behind the other.
    case sequence([PatternNode])
    /// One of several.
    case choice([PatternNode])
    /// Many times; nil for no upper end.
    case repetition(PatternNode, min: Int, max: Int?)
}

/// A condition on a place between characters.
enum PatternAssertion: Equatable, Sendable {
    case start
    case end
    case wordBoundary
    case noWordBoundary
}

/// A set of ASCII characters.
struct CharacterSet: Equatable, Sendable {
    /// Characters 0 to 63 and 64 to 127, one a bit.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// No character.
    init() {}

    /// The characters of ranges.
    init(_ ranges: ClosedRange<UInt8>...) {
        for range in ranges { insert(range) }
    }

    static let all = CharacterSet(0...127)
    static let digits = CharacterSet(48...57)
    static let upper = CharacterSet(65...90)
    static let lower = CharacterSet(97...122)
    static let letters = upper.union(lower)
    static let word = letters.union(digits).union(CharacterSet(95...95))
    static let space = CharacterSet(9...10, 12...13, 32...32)
    static let punctuation = CharacterSet(33...47, 58...64, 91...96, 123...126)

    func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: low >> UInt64(byte) & 1 == 1
        case 64..<128: high >> UInt64(byte - 64) & 1 == 1
        default: false
        }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
    }

    func union(_ other: CharacterSet) -> CharacterSet {
        var set = self
        set.low |= other.low
        set.high |= other.high
        return set
    }

    /// All others.
    var inverted: CharacterSet {
        var set = CharacterSet()
        set.low = ~low
        set.high = ~high
        return set
    }

    /// With the other case of every letter.
    var ignoringCase: CharacterSet {
        var set = self
        for byte: UInt8 in 65...90 {
            if contains(byte) { set.insert(byte + 32...byte + 32) }
            if contains(byte + 32) { set.insert(byte...byte) }
        }
        return set
    }
}
