import FlatBuffers

/// An area detector's array (`ad00_area_detector_array.fbs`).
public typealias AD00 = AreaArray<AD00Format>

/// `AD00` counts with signed integers.
public enum AD00Format: AreaArrayFormat {
    public typealias Count = Int64

    public static let identifier = "ad00"
    public static let definition = SchemaDefinition(
        identifier, "an area detector's array", file: "ad00_area_detector_array.fbs", topics: ["_areaDetector"],
        root: AD00.root("ad00_ADArray", count: .int64), example: AD00.example)
}
