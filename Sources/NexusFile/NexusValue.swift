/// The value of an attribute: text or numbers, alone or in a list.
public enum NexusValue: Equatable, Sendable {
    case text(String)
    case texts([String])
    case integer(Int64)
    case integers([Int64])
    case unsigned(UInt64)
    case unsigneds([UInt64])
    case real(Double)
    case reals([Double])

    /// The text, or the first of several; nil for numbers.
    public var text: String? {
        switch self {
        case .text(let text): text
        case .texts(let texts): texts.first
        default: nil
        }
    }

    /// The number, or the first of several, as a real number; nil for text.
    public var real: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .integers(let values): values.first.map { Double($0) }
        case .unsigned(let value): Double(value)
        case .unsigneds(let values): values.first.map { Double($0) }
        case .real(let value): value
        case .reals(let values): values.first
        case .text, .texts: nil
        }
    }
}
