import FlatBuffers

/// An area detector's array, the older form (`ADAr_area_detector_array.fbs`).
public typealias ADAr = AreaArray<ADArFormat>

/// `ADAr` counts with unsigned integers.
public enum ADArFormat: AreaArrayFormat {
    public typealias Count = UInt64

    public static let identifier = "ADAr"
    public static let definition = SchemaDefinition(
        identifier, "an area detector's array", file: "ADAr_area_detector_array.fbs", status: .deprecated,
        topics: ["_areaDetector"], root: ADAr.root("ADArray", count: .uint64), example: ADAr.example)
}
