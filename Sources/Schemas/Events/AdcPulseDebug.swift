import FlatBuffers

/// How the pulses of an `EV42`'s events looked to the digitizer, in its own units (`dtdb_adc_pulse_debug.fbs`).
public struct AdcPulseDebug {
    static let definition = TableDefinition(
        "AdcPulseDebug",
        [
            .field(0, "amplitude", .numbers(.uint32), "height of each event's pulse"),
            .field(1, "peak_area", .numbers(.uint32), "area of each event's pulse"),
            .field(2, "background", .numbers(.uint32), "level below each event's pulse"),
            .field(3, "threshold_time", .numbers(.uint64), "when each pulse passed the threshold"),
            .field(4, "peak_time", .numbers(.uint64), "when each pulse was highest"),
        ])

    /// The same, to encode.
    public struct Owned: Sendable, Equatable {
        /// Height of each event's pulse.
        public var amplitude: [UInt32]
        /// Area of each event's pulse.
        public var peakArea: [UInt32]
        /// Level below each event's pulse.
        public var background: [UInt32]
        /// When each pulse passed the threshold.
        public var thresholdTime: [UInt64]
        /// When each pulse was highest.
        public var peakTime: [UInt64]

        /// One entry for each event in every array.
        public init(
            amplitude: [UInt32], peakArea: [UInt32], background: [UInt32], thresholdTime: [UInt64], peakTime: [UInt64]
        ) {
            self.amplitude = amplitude
            self.peakArea = peakArea
            self.background = background
            self.thresholdTime = thresholdTime
            self.peakTime = peakTime
        }
    }

    /// Height of each event's pulse; nil if absent.
    public let amplitude: FlatVector<UInt32>?
    /// Area of each event's pulse; nil if absent.
    public let peakArea: FlatVector<UInt32>?
    /// Level below each event's pulse; nil if absent.
    public let background: FlatVector<UInt32>?
    /// When each pulse passed the threshold; nil if absent.
    public let thresholdTime: FlatVector<UInt64>?
    /// When each pulse was highest; nil if absent.
    public let peakTime: FlatVector<UInt64>?

    init(table: FlatBufferTable) throws(FlatBufferError) {
        amplitude = try table.vector(0, "amplitude")
        peakArea = try table.vector(1, "peak_area")
        background = try table.vector(2, "background")
        thresholdTime = try table.vector(3, "threshold_time")
        peakTime = try table.vector(4, "peak_time")
    }

    static func add(_ pulses: Owned, to builder: inout FlatBufferBuilder) -> FlatOffset {
        let peakTimes = builder.vector(pulses.peakTime)
        let thresholdTimes = builder.vector(pulses.thresholdTime)
        let backgrounds = builder.vector(pulses.background)
        let areas = builder.vector(pulses.peakArea)
        let amplitudes = builder.vector(pulses.amplitude)
        builder.startTable(slots: 5)
        builder.add(0, amplitudes)
        builder.add(1, areas)
        builder.add(2, backgrounds)
        builder.add(3, thresholdTimes)
        builder.add(4, peakTimes)
        return builder.endTable()
    }
}
