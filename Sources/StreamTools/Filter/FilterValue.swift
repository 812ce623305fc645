/// A value in a condition: what was written, and the number that it is.
struct FilterValue: Sendable, Equatable {
    let text: String
    /// What it is as a number; nil for a word and for quoted text.
    let number: Number?

    enum Number: Sendable, Equatable {
        case integer(Int64)
        case unsigned(UInt64)
        case real(Double)
    }
}
