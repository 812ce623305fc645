import KafkaWire

/// FindCoordinator (API 10): the only broker coordinates everything, at the address that Metadata tells.
enum FindCoordinatorHandler {
    /// What can be coordinated; the numbers are Kafka's `CoordinatorType`.
    private enum KeyType: Int8 {
        case group = 0
        case transaction = 1
        case share = 2
    }

    static func handle(_ request: FindCoordinatorRequest, _ context: RequestContext) {
        let advertised = context.advertised
        context.answer(
            FindCoordinatorResponse(
                coordinators: request.keys.map { key in
                    if let message = refusal(key, request.keyType, context.version) {
                        return FindCoordinatorResponse.Coordinator(
                            key: key, errorCode: .invalidRequest, errorMessage: message)
                    }
                    return FindCoordinatorResponse.Coordinator(
                        key: key, nodeID: context.core.options.nodeID, host: advertised.host, port: advertised.port)
                }))
    }

    /// Why there is no coordinator for a key; nil when there is.
    private static func refusal(_ key: String, _ type: Int8, _ version: Int16) -> String? {
        switch KeyType(rawValue: type) {
        case .group, .transaction:
            return nil
        case .share where version >= 6:
            // A partition of a share group: `group:topic id:partition` (KIP-932).
            let parts = key.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 3, let partition = parts.last, Int32(partition) != nil else {
                return "a share coordinator's key is group:topicId:partition, not \(key)"
            }
            return nil
        case .share, nil:
            return "coordinators of type \(type) are not known"
        }
    }
}
