/// A schema as data: what `sluice schema show` prints, and what JSON, field paths and encoders go by.
public struct SchemaDefinition: Sendable {
    /// Whether new messages should use it.
    public enum Status: String, Sendable {
        case current
        /// Still sent; a newer schema exists.
        case deprecated
        /// Only in old data.
        case obsolete
    }

    /// The file identifier: four ASCII characters at byte 4.
    public let identifier: String
    /// What a message is, in a few words.
    public let title: String
    /// The .fbs file in which others define it.
    public let file: String
    /// Whether new messages should use it.
    public let status: Status
    /// The topics that carry it: endings such as `_events`, which follow the instrument's name.
    public let topics: [String]
    /// The root table.
    public let root: TableDefinition
    /// A message as JSON, which `Schema.encode` takes.
    public let example: String

    init(
        _ identifier: String, _ title: String, file: String, status: Status = .current, topics: [String],
        root: TableDefinition, example: String
    ) {
        self.identifier = identifier
        self.title = title
        self.file = file
        self.status = status
        self.topics = topics
        self.root = root
        self.example = example
    }
}
