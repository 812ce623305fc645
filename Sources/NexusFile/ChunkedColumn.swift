import CHDF5
import Glibc

/// An unlimited 1-D dataset that gathers rows in memory and writes whole chunks.
///
/// A whole chunk goes past HDF5's chunk cache straight to the file (`H5Dwrite_chunk`): one extension and one write for
/// each, however small the pieces that arrive. `flush` writes the chunk begun as well, filled up with zeros behind the
/// dataset's end, and that chunk is written again when it is full.
@usableFromInline
final class ChunkedColumn {
    let context: FileContext
    let dataset: NexusDataset
    @usableFromInline let elementBytes: Int
    private let chunkRows: Int
    /// Rows in chunks that are complete and in the file.
    @usableFromInline var rowsWritten = 0
    private var rowsInFile = 0
    @usableFromInline var buffer: UnsafeMutableRawPointer
    @usableFromInline var usedBytes = 0
    @usableFromInline var capacityBytes: Int

    private var chunkBytes: Int { chunkRows * elementBytes }

    init(
        _ group: NexusGroup, _ name: String, type: hid_t, elementBytes: Int, chunkRows: Int
    ) throws(NexusError) {
        precondition(elementBytes > 0 && chunkRows > 0 && chunkRows <= 1 << 30)
        nx_quiet()
        try group.requireFree(name)
        let context = group.context, path = group.childPath(name)
        guard let space = Handle(.dataspace, H5Screate_simple(1, [0], [nx_unlimited()])),
            let list = Handle(.propertyList, H5Pcreate(nx_p_dataset_create())),
            H5Pset_chunk(list.id, 1, [hsize_t(chunkRows)]) >= 0,
            let dataset = Handle(
                .object,
                H5Dcreate2(group.handle.id, name, type, space.id, nx_default(), list.id, nx_default()))
        else { throw context.failure("create", path) }
        self.context = context
        self.dataset = try NexusDataset(opening: dataset, context, path)
        self.elementBytes = elementBytes
        self.chunkRows = chunkRows
        capacityBytes = min(chunkRows, 256) * elementBytes
        buffer = UnsafeMutableRawPointer.allocate(byteCount: capacityBytes, alignment: 16)
    }

    deinit { buffer.deallocate() }

    @usableFromInline var count: Int { rowsWritten + usedBytes / elementBytes }

    /// Makes room for at least one more row: a larger buffer, or an empty one.
    @usableFromInline
    func makeRoom() throws(NexusError) {
        if capacityBytes < chunkBytes {
            let larger = min(chunkBytes, capacityBytes * 4)
            let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            moved.copyMemory(from: buffer, byteCount: usedBytes)
            buffer.deallocate()
            buffer = moved
            capacityBytes = larger
        } else {
            try writeChunk(buffer, rows: chunkRows)
            rowsWritten += chunkRows
            usedBytes = 0
        }
    }

    /// Appends whole rows.
    @usableFromInline
    func append(_ rows: UnsafeRawBufferPointer) throws(NexusError) {
        precondition(rows.count % elementBytes == 0)
        guard let source = rows.baseAddress else { return }
        var done = 0
        while done < rows.count {
            if usedBytes == capacityBytes { try makeRoom() }
            if usedBytes == 0, rows.count - done >= chunkBytes {
                try writeChunk(source + done, rows: chunkRows)
                rowsWritten += chunkRows
                done += chunkBytes
                continue
            }
            let piece = min(capacityBytes - usedBytes, rows.count - done)
            (buffer + usedBytes).copyMemory(from: source + done, byteCount: piece)
            usedBytes += piece
            done += piece
        }
    }

    /// Puts every row into the file (but not onto the disk).
    func flush() throws(NexusError) {
        guard usedBytes > 0, count > rowsInFile else { return }
        if capacityBytes < chunkBytes {
            // The library takes whole chunks only; what lies behind the end is never read.
            let whole = UnsafeMutableRawPointer.allocate(byteCount: chunkBytes, alignment: 16)
            defer { whole.deallocate() }
            whole.copyMemory(from: buffer, byteCount: usedBytes)
            memset(whole + usedBytes, 0, chunkBytes - usedBytes)
            try writeChunk(whole, rows: usedBytes / elementBytes)
        } else {
            memset(buffer + usedBytes, 0, chunkBytes - usedBytes)
            try writeChunk(buffer, rows: usedBytes / elementBytes)
        }
    }

    private func writeChunk(_ bytes: UnsafeRawPointer, rows: Int) throws(NexusError) {
        nx_quiet()
        let id = dataset.handle.id
        let end = rowsWritten + rows
        if end > rowsInFile {
            guard H5Dset_extent(id, [hsize_t(end)]) >= 0 else { throw context.failure("extend", dataset.path) }
            rowsInFile = end
        }
        guard H5Dwrite_chunk(id, nx_default(), 0, [hsize_t(rowsWritten)], chunkBytes, bytes) >= 0 else {
            throw context.failure("write", dataset.path)
        }
    }
}
