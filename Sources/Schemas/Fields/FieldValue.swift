/// The value of one field of a message.
public enum FieldValue: Sendable, Equatable {
    case truth(Bool)
    case integer(Int64)
    /// A whole number above the range of `Int64`.
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    /// An array or a table: only how many elements or fields it has.
    case count(Int)

    /// The time that the value stands for, as a date; nil if it is none.
    func date(_ unit: TimeUnit) -> String? {
        switch (unit, self) {
        case (.nanoseconds, .integer(let time)): CivilTime.iso(nanoseconds: time)
        case (.nanosecondsOrNone, .integer(let time)): time == 0 ? nil : CivilTime.iso(nanoseconds: time)
        case (.milliseconds, .integer(let time)): time <= 0 ? nil : CivilTime.iso(milliseconds: UInt64(time))
        case (.seconds, .real(let time)): CivilTime.iso(seconds: time)
        default: nil
        }
    }
}
