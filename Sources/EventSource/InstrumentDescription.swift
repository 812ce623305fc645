/// An instrument as the simulation sees it: its name, its detector, the beam and what is in it.
public struct InstrumentDescription: Sendable, Equatable {
    /// The instrument's name, which begins the names of its topics.
    public var name: String
    /// The detector.
    public var panel = PanelGeometry()
    /// The beam.
    public var spectrum = IncidentSpectrum()
    /// The sample.
    public var sample = PowderSample.silicon
    /// From the moderator to the monitor in front of the sample, in metres.
    public var moderatorToMonitorMetres = 15.0
    /// How many monitor events there are for one in the detector.
    public var monitorShare = 0.02
    /// Name of the detector's events (`source_name` of ev44).
    public var detectorSource = "detector"
    /// Name of the monitor's events.
    public var monitorSource = "monitor_1"

    /// An instrument like the demonstration one, under its own name.
    public init(name: String = "DEMO") { self.name = name }

    /// The demonstration instrument: a powder diffractometer with 256 × 256 pixels, 17 m from its moderator.
    public static let demo = InstrumentDescription()

    /// The topic of events and pulses.
    public var eventsTopic: String { name + "_events" }

    func validate() throws(EventSourceError) {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard allowed && (1...100).contains(name.utf8.count) else {
            throw .invalidConfiguration(
                "instrument name '\(name)': 1 to 100 letters, digits, '_', '-' and '.' are allowed")
        }
        guard moderatorToMonitorMetres > 0 && moderatorToMonitorMetres < 1000, (0...10).contains(monitorShare) else {
            throw .invalidConfiguration("the monitor stands within 0...1000 m and sees a share within 0...10")
        }
        try panel.validate()
        try spectrum.validate()
        try sample.validate()
    }
}
