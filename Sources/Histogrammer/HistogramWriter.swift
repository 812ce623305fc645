import FlatBuffers
import Schemas

/// Encodes snapshots as hs01 messages: `tof`, `detector_map` and `monitor`.
struct HistogramWriter: ~Copyable {
    /// Names of the histograms, which are also the keys of their records.
    enum Source: String, CaseIterable {
        case timeOfFlight = "tof"
        case detectorMap = "detector_map"
        case monitor = "monitor"
    }

    private var builder = FlatBufferBuilder(capacity: 1 << 16)
    private let grid: DetectorGrid

    init(_ grid: DetectorGrid) { self.grid = grid }

    /// Encodes one histogram and hands its bytes to `body`; they are valid during the call.
    mutating func write<E: Error>(
        _ source: Source, _ snapshot: HistogramSnapshot, timestampNanoseconds: Int64,
        _ body: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        let counts =
            switch source {
            case .timeOfFlight: snapshot.timeOfFlight
            case .detectorMap: snapshot.detectorMap
            case .monitor: snapshot.monitor
            }
        let dimensions = source == .detectorMap ? pixelDimensions : [Self.timeDimension(snapshot.edges)]
        HS01.encode(
            source: source.rawValue, timestamp: timestampNanoseconds, dimensionMetadata: dimensions,
            currentShape: dimensions.map(\.length), data: .int64(counts), info: Self.info(snapshot),
            into: &builder)
        try builder.withBytes(body)
    }

    private static func timeDimension(_ edges: [Double]) -> HS01.OwnedDimension {
        HS01.OwnedDimension(
            length: Int32(edges.count - 1), unit: "ns", label: "time_of_flight", binBoundaries: .double(edges))
    }

    /// Rows first: the data are row-major.
    private var pixelDimensions: [HS01.OwnedDimension] {
        [("y", grid.height), ("x", grid.width)].map { label, count in
            HS01.OwnedDimension(
                length: Int32(count), unit: "pixel", label: label,
                binBoundaries: .int32((0...Int32(count)).map { $0 }))
        }
    }

    /// The facts beside the counts, as JSON.
    static func info(_ snapshot: HistogramSnapshot) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("run", orNull: snapshot.runName)
            json.field("state", snapshot.state.rawValue)
            json.field("events", snapshot.events)
            json.field("monitor_events", snapshot.monitorEvents)
            json.field("vetoed_events", snapshot.vetoedEvents)
            json.field("outside_map", snapshot.outsideMap)
            json.field("outside_tof", snapshot.outsideTime)
            json.field("last_pulse_time", orNull: snapshot.lastPulseNanoseconds)
        }
        return json.text
    }
}
