/// The administrative half of the port: what consoles and commands ask of a cluster and change in it.
///
/// An adapter that does not offer one of these throws `unsupported`. All calls block and may be made from any thread.
public protocol StreamAdministration: AnyObject, Sendable {
    /// The cluster and its brokers.
    func cluster() throws(StreamError) -> ClusterDescription
    /// The settings of a topic, sorted by name.
    func settings(topic: String) throws(StreamError) -> [StreamTopicSetting]
    /// Sets settings of a topic by Kafka name; nil returns one to its default. Others stay as they are.
    func alterSettings(topic: String, _ changes: [String: String?]) throws(StreamError)
    /// Gives a topic more partitions, so that it has `count`.
    func addPartitions(topic: String, count: Int32) throws(StreamError)
    /// Gives up the records of partitions that come before an offset, durably (KIP-107). A partition that begins at its
    /// offset, or behind it, stays as it is.
    ///
    /// - Parameter offsets: for each partition at most its high watermark.
    /// - Returns: where each partition begins now.
    /// - Throws: `unknownTopic`, `offsetOutOfRange`, or `invalidArgument` for topics whose records are not to be deleted
    ///   (by their `cleanup.policy`, or because they are the cluster's own). The error is that of one partition; the others
    ///   were trimmed.
    func deleteRecords(before offsets: [TopicPartition: Int64]) throws(StreamError) -> [TopicPartition: Int64]
    /// Every group of consumers, sorted by name.
    func groups() throws(StreamError) -> [StreamGroupListing]
    /// A group with its members; nil when there is none.
    func group(_ name: String) throws(StreamError) -> StreamGroupDescription?
    /// Every offset that a group has committed.
    func committedOffsets(group: String) throws(StreamError) -> [TopicPartition: Int64]
    /// Deletes a group, which must have no members, with its offsets.
    func deleteGroup(_ name: String) throws(StreamError)
}

extension StreamAdministration {
    public func cluster() throws(StreamError) -> ClusterDescription { throw Self.unsupported("describing the cluster") }

    public func settings(topic: String) throws(StreamError) -> [StreamTopicSetting] {
        throw Self.unsupported("settings of topic \(topic)")
    }

    public func alterSettings(topic: String, _ changes: [String: String?]) throws(StreamError) {
        throw Self.unsupported("changing settings of topic \(topic)")
    }

    public func addPartitions(topic: String, count: Int32) throws(StreamError) {
        throw Self.unsupported("adding partitions to topic \(topic)")
    }

    public func deleteRecords(
        before offsets: [TopicPartition: Int64]
    ) throws(StreamError) -> [TopicPartition: Int64] { throw Self.unsupported("deleting records") }

    public func groups() throws(StreamError) -> [StreamGroupListing] { throw Self.unsupported("listing groups") }

    public func group(_ name: String) throws(StreamError) -> StreamGroupDescription? {
        throw Self.unsupported("describing group \(name)")
    }

    public func committedOffsets(group: String) throws(StreamError) -> [TopicPartition: Int64] {
        throw Self.unsupported("committed offsets of group \(group)")
    }

    public func deleteGroup(_ name: String) throws(StreamError) { throw Self.unsupported("deleting group \(name)") }

    private static func unsupported(_ what: String) -> StreamError {
        StreamError(.unsupported, "\(what): not offered by these streams")
    }
}

/// A cluster as it describes itself.
public struct ClusterDescription: Sendable, Equatable {
    /// A broker of a cluster.
    public struct Broker: Sendable, Equatable {
        /// Its number.
        public let id: Int32
        /// Where it is reached.
        public let host: String
        /// Where it is reached.
        public let port: Int32

        /// A broker at an address.
        public init(id: Int32, host: String, port: Int32) {
            self.id = id
            self.host = host
            self.port = port
        }
    }

    /// The cluster's id; nil when it does not tell.
    public let id: String?
    /// The number of the broker that administers the cluster; nil when it does not tell.
    public let controller: Int32?
    /// Its brokers, sorted by number.
    public let brokers: [Broker]

    /// A cluster of brokers.
    public init(id: String?, controller: Int32?, brokers: [Broker]) {
        self.id = id
        self.controller = controller
        self.brokers = brokers
    }
}

/// One setting of a topic.
public struct StreamTopicSetting: Sendable, Equatable {
    /// Where a value comes from.
    public enum Source: String, Sendable {
        /// Set for this topic.
        case topic
        /// The broker's own configuration.
        case broker
        /// Nobody set it.
        case builtIn = "default"
        /// The other side does not tell.
        case unknown
    }

    /// Its Kafka name, such as `retention.ms`.
    public let name: String
    /// Its value; nil when it is kept secret.
    public let value: String?
    /// Where the value comes from.
    public let source: Source
    /// Whether it cannot be changed.
    public let isReadOnly: Bool

    /// A setting with its value.
    public init(name: String, value: String?, source: Source, isReadOnly: Bool) {
        self.name = name
        self.value = value
        self.source = source
        self.isReadOnly = isReadOnly
    }
}

/// What a group does (KIP-222, KIP-848).
public enum StreamGroupState: String, Sendable {
    /// The other side did not say.
    case unknown
    /// Members join.
    case preparingRebalance = "preparing rebalance"
    /// The leader assigns partitions.
    case completingRebalance = "completing rebalance"
    /// Every member has its partitions.
    case stable
    /// It is about to be forgotten.
    case dead
    /// It has no members, only offsets.
    case empty
}

/// A group in a list.
public struct StreamGroupListing: Sendable, Equatable {
    /// The group's name.
    public let name: String
    /// What it does.
    public let state: StreamGroupState

    /// A group.
    public init(name: String, state: StreamGroupState) {
        self.name = name
        self.state = state
    }
}

/// A group with its members.
public struct StreamGroupDescription: Sendable, Equatable {
    /// A consumer that belongs to a group.
    public struct Member: Sendable, Equatable {
        /// The id that the group's coordinator gave it.
        public let id: String
        /// The id that it has for good (KIP-345); nil for none.
        public let instanceID: String?
        /// What the client calls itself.
        public let clientID: String
        /// Where it comes from.
        public let host: String
        /// What it reads, sorted.
        public let partitions: [TopicPartition]

        /// A member that reads partitions.
        public init(id: String, instanceID: String?, clientID: String, host: String, partitions: [TopicPartition]) {
            self.id = id
            self.instanceID = instanceID
            self.clientID = clientID
            self.host = host
            self.partitions = partitions
        }
    }

    /// The group's name.
    public let name: String
    /// What it does.
    public let state: StreamGroupState
    /// How it divides partitions, such as `range`; empty for none.
    public let assignor: String
    /// Who reads.
    public let members: [Member]

    /// A group with members.
    public init(name: String, state: StreamGroupState, assignor: String, members: [Member]) {
        self.name = name
        self.state = state
        self.assignor = assignor
        self.members = members
    }
}
