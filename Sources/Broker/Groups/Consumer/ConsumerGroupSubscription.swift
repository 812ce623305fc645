import Bytes

/// The topics that the members of a group want and that there are.
struct ConsumerGroupSubscription: Sendable {
    /// The topics by name.
    private(set) var topics: [String: TopicSnapshot.Entry] = [:]
    /// What they were looked up in; nil before the first time.
    private(set) var snapshot: TopicSnapshot?
    /// Names of topics that match, by pattern.
    private var matches: [String: [String]] = [:]

    /// Tells whether the topics are still the same; the same in every process.
    var hash: Int64 { TopicSnapshot.hash(topics) }

    /// How many partitions each topic has.
    var partitionCounts: [UUID: Int32] {
        Dictionary(uniqueKeysWithValues: topics.values.map { ($0.id, $0.partitionCount) })
    }

    /// Looks up the topics of all members.
    mutating func refresh(_ members: [ConsumerGroupMember.Description], _ snapshot: TopicSnapshot) {
        let patterns = Set(members.compactMap(\.topicRegex))
        if self.snapshot !== snapshot { matches = [:] }
        matches = matches.filter { patterns.contains($0.key) }
        for pattern in patterns where matches[pattern] == nil {
            matches[pattern] = (try? TopicPattern(pattern)).map { pattern in
                snapshot.byName.keys.filter(pattern.matches)
            }
        }
        self.snapshot = snapshot
        topics = [:]
        for name in members.flatMap(names) {
            if let entry = snapshot.byName[name] { topics[name] = entry }
        }
    }

    /// Ids of the topics that one of the members wants.
    func topicIDs(_ member: ConsumerGroupMember.Description) -> Set<UUID> {
        Set(names(member).compactMap { topics[$0]?.id })
    }

    private func names(_ member: ConsumerGroupMember.Description) -> [String] {
        member.topicNames + (member.topicRegex.flatMap { matches[$0] } ?? [])
    }
}
