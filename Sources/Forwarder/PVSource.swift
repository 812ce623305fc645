import Schemas

/// Where process variables come from: ChannelAccess, pvAccess or a simulation.
///
/// Belongs to the forwarder's thread, which asks again and again; a source that hears from the network on threads of its
/// own keeps a bounded queue and hands it over here.
public protocol PVSource: AnyObject {
    /// The process variables, in the order that `PVUpdate.channel` counts.
    var channels: [PVChannel] { get }
    /// Adds what has happened since the last call to `updates`, in order of time for each channel.
    ///
    /// - Parameter nowNanoseconds: ns since the epoch.
    /// - Returns: when there will be more, in ns since the epoch; nil when that cannot be known.
    func collect(nowNanoseconds: Int64, into updates: inout [PVUpdate]) -> Int64?
    /// Lets go of connections.
    func close()
}

/// A process variable and how it is reached.
public struct PVChannel: Sendable, Equatable {
    /// How a process variable is reached, in the words of the forwarder's configuration.
    public enum Transport: String, Sendable {
        /// ChannelAccess.
        case channelAccess = "CA"
        /// pvAccess.
        case pvAccess = "PVA"
        /// Made up here.
        case simulation = "FAKE"
    }

    /// The process variable's name.
    public let name: String
    /// How it is reached.
    public let transport: Transport

    /// A channel to a process variable.
    public init(_ name: String, _ transport: Transport) {
        self.name = name
        self.transport = transport
    }
}

/// Something that happened to a process variable.
public struct PVUpdate: Sendable {
    /// What happened.
    public enum Event: Sendable {
        /// It has a new value, or the same one anew.
        case value(F144.OwnedValue, PVAlarm)
        /// The connection to it changed.
        case connection(EP01.ConnectionInfo)
    }

    /// Index of the channel in its source.
    public let channel: Int
    /// When it happened, in ns since the epoch.
    public let timestampNanoseconds: Int64
    /// What happened.
    public let event: Event

    /// An event of a channel.
    public init(channel: Int, timestampNanoseconds: Int64, event: Event) {
        self.channel = channel
        self.timestampNanoseconds = timestampNanoseconds
        self.event = event
    }
}

/// A process variable's alarm state.
public struct PVAlarm: Sendable, Equatable {
    /// No alarm.
    public static let none = PVAlarm(.ok, "NO_ALARM")

    /// How bad it is.
    public let severity: AL00.Severity
    /// EPICS' word for it, such as `HIHI`.
    public let message: String

    /// An alarm.
    public init(_ severity: AL00.Severity, _ message: String) {
        self.severity = severity
        self.message = message
    }
}
