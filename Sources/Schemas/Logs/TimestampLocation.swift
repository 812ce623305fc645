import FlatBuffers

/// Which value of an `SE00` or `SENV` message was taken at the message's time.
public enum TimestampLocation: Int8, SchemaEnumeration {
    case unknown = 0
    /// The first.
    case start = 1
    case middle = 2
    /// The last.
    case end = 3

    public static let words = ["Unknown", "Start", "Middle", "End"]
}
