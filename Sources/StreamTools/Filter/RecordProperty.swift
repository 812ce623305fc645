/// A property of a record that a condition can look at.
enum RecordProperty: Sendable, Equatable {
    case topic, partition, offset, timestamp, key, size, schema
    case header(String)

    init?(_ name: String) {
        switch name {
        case "topic": self = .topic
        case "partition": self = .partition
        case "offset": self = .offset
        case "timestamp": self = .timestamp
        case "key": self = .key
        case "size": self = .size
        case "schema": self = .schema
        default:
            guard name.hasPrefix("header."), name.utf8.count > 7 else { return nil }
            self = .header(String(name.dropFirst(7)))
        }
    }
}
