/// Why the broker refused or failed: what, where, and what to do about it.
public struct BrokerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure that callers tell apart.
    public enum Kind: Sendable, Equatable {
        /// Another process listens on the address.
        case addressInUse
        /// The address cannot be parsed, resolved or bound.
        case addressInvalid
        /// Another process owns the data directory.
        case dataDirectoryLocked
        /// The data directory cannot be used, or its contents are damaged beyond what recovery may drop.
        case dataDirectory
        /// The disk is full.
        case storageFull
        /// The disk failed.
        case storage
        /// The topic's name is not allowed.
        case invalidTopic
        /// The topic does not exist.
        case unknownTopic
        /// No topic has this id.
        case unknownTopicID
        /// A topic of this name exists.
        case topicExists
        /// The partition count is not allowed.
        case invalidPartitions
        /// The replication factor is not possible here.
        case invalidReplicationFactor
        /// A partition is given to brokers that cannot hold it.
        case invalidReplicaAssignment
        /// A setting is unknown or its value is not allowed.
        case invalidConfiguration
        /// The offset lies outside the partition's records.
        case offsetOutOfRange
        /// The topic's settings forbid it.
        case policyViolation
        /// The request makes no sense.
        case invalidRequest
        /// The request asks for something that this version does not know.
        case unsupportedVersion
        /// Access rules are turned off.
        case securityDisabled
        /// What the request names does not exist.
        case resourceNotFound
        /// The request names a thing twice.
        case duplicateResource
        /// The credential does not fulfil the rules.
        case unacceptableCredential
        /// The SASL mechanism is not known.
        case unsupportedMechanism
        /// A named maximum is reached.
        case limitReached
        /// The broker is stopping.
        case closed
    }

    /// The kind of failure.
    public let kind: Kind
    /// What failed, where, and what to do, in one line.
    public let message: String

    /// A failure of one kind with its text.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
