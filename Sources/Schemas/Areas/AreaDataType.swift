import FlatBuffers

/// What the elements of an area detector's array are.
public enum AreaDataType: Int8, SchemaEnumeration {
    case int8 = 0
    case uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, text

    public static let words = [
        "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "c_string",
    ]
}
