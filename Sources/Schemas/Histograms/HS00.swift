import FlatBuffers

/// A histogram, or a slice of one, the older form (`hs00_event_histogram.fbs`).
public typealias HS00 = EventHistogram<HS00Format>

/// `HS00` counts with unsigned integers.
public enum HS00Format: EventHistogramFormat {
    public typealias Size = UInt32
    public typealias Time = UInt64

    public static let identifier = "hs00"
    public static let numbers: [NumberType] = [.uint32, .uint64, .float64, .float32]

    public static let definition = SchemaDefinition(
        identifier, "a histogram, or a slice of one", file: "hs00_event_histogram.fbs", status: .deprecated,
        topics: ["_monitorHistograms"],
        root: HS00.root(
            .uint32, .uint64,
            values: UnionDefinition(
                "Array",
                values: [
                    ("ArrayUInt", .numbers(.uint32)), ("ArrayULong", .numbers(.uint64)),
                    ("ArrayDouble", .numbers(.float64)), ("ArrayFloat", .numbers(.float32)),
                ])),
        example: #"""
            {"source": "histogrammer", "timestamp_iso": "2026-11-20T12:00:00Z",
             "dim_metadata": [{"length": 2, "unit": "ns", "label": "tof", "bin_boundaries_type": "ArrayDouble",
             "bin_boundaries": [0, 5e7, 1e8]}], "current_shape": [2], "data_type": "ArrayULong", "data": [10, 20]}
            """#)
}
