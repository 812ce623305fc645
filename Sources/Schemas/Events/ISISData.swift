import FlatBuffers

/// What ISIS adds to the events of an `EV42` (`is84_isis_events.fbs`).
public struct ISISData: Sendable, Equatable {
    static let definition = TableDefinition(
        "ISISData",
        [
            .field(0, "period_number", .number(.uint32), "period, counted from 0"),
            .field(
                1, "run_state", .enumeration(EnumerationDefinition("RunState", .int8, RunState.self)),
                "whether a run is going on"),
            .field(2, "proton_charge", .number(.float32), "proton charge of the frame, µA·h"),
        ])

    /// Whether a run is going on.
    public enum RunState: Int8, SchemaEnumeration {
        case setup = 0
        case running = 1

        public static let words = ["SETUP", "RUNNING"]
    }

    /// Period of the frame, counted from 0.
    public var periodNumber: UInt32
    /// Whether a run is going on.
    public var runState: RunState
    /// Proton charge of the frame, µA·h.
    public var protonCharge: Float

    /// What is added to one frame's events.
    public init(periodNumber: UInt32, runState: RunState, protonCharge: Float) {
        self.periodNumber = periodNumber
        self.runState = runState
        self.protonCharge = protonCharge
    }

    init(table: FlatBufferTable) throws(FlatBufferError) {
        periodNumber = try table.scalar(0, "period_number", default: 0)
        runState = try table.enumeration(1, "run_state", default: .setup)
        protonCharge = try table.scalar(2, "proton_charge", default: 0)
    }

    func add(to builder: inout FlatBufferBuilder) -> FlatOffset {
        builder.startTable(slots: 3)
        builder.add(0, periodNumber)
        builder.add(2, protonCharge)
        builder.add(1, runState.rawValue)
        return builder.endTable()
    }
}
