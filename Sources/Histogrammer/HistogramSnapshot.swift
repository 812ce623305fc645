/// The histograms at one moment.
public struct HistogramSnapshot: Sendable, Equatable {
    /// How far the run is.
    public enum State: String, Sendable {
        /// Events of the run, or of no run at all, are being counted.
        case counting = "COUNTING"
        /// The run has ended and all its events are counted.
        case finished = "FINISHED"
    }

    /// The run's name; nil when no run was ever begun.
    public var runName: String?
    /// How far the run is.
    public var state: State
    /// Edges of the time-of-flight bins in ns, one more than bins.
    public var edges: [Double]
    /// Detector events by time of flight.
    public var timeOfFlight: [Int64]
    /// Detector events by pixel, row by row.
    public var detectorMap: [Int64]
    /// Monitor events by time of flight.
    public var monitor: [Int64]
    /// Events counted, monitors and outside ones included.
    public var events: Int64
    /// Of these, events of monitors.
    public var monitorEvents: Int64
    /// Events that vetoes have kept out.
    public var vetoedEvents: Int64
    /// Events whose pixel is not on the map.
    public var outsideMap: Int64
    /// Events, monitors included, whose time of flight is outside the axis.
    public var outsideTime: Int64
    /// The run's latest pulse, vetoed ones included, in ns since the epoch; nil before the first.
    public var lastPulseNanoseconds: Int64?
}
