import Bytes
import KafkaWire

/// The topics that the members of a group read, as far as the broker can know.
enum TopicSubscription: Equatable, Sendable {
    /// The group has no members.
    case nothing
    /// These.
    case topics(Set<String>)
    /// The members say it in a way that the broker does not understand: any topic may be among them.
    case anything
    /// The members are no consumers.
    case unknown

    /// Whether the topic is, or may be, among them.
    func contains(_ topic: String) -> Bool {
        switch self {
        case .nothing: false
        case .topics(let topics): topics.contains(topic)
        case .anything, .unknown: true
        }
    }
}

extension ClassicGroup {
    /// The type of groups whose members are consumers.
    static let consumerProtocolType = "consumer"

    /// The topics that the members read.
    var subscription: TopicSubscription {
        guard !members.isEmpty else { return .nothing }
        guard protocolType == Self.consumerProtocolType else { return .unknown }
        var topics: Set<String> = []
        for member in members.values {
            let metadata = member.metadata(protocolName ?? member.protocols.first?.name)
            do throws(DecodeError) {
                try topics.formUnion(metadata.parsed(ConsumerSubscription.init(parsing:)).topics)
            } catch {
                return .anything
            }
        }
        return .topics(topics)
    }
}

extension ConsumerGroup {
    /// The topics that the members want.
    var topicSubscription: TopicSubscription {
        guard !members.isEmpty else { return .nothing }
        // After a restart nobody has looked yet which topics match.
        let isUnresolved = subscription.snapshot == nil && members.values.contains { $0.description.topicRegex != nil }
        if isUnresolved { return .anything }
        return .topics(Set(members.values.flatMap(\.description.topicNames)).union(subscription.topics.keys))
    }
}
