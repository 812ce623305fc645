import KafkaWire

/// DescribeUserScramCredentials (API 50): which users have credentials, never the secrets.
enum DescribeUserSCRAMCredentialsHandler {
    static func handle(_ request: DescribeUserSCRAMCredentialsRequest, _ context: RequestContext) {
        let credentials = context.core.credentials
        let wanted = (request.users ?? []).map(\.name)
        let repeated = Set(wanted.filter { name in wanted.count(where: { $0 == name }) > 1 })
        var seen: Set<String> = []
        let users = wanted.isEmpty ? credentials.users : wanted.filter { seen.insert($0).inserted }
        context.answer(
            DescribeUserSCRAMCredentialsResponse(
                results: users.map { user in
                    var result = DescribeUserSCRAMCredentialsResponse.Result(user: user)
                    if repeated.contains(user) {
                        result.errorCode = .duplicateResource
                        result.errorMessage = "user \(user) is named more than once"
                        return result
                    }
                    result.credentials = credentials.credentials(of: user).map {
                        .init(mechanism: $0.mechanism.rawValue, iterations: $0.iterations)
                    }
                    if result.credentials.isEmpty {
                        result.errorCode = .resourceNotFound
                        result.errorMessage = "user \(user) has no SCRAM credentials"
                    }
                    return result
                }))
    }
}
