import FlatBuffers

/// What a muon frame was like, in `DAT2`, `DEV2` and `AEV2` (`frame_metadata_v2.fbs`).
public struct FrameMetadataV2: Sendable, Equatable {
    static let definition = TableDefinition(
        "FrameMetadataV2",
        [
            .field(0, "timestamp", .structure(GPSTime.definition), "when the frame began, UTC; year: since 2000"),
            .field(1, "period_number", .number(.uint64), "period, counted from 0"),
            .field(2, "protons_per_pulse", .number(.uint8), "protons per pulse, in the accelerator's own units"),
            .field(3, "running", .bool, "whether a run is going on"),
            .field(4, "frame_number", .number(.uint32), "counts up for each frame"),
            .field(5, "veto_flags", .number(.uint16), "vetoes that were active, a bit each"),
        ])

    /// When the frame began; nil if absent.
    public var timestamp: GPSTime?
    /// Period of the frame, counted from 0.
    public var periodNumber: UInt64
    /// Protons per pulse, in the accelerator's own units.
    public var protonsPerPulse: UInt8
    /// Whether a run is going on.
    public var running: Bool
    /// Counts up for each frame.
    public var frameNumber: UInt32
    /// Vetoes that were active, a bit each.
    public var vetoFlags: UInt16

    /// What a frame was like.
    public init(
        timestamp: GPSTime?, periodNumber: UInt64, protonsPerPulse: UInt8, running: Bool, frameNumber: UInt32,
        vetoFlags: UInt16
    ) {
        self.timestamp = timestamp
        self.periodNumber = periodNumber
        self.protonsPerPulse = protonsPerPulse
        self.running = running
        self.frameNumber = frameNumber
        self.vetoFlags = vetoFlags
    }

    /// The metadata in `slot` of a message's root table, which must have them.
    init(in table: FlatBufferTable, _ slot: Int) throws(FlatBufferError) {
        guard let table = try table.table(slot, "metadata") else { throw table.failure(.missing, "metadata") }
        let definition = GPSTime.definition
        timestamp = try table.structure(0, "timestamp", size: definition.size)
            .map { GPSTime(numbers: $0.integers(definition)) }
        periodNumber = try table.scalar(1, "period_number", default: 0)
        protonsPerPulse = try table.scalar(2, "protons_per_pulse", default: 0)
        running = try table.bool(3, "running")
        frameNumber = try table.scalar(4, "frame_number", default: 0)
        vetoFlags = try table.scalar(5, "veto_flags", default: 0)
    }

    func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
        builder.startTable(slots: 6)
        builder.add(1, periodNumber)
        builder.add(4, frameNumber)
        if let timestamp { builder.add(0, structure: timestamp.bytes, alignment: GPSTime.definition.alignment) }
        builder.add(5, vetoFlags)
        builder.add(2, protonsPerPulse)
        builder.add(3, running)
        return builder.endTable()
    }

    /// The frame in a line.
    var summary: String {
        let time = timestamp?.nanosecondsSinceEpoch.map { " " + CivilTime.iso(nanoseconds: $0) } ?? ""
        return "frame \(frameNumber) period \(periodNumber)\(time)"
    }

    /// The metadata's part of the schemas' examples.
    static let example = #"""
        "metadata": {"timestamp": {"year": 26, "day": 324, "hour": 12, "minute": 0, "second": 0, "millisecond": 1,
         "microsecond": 2, "nanosecond": 3}, "period_number": 0, "protons_per_pulse": 8, "running": true,
         "frame_number": 5, "veto_flags": 2}
        """#
}
