/// The four characters that tell what schema a buffer has, as the number that they are in the buffer.
@usableFromInline
enum FlatIdentifier {
    /// The number of four ASCII characters: little-endian, as all numbers there are.
    @inline(__always)
    @inlinable
    static func code(_ identifier: String) -> UInt32 {
        var identifier = identifier
        return identifier.withUTF8 { characters in
            precondition(characters.count == 4, "a file identifier has four characters")
            return UnsafeRawBufferPointer(characters).loadUnaligned(as: UInt32.self)
        }
    }
}
