import Schemas
import Streams

/// Messages, bytes and events by schema.
public struct SchemaTally: Sendable {
    /// What was counted of one schema.
    public struct Counts: Sendable, Equatable {
        /// Messages.
        public var messages: Int64 = 0
        /// Bytes of values.
        public var bytes: Int64 = 0
        /// Neutron or muon events.
        public var events: Int64 = 0

        /// Nothing counted.
        public init() {}

        /// The sum of two.
        public static func + (left: Counts, right: Counts) -> Counts {
            var sum = left
            sum.messages += right.messages
            sum.bytes += right.bytes
            sum.events += right.events
            return sum
        }

        /// What was counted since `earlier`.
        public static func - (later: Counts, earlier: Counts) -> Counts {
            var difference = later
            difference.messages -= earlier.messages
            difference.bytes -= earlier.bytes
            difference.events -= earlier.events
            return difference
        }
    }

    /// The counts by schema id, or by `text`, `bytes`, `empty` and `null`. Only ids of known schemas are told apart, so
    /// there are never more than a few, whatever the messages claim to be.
    public private(set) var bySchema: [String: Counts] = [:]

    /// Nothing counted.
    public init() {}

    /// Everything together.
    public var total: Counts { bySchema.values.reduce(Counts(), +) }

    /// Counts a record's value.
    public mutating func count(_ value: UnsafeRawBufferPointer?) {
        var counts = Counts()
        counts.messages = 1
        counts.bytes = Int64(value?.count ?? 0)
        let name = Payload.schema(of: value)
        if let value, Schema.named(name) != nil { counts.events = Int64(MessageDecoder.eventCount(value) ?? 0) }
        bySchema[name] = (bySchema[name] ?? Counts()) + counts
    }
}
