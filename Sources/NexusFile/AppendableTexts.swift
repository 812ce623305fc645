/// A 1-D dataset of UTF-8 texts of a fixed length that grows at its end; longer texts are cut at a whole character.
public final class AppendableTexts {
    private let column: ChunkedColumn
    private let length: Int

    /// Creates an empty dataset of texts of `length` bytes in `group`.
    public init(
        _ group: NexusGroup, _ name: String, length: Int, chunkRows: Int = 1024
    ) throws(NexusError) {
        let type = try group.context.textType(length: length, group.childPath(name))
        self.length = length
        column = try ChunkedColumn(group, name, type: type.id, elementBytes: length, chunkRows: chunkRows)
    }

    /// The dataset, for attributes. Its shape is that of its creation.
    public var dataset: NexusDataset { column.dataset }

    /// Rows appended so far.
    public var count: Int { column.count }

    /// Appends one text.
    public func append(_ text: String) throws(NexusError) {
        var bytes = [UInt8](repeating: 0, count: length)
        var used = 0
        for character in text.unicodeScalars {
            let encoded = UTF8.encode(character)!
            guard used + encoded.count < length else { break }
            for byte in encoded {
                bytes[used] = byte
                used += 1
            }
        }
        try bytes.withUnsafeBufferPointer { (bytes) throws(NexusError) in
            try column.append(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Puts every row into the file.
    public func flush() throws(NexusError) { try column.flush() }
}
