import Streams

/// What a forwarder forwards, and where to.
public struct ForwarderConfiguration: Sendable {
    /// Where values, alarms and connections go.
    public var outputTopic: String
    /// Where the forwarder says how it is.
    public var statusTopic: String
    /// The name of this forwarder in its status and in ep01.
    public var serviceID: String
    /// What the status names as version.
    public var softwareVersion = ""
    /// How often the status is sent, in ms.
    public var statusIntervalMilliseconds = 4000
    /// Made-up process variables.
    public var simulated: [SimulatedPV]
    /// Where their noise begins.
    public var seed: UInt64 = 1
    /// When a value counts as sent.
    public var acknowledgement = Acknowledgement.written
    /// How long values may wait to share a batch, in ms.
    public var lingerMilliseconds = 10

    /// The standard topics and made-up variables of an instrument.
    public init(instrument: String) {
        outputTopic = instrument + "_sampleEnv"
        statusTopic = instrument + "_forwarderStatus"
        serviceID = instrument.lowercased() + "-forwarder"
        simulated = SimulatedPV.standardSet(instrument: instrument)
    }
}
