import KafkaWire

/// ApiVersions (API 18): the first request of nearly every client.
enum APIVersionsHandler {
    static func handle(_ request: APIVersionsRequest, _ context: RequestContext) {
        guard context.version < 3 || request.isValid else {
            return context.answer(APIVersionsResponse(errorCode: .invalidRequest))
        }
        context.answer(APIVersionsResponse(apiKeys: entries))
    }

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
