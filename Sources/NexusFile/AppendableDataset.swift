/// A 1-D dataset of numbers that grows at its end.
///
/// Rows are gathered in memory, at most one chunk of them (allocated as they come), and reach the file chunk by chunk.
/// `flush` before the file is flushed or closed; what was not flushed is not in the file.
public final class AppendableDataset<T: NexusScalar> {
    @usableFromInline let column: ChunkedColumn

    /// The chunk's size unless told otherwise: 1 MiB, which HDF5's own chunk cache can hold when the file is read.
    public static var chunkBytesDefault: Int { 1 << 20 }

    /// Creates an empty dataset in `group`.
    public init(_ group: NexusGroup, _ name: String, chunkBytes: Int = 1 << 20) throws(NexusError) {
        let size = MemoryLayout<T>.size
        column = try ChunkedColumn(
            group, name, type: T.nativeType, elementBytes: size, chunkRows: max(1, chunkBytes / size))
    }

    /// The dataset, for attributes. Its shape is that of its creation.
    public var dataset: NexusDataset { column.dataset }

    /// Rows appended so far.
    @inlinable
    public var count: Int { column.count }

    /// Appends one row.
    @inlinable
    public func append(_ value: T) throws(NexusError) {
        if column.usedBytes == column.capacityBytes { try column.makeRoom() }
        column.buffer.storeBytes(of: value, toByteOffset: column.usedBytes, as: T.self)
        column.usedBytes += MemoryLayout<T>.size
    }

    /// Appends rows as they lie in memory (little-endian, no alignment needed).
    @inlinable
    public func append(rawRows rows: UnsafeRawBufferPointer) throws(NexusError) {
        try column.append(rows)
    }

    /// Appends rows.
    @inlinable
    public func append(contentsOf values: [T]) throws(NexusError) {
        try values.withUnsafeBufferPointer { (values) throws(NexusError) in
            try column.append(UnsafeRawBufferPointer(values))
        }
    }

    /// Puts every row into the file; `NexusFile.sync` then makes it durable.
    public func flush() throws(NexusError) { try column.flush() }
}
