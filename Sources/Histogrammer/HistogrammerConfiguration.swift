import Streams

/// What a histogrammer reads, counts and publishes.
public struct HistogrammerConfiguration: Sendable {
    /// Where events and pulses come from.
    public var eventsTopic: String
    /// Where runs are begun and ended.
    public var runInfoTopic: String
    /// Where histograms go.
    public var outputTopic: String
    /// The bins of the time-of-flight histograms. The default reaches 30 ms: neutrons of 6 Å arrive 17 m from the
    /// moderator after 26 ms.
    public var timeOfFlight = TimeOfFlightAxis()
    /// The pixels of the detector map.
    public var detector = DetectorGrid()
    /// How often histograms are published, in ms, at least 10.
    public var publishIntervalMilliseconds = 1000
    /// Sources whose names begin so are monitors, as are events without pixels.
    public var monitorSourcePrefix = "monitor"

    /// The standard topics of an instrument.
    public init(instrument: String) {
        eventsTopic = instrument + "_events"
        runInfoTopic = instrument + "_runInfo"
        outputTopic = instrument + "_monitorHistograms"
    }
}
