import FlatBuffers

/// Which schema a message claims to be.
public enum SchemaIdentifier {
    /// The four characters at byte 4, if there are at least 8 bytes and the characters are printable ASCII.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> String? {
        FlatBufferTable.identifier(of: bytes)
    }
}
