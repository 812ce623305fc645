import KafkaWire

/// UpdateFeatures (API 57): a single node has no features whose versions could be set, so that each is refused by name.
enum UpdateFeaturesHandler {
    static func handle(_ request: UpdateFeaturesRequest, _ context: RequestContext) {
        guard let first = request.updates.first else { return context.answer(UpdateFeaturesResponse()) }
        context.count(.invalidUpdateVersion)
        // From version 2 on the update is one: it fails as a whole.
        guard context.version < 2 else {
            return context.answer(
                UpdateFeaturesResponse(errorCode: .invalidUpdateVersion, errorMessage: message(first.feature)))
        }
        context.answer(
            UpdateFeaturesResponse(
                results: request.updates.map {
                    .init(feature: $0.feature, errorCode: .invalidUpdateVersion, errorMessage: message($0.feature))
                }))
    }

    private static func message(_ feature: String) -> String {
        "feature \(feature.debugDescription) has no versions that could be set on this broker"
    }
}
