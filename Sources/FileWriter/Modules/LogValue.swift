import NexusFile
import Schemas

/// A number out of a log message, with its full precision.
enum LogValue: Equatable {
    case signed(Int64)
    case unsigned(UInt64)
    case real(Double)

    /// The value of a message; nil for an array.
    init?(_ value: F144.Value) {
        switch value {
        case .int8(let value): self = .signed(Int64(value))
        case .uint8(let value): self = .unsigned(UInt64(value))
        case .int16(let value): self = .signed(Int64(value))
        case .uint16(let value): self = .unsigned(UInt64(value))
        case .int32(let value): self = .signed(Int64(value))
        case .uint32(let value): self = .unsigned(UInt64(value))
        case .int64(let value): self = .signed(value)
        case .uint64(let value): self = .unsigned(value)
        case .float(let value): self = .real(Double(value))
        case .double(let value): self = .real(value)
        default: return nil
        }
    }

    /// The value as a real number.
    var real: Double {
        switch self {
        case .signed(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .real(let value): value
        }
    }
}

/// A column of log values of a type that the structure chose.
protocol LogColumn: AnyObject {
    var dataset: NexusDataset { get }
    var count: Int { get }
    /// Appends a value, converted: cut to the type's range, rounded for integers.
    func append(_ value: LogValue) throws(NexusError)
    func flush() throws(NexusError)
}

extension AppendableDataset: LogColumn {
    func append(_ value: LogValue) throws(NexusError) {
        switch value {
        case .signed(let value): try append(T(nearest: value))
        case .unsigned(let value): try append(T(nearest: value))
        case .real(let value): try append(T(nearest: value))
        }
    }
}

/// An empty column of the given type; `double` for text, which logs cannot hold.
func makeLogColumn(
    _ group: NexusGroup, _ name: String, _ type: NexusType, chunkRows: Int
) throws(NexusError) -> any LogColumn {
    func make<T: NexusScalar>(_: T.Type) throws(NexusError) -> any LogColumn {
        try AppendableDataset<T>(group, name, chunkBytes: chunkRows * MemoryLayout<T>.size)
    }
    guard let scalar = type.scalar else { return try make(Double.self) }
    return try make(scalar)
}
