import NexusFile

/// Looks at a finished file from outside: whether each dataset has the rows that were written.
///
/// HDF5 can report success for a file that it could not flush, so nothing is published on its word alone.
struct JobVerification {
    /// Rows compared at a time.
    private static let pieceRows = 1 << 17

    /// Throws `verification` with the first dataset that is not as it was written.
    static func verify(_ file: NexusFile, _ expected: [WrittenDataset]) throws(FileWriterError) {
        for written in expected {
            let fault: String?
            do throws(NexusError) {
                fault = try Self.fault(file, written)
            } catch {
                fault = error.description
            }
            if let fault { throw FileWriterError(.verification, "the finished file is not as written: \(fault)") }
        }
    }

    /// What is wrong with a dataset; nil when nothing is.
    private static func fault(_ file: NexusFile, _ written: WrittenDataset) throws(NexusError) -> String? {
        let dataset = try file.root.dataset(written.path)
        guard dataset.shape == [written.rowCount] else {
            return "\(written.path) has shape \(dataset.shape) where \(written.rowCount) rows were written"
        }
        guard written.isMonotonic else { return nil }
        var last = Int64.min
        var start = 0
        while start < written.rowCount {
            let values = try dataset.values(Int64.self, from: start, count: min(pieceRows, written.rowCount - start))
            for (index, value) in values.enumerated() {
                guard value >= last else { return "\(written.path) falls at row \(start + index)" }
                last = value
            }
            start += values.count
        }
        return nil
    }
}
