extension UnionDefinition {
    /// The ten kinds of numbers, alone and as arrays, with the tags of `f144` and `f142`.
    static let logValue = UnionDefinition("Value", values: logValues)

    static let logValues: [(name: String, type: FieldType)] = [
        ("Byte", .number(.int8)), ("UByte", .number(.uint8)), ("Short", .number(.int16)), ("UShort", .number(.uint16)),
        ("Int", .number(.int32)), ("UInt", .number(.uint32)), ("Long", .number(.int64)), ("ULong", .number(.uint64)),
        ("Float", .number(.float32)), ("Double", .number(.float64)),
        ("ArrayByte", .numbers(.int8)), ("ArrayUByte", .numbers(.uint8)), ("ArrayShort", .numbers(.int16)),
        ("ArrayUShort", .numbers(.uint16)), ("ArrayInt", .numbers(.int32)), ("ArrayUInt", .numbers(.uint32)),
        ("ArrayLong", .numbers(.int64)), ("ArrayULong", .numbers(.uint64)), ("ArrayFloat", .numbers(.float32)),
        ("ArrayDouble", .numbers(.float64)),
    ]
}
