import Streams

/// The topics of an instrument: names, partitions and settings of the facility's standard set.
///
/// Source: the facility's install script and its catalogue of topics (partitions), with retention as its decisions ask for:
/// raw events for hours, what describes runs and configurations for long.
public enum InstrumentTopics {
    /// One topic of the set.
    public struct Member: Sendable, Equatable {
        /// What follows the instrument's name.
        public let suffix: String
        /// What it holds.
        public let purpose: String
        /// Settings by Kafka name that differ from the broker's defaults.
        public let settings: [String: String]
        /// Whether it may have several partitions; the others must have one, so that their messages keep their order.
        public let isPartitioned: Bool
    }

    /// The set, in the order of the install script.
    public static let all: [Member] = [
        Member("_events", "neutron events of whole frames (ev44, pu00)", isPartitioned: true),
        Member(
            "_rawEvents", "neutron events as the boards send them (ev44, pu00)", ["retention.ms": hours(2)],
            isPartitioned: true),
        Member("_runInfo", "starts and stops of runs (pl72, 6s4t)", ["retention.ms": days(30)]),
        Member("_sampleEnv", "process variables (f144, al00, ep01, un00)"),
        Member("_runLog", "process variables of the run (f144, al00, ep01, un00)"),
        Member("_monitorHistograms", "histograms of monitors (hs01)", isPartitioned: true),
        Member("_detSpecMap", "which spectrum a detector counts into (df12)"),
        Member("_areaDetector", "images (ad00)", isPartitioned: true),
        Member("_forwarderConfig", "what the forwarder shall send (fc00)", ["retention.ms": days(30)]),
        Member("_forwarderStatus", "what the forwarder does (x5f2)"),
        Member("_forwarderStorage", "what the forwarder sends after its next start (fc00)", ["retention.ms": "-1"]),
        Member("_alarms", "alarms of process variables (al00)"),
        Member("_vetoConfig", "which vetoes count (vc00)", ["retention.ms": days(30)]),
    ]

    private static func hours(_ count: Int) -> String { "\(count * 3_600_000)" }
    private static func days(_ count: Int) -> String { hours(count * 24) }

    /// The instrument that a topic belongs to: what stands before its name's last `_`.
    public static func instrument(of topic: String) -> String? {
        guard let underscore = topic.lastIndex(of: "_"), underscore > topic.startIndex else { return nil }
        return String(topic[..<underscore])
    }
}

extension InstrumentTopics.Member {
    fileprivate init(
        _ suffix: String, _ purpose: String, _ settings: [String: String] = [:], isPartitioned: Bool = false
    ) {
        self.suffix = suffix
        self.purpose = purpose
        self.settings = settings
        self.isPartitioned = isPartitioned
    }
}
