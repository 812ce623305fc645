import NexusFile

/// What fills one group of the file from one source.
///
/// Modules are told about messages by the router, each in the type of its schema.
protocol StreamModule: AnyObject {
    /// The group that is filled.
    var group: NexusGroup { get }
    /// Puts gathered rows into the file.
    func flush() throws(NexusError)
    /// Writes what is only known at the end; no message comes after it.
    func finish() throws(NexusError)
    /// The latest time written, ns since the epoch; 0 before the first. A stop that becomes known late may lie before it.
    var latestNanoseconds: Int64 { get }
    /// The datasets with the number of rows that the finished file must have.
    var datasets: [WrittenDataset] { get }
}

/// A dataset that grew, as it must be found in the finished file.
struct WrittenDataset: Equatable {
    let path: String
    let rowCount: Int
    /// Whether each value must be at least the one before it.
    var isMonotonic = false
}

/// Where a module's data come from.
struct StreamSource: Hashable {
    let topic: String
    /// The name in the messages; empty takes every source of the topic.
    let name: String
}

/// Attributes that every dataset of times has.
func describeTimes(_ dataset: NexusDataset) throws(NexusError) {
    try dataset.setAttribute("units", "ns")
    try dataset.setAttribute("start", "1970-01-01T00:00:00Z")
}
