import FlatBuffers

/// A histogram, or a slice of one (`hs01_event_histogram.fbs`).
public typealias HS01 = EventHistogram<HS01Format>

/// `HS01` counts with signed integers.
public enum HS01Format: EventHistogramFormat {
    public typealias Size = Int32
    public typealias Time = Int64

    public static let identifier = "hs01"
    public static let numbers: [NumberType] = [.int32, .int64, .float64, .float32]

    public static let definition = SchemaDefinition(
        identifier, "a histogram, or a slice of one", file: "hs01_event_histogram.fbs", topics: ["_monitorHistograms"],
        root: HS01.root(
            .int32, .int64,
            values: UnionDefinition(
                "Array",
                values: [
                    ("ArrayInt", .numbers(.int32)), ("ArrayLong", .numbers(.int64)),
                    ("ArrayDouble", .numbers(.float64)), ("ArrayFloat", .numbers(.float32)),
                ])),
        example: #"""
            {"source": "histogrammer", "timestamp_iso": "2026-11-20T12:00:00Z",
             "dim_metadata": [{"length": 2, "unit": "ns", "label": "tof", "bin_boundaries_type": "ArrayDouble",
             "bin_boundaries": [0, 5e7, 1e8]}], "current_shape": [2], "data_type": "ArrayLong", "data": [10, 20]}
            """#)
}
