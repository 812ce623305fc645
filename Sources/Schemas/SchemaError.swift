import FlatBuffers

/// Why a message could not be decoded.
public enum SchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No decoder knows this file identifier (nil: the bytes carry none).
    case unknownSchema(identifier: String?)
    /// The bytes are not a valid message of schema `identifier`.
    case malformed(identifier: String, cause: FlatBufferError)

    public var description: String {
        switch self {
        case .unknownSchema(nil): "not a FlatBuffer message: no file identifier at byte 4"
        case .unknownSchema(let identifier?): "no decoder for messages of schema \(identifier)"
        case .malformed(let identifier, let cause): "malformed \(identifier) message: \(cause)"
        }
    }
}
