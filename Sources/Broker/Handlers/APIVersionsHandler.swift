import KafkaWire

/// ApiVersions (API 18): the first request of nearly every client.
enum APIVersionsHandler {
    static func handle(_ request: APIVersionsRequest, _ context: RequestContext) {
        guard context.version < 3 || request.isValid else {
            return context.answer(APIVersionsResponse(errorCode: .invalidRequest))
        }
        var response = APIVersionsResponse(apiKeys: entries)
        // Java clients below 4 refuse a feature whose lowest level is 0, and know none of them (KAFKA-17011).
        if context.version >= 4 {
            response.supportedFeatures = [
                APIVersionsResponse.SupportedFeature(name: transactionFeature, minVersion: 0, maxVersion: 2)
            ]
            response.finalizedFeatures = [
                APIVersionsResponse.FinalizedFeature(
                    name: transactionFeature, maxVersionLevel: 2, minVersionLevel: 2)
            ]
            response.finalizedFeaturesEpoch = 0
        }
        context.answer(response)
    }

    /// The protocol of transactions; at level 2 every transaction has an epoch of its own (KIP-890).
    private static let transactionFeature = "transaction.version"

    /// The answer to a version that is newer than this broker: the client reads version 0 and chooses again.
    static func refuseVersion(_ context: RequestContext) {
        context.answer(APIVersionsResponse(errorCode: .unsupportedVersion, apiKeys: entries), version: 0)
    }

    private static let entries = SupportedVersions.all.map { supported in
        APIVersionsResponse.Entry(
            apiKey: supported.api.rawValue, minVersion: supported.advertised.lowerBound,
            maxVersion: supported.advertised.upperBound)
    }
}
