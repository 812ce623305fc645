/// A struct inside a FlatBuffer, read in place: numbers at fixed distances from its start, in the order of its schema,
/// each aligned to its own size. It must not outlive its buffer.
public struct FlatStruct {
    @usableFromInline let bytes: UnsafeRawBufferPointer

    @inlinable
    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The number that begins `offset` bytes into the struct; the offset comes from a schema, never from a message.
    @inlinable
    public func load<T: FlatScalar>(_ offset: Int, as type: T.Type = T.self) -> T {
        bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
}
