import FlatBuffers

/// How a forwarder reads a process variable, in `FC00` and `RF5K`.
public enum ForwarderProtocol: UInt16, SchemaEnumeration {
    /// EPICS pvAccess.
    case pva = 0
    /// EPICS Channel Access.
    case ca = 1
    /// Made-up values, for tests.
    case fake = 2

    public static let words = ["PVA", "CA", "FAKE"]
}
