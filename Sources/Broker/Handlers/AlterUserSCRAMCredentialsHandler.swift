import KafkaWire

/// AlterUserScramCredentials (API 51). A user can be changed once in a request, whatever the mechanism.
enum AlterUserSCRAMCredentialsHandler {
    static func handle(_ request: AlterUserSCRAMCredentialsRequest, _ context: RequestContext) {
        let core = context.core
        context.onWorker {
            let changes = request.deletions.map(Change.deletion) + request.upsertions.map(Change.upsertion)
            let counts = changes.reduce(into: [:]) { $0[$1.user, default: 0] += 1 }
            var answered: Set<String> = []
            var results: [AlterUserSCRAMCredentialsResponse.Result] = []
            for change in changes where answered.insert(change.user).inserted {
                var result = AlterUserSCRAMCredentialsResponse.Result(user: change.user)
                do throws(BrokerError) {
                    guard counts[change.user] == 1 else {
                        throw BrokerError(.duplicateResource, "a user cannot be changed twice in the same request")
                    }
                    try make(change, core.credentials)
                } catch {
                    result.errorCode = error.errorCode
                    result.errorMessage = error.message
                }
                results.append(result)
            }
            return AlterUserSCRAMCredentialsResponse(results: results)
        } then: { response in
            for result in response.results where result.errorCode != .none { context.count(result.errorCode) }
            context.answer(response)
        }
    }

    private enum Change {
        case deletion(AlterUserSCRAMCredentialsRequest.Deletion)
        case upsertion(AlterUserSCRAMCredentialsRequest.Upsertion)

        var user: String {
            switch self {
            case .deletion(let deletion): deletion.name
            case .upsertion(let upsertion): upsertion.name
            }
        }
    }

    private static func make(_ change: Change, _ credentials: CredentialStore) throws(BrokerError) {
        guard !change.user.isEmpty else { throw BrokerError(.unacceptableCredential, "a credential without a user") }
        switch change {
        case .deletion(let deletion):
            try credentials.remove(user: deletion.name, try mechanism(deletion.mechanism))
        case .upsertion(let upsertion):
            try credentials.set(
                SCRAMCredential(
                    user: upsertion.name, mechanism: try mechanism(upsertion.mechanism),
                    iterations: upsertion.iterations, salt: upsertion.salt,
                    saltedPassword: upsertion.saltedPassword))
        }
    }

    private static func mechanism(_ number: Int8) throws(BrokerError) -> SCRAMCredential.Mechanism {
        guard let mechanism = SCRAMCredential.Mechanism(rawValue: number) else {
            throw BrokerError(.unsupportedMechanism, "SCRAM mechanism \(number): 1 (SHA-256) and 2 (SHA-512) are known")
        }
        return mechanism
    }
}
