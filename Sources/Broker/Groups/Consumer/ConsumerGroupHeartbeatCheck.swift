import KafkaWire

/// What can be wrong with a ConsumerGroupHeartbeat whatever the group is like.
enum ConsumerGroupHeartbeatCheck {
    static func check(_ request: ConsumerGroupHeartbeatRequest, version: Int16) throws(GroupRefusal) {
        guard !request.groupID.isBlank else { throw invalid("GroupId can't be empty.") }
        guard !(request.instanceID?.isBlank ?? false) else { throw invalid("InstanceId can't be empty.") }
        guard !(request.rackID?.isBlank ?? false) else { throw invalid("RackId can't be empty.") }
        try checkEpoch(request, version)
        try checkSubscription(request)
        if let name = request.serverAssignor, ServerAssignor(rawValue: name) == nil {
            let known = ServerAssignor.allCases.map(\.rawValue).joined(separator: ", ")
            throw GroupRefusal(.unsupportedAssignor, "ServerAssignor \(name) is not supported; there are: \(known)")
        }
    }

    private static func checkEpoch(_ request: ConsumerGroupHeartbeatRequest, _ version: Int16) throws(GroupRefusal) {
        let isBrokerToNameMember = version == 0 && request.memberEpoch == 0
        guard isBrokerToNameMember || !request.memberID.isBlank else { throw invalid("MemberId can't be empty.") }
        switch request.memberEpoch {
        case 0:
            guard request.rebalanceTimeoutMilliseconds != -1 else {
                throw invalid("RebalanceTimeoutMs must be provided in first request.")
            }
            guard let owned = request.topicPartitions, owned.isEmpty else {
                throw invalid("TopicPartitions must be empty when (re-)joining.")
            }
            guard request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil else {
                throw invalid("SubscribedTopicNames or SubscribedTopicRegex must be set when (re-)joining.")
            }
        case ConsumerGroupMember.Progress.away:
            guard request.instanceID != nil else { throw invalid("InstanceId can't be null.") }
        case ConsumerGroupMember.Progress.leaving, 1...: break
        default: throw invalid("MemberEpoch is invalid.")
        }
        guard request.rebalanceTimeoutMilliseconds >= -1 else { throw invalid("RebalanceTimeoutMs is negative.") }
    }

    private static func checkSubscription(_ request: ConsumerGroupHeartbeatRequest) throws(GroupRefusal) {
        guard let regex = request.subscribedTopicRegex else { return }
        do throws(TopicPattern.Failure) {
            _ = try TopicPattern(regex)
        } catch {
            throw GroupRefusal(.invalidRegularExpression, "SubscribedTopicRegex \(regex.prefix(200)): \(error)")
        }
    }

    private static func invalid(_ message: String) -> GroupRefusal { GroupRefusal(.invalidRequest, message) }
}

extension String {
    /// Whether there is nothing but white space.
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
