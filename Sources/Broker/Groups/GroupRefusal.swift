import KafkaWire

/// Why a group does not do what was asked: the error code that the client gets, and words for people.
struct GroupRefusal: Error, Equatable, Sendable {
    let code: ErrorCode
    let message: String

    init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }
}
