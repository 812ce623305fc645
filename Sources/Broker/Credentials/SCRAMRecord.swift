import Bytes

/// What `__cluster_metadata` holds of one SCRAM credential. The layout is explained at `MetadataRecord`.
struct SCRAMRecord: Equatable, Sendable {
    var user: String
    var mechanism: SCRAMCredential.Mechanism
    /// nil when the credential was removed.
    var credential: SCRAMCredential?

    init(_ credential: SCRAMCredential) {
        user = credential.user
        mechanism = credential.mechanism
        self.credential = credential
    }

    /// The record that removes a credential.
    init(removing mechanism: SCRAMCredential.Mechanism, of user: String) {
        self.user = user
        self.mechanism = mechanism
    }

    func encodeKey(into writer: inout ByteWriter) {
        writer.int8(mechanism.rawValue)
        writer.shortString(user)
    }

    func encodeValue(into writer: inout ByteWriter) {
        guard let credential else { return }
        writer.int32(credential.iterations)
        for bytes in [credential.salt, credential.saltedPassword] {
            writer.int16(Int16(bytes.count))
            writer.append(bytes)
        }
    }

    /// Reads the key, and the value behind its version unless the record was removed.
    init(key: inout ByteReader, value: inout ByteReader?) throws(DecodeError) {
        guard let mechanism = SCRAMCredential.Mechanism(rawValue: try key.int8()) else {
            throw DecodeError("mechanism of a SCRAM record", at: key.position)
        }
        self.mechanism = mechanism
        user = try key.shortString()
        guard var reader = value else { return }
        let iterations = try reader.int32()
        let salt = Array(try reader.view(Int(try reader.int16())))
        let saltedPassword = Array(try reader.view(Int(try reader.int16())))
        credential = SCRAMCredential(
            user: user, mechanism: mechanism, iterations: iterations, salt: salt, saltedPassword: saltedPassword)
    }
}
