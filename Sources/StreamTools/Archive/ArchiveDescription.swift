/// What an archive says of itself.
public struct ArchiveDescription: Sendable, Equatable {
    /// The topic that the records come from.
    public let topic: String
    /// How many partitions it had.
    public let partitionCount: Int32
    /// When the archive was made, ms since the epoch.
    public let createdMilliseconds: Int64

    /// A description.
    public init(topic: String, partitionCount: Int32, createdMilliseconds: Int64) {
        self.topic = topic
        self.partitionCount = partitionCount
        self.createdMilliseconds = createdMilliseconds
    }
}

/// How much an archive holds.
public struct ArchiveSummary: Sendable, Equatable {
    /// Records.
    public var records: Int64 = 0
    /// Bytes of keys and values.
    public var bytes: Int64 = 0
}
