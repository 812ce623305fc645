/// What a user is checked against in SASL/SCRAM (RFC 5802): never the password, but what was made of it.
struct SCRAMCredential: Equatable, Sendable {
    /// The hash, by Kafka's numbers.
    enum Mechanism: Int8, Sendable, CaseIterable {
        case sha256 = 1
        case sha512 = 2

        /// Bytes of the hash.
        var hashBytes: Int {
            switch self {
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    /// The iterations that are taken, as in Kafka: fewer are guessed too easily, more cost the broker too much.
    static let iterations: ClosedRange<Int32> = 4096...16384
    /// Bytes of a salt at most.
    static let saltBytesMax = 1024

    var user: String
    var mechanism: Mechanism
    var iterations: Int32
    var salt: [UInt8]
    /// SaltedPassword of RFC 5802, from which stored key and server key are made.
    var saltedPassword: [UInt8]

    /// Throws `unacceptableCredential` for iterations, salts and hashes that cannot be right.
    func check() throws(BrokerError) {
        guard iterations >= Self.iterations.lowerBound else {
            throw BrokerError(
                .unacceptableCredential, "too few iterations: \(iterations), at least \(Self.iterations.lowerBound)")
        }
        guard iterations <= Self.iterations.upperBound else {
            throw BrokerError(
                .unacceptableCredential, "too many iterations: \(iterations), at most \(Self.iterations.upperBound)")
        }
        guard !salt.isEmpty, salt.count <= Self.saltBytesMax else {
            throw BrokerError(.unacceptableCredential, "a salt of \(salt.count) bytes; give 1 to \(Self.saltBytesMax)")
        }
        guard saltedPassword.count == mechanism.hashBytes else {
            throw BrokerError(
                .unacceptableCredential,
                "a salted password of \(saltedPassword.count) bytes; this mechanism makes \(mechanism.hashBytes)")
        }
    }
}
