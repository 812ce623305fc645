import CHDF5

/// The type of a dataset's or attribute's elements.
public enum NexusType: String, Sendable, CaseIterable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double
    /// Text, of fixed or variable length.
    case string
    /// Anything that this module does not read: compounds, references, opaque bytes.
    case other

    /// The type of a name in a NeXus structure, with the older names `int`, `short`, `long`, `float32`, `float64`.
    public init?(name: String) {
        switch name {
        case "int", "int32_t": self = .int32
        case "short": self = .int16
        case "long": self = .int64
        case "float32": self = .float
        case "float64": self = .double
        default:
            guard let type = NexusType(rawValue: name), type != .other else { return nil }
            self = type
        }
    }

    /// The Swift type of a number; nil for text and others.
    public var scalar: (any NexusScalar.Type)? {
        switch self {
        case .int8: Int8.self
        case .uint8: UInt8.self
        case .int16: Int16.self
        case .uint16: UInt16.self
        case .int32: Int32.self
        case .uint32: UInt32.self
        case .int64: Int64.self
        case .uint64: UInt64.self
        case .float: Float.self
        case .double: Double.self
        case .string, .other: nil
        }
    }

    /// Whether elements are integers.
    public var isInteger: Bool {
        switch self {
        case .float, .double, .string, .other: false
        default: true
        }
    }

    /// The type behind an HDF5 datatype.
    init(datatype: hid_t) {
        switch H5Tget_class(datatype) {
        case H5T_STRING: self = .string
        case H5T_FLOAT: self = H5Tget_size(datatype) <= 4 ? .float : .double
        case H5T_INTEGER, H5T_ENUM:
            let signed = H5Tget_sign(datatype) == H5T_SGN_2
            switch H5Tget_size(datatype) {
            case 1: self = signed ? .int8 : .uint8
            case 2: self = signed ? .int16 : .uint16
            case 3, 4: self = signed ? .int32 : .uint32
            default: self = signed ? .int64 : .uint64
            }
        default: self = .other
        }
    }
}
