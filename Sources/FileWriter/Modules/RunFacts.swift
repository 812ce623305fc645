import NexusFile
import Schemas

/// Values of the run as a whole that a structure asks for with the module `mdat`.
struct RunFacts {
    /// Where to write them, and which.
    struct Request {
        let group: NexusGroup
        let items: [String]
    }

    /// What can be asked for.
    static let items = [
        "start_time", "end_time", "duration", "proton_charge", "raw_frames", "good_frames", "total_counts",
    ]

    let startMilliseconds: Int64
    let stopMilliseconds: Int64
    /// Events of all groups.
    let eventCount: Int64
    /// The accelerator's pulses; nil when the structure has none.
    let pulses: PulseModule?

    /// Writes what one node of the structure asks for; what is not known is left out.
    func write(_ request: Request) throws(NexusError) {
        let group = request.group
        for item in request.items where !group.contains(item) {
            switch item {
            case "start_time": try Self.writeTime(group, item, startMilliseconds)
            case "end_time": try Self.writeTime(group, item, stopMilliseconds)
            case "duration":
                let seconds = Double(stopMilliseconds - startMilliseconds) / 1000
                try group.write(item, Float(max(0, seconds))).setAttribute("units", "second")
            case "proton_charge":
                guard let pulses else { continue }
                try group.write(item, Float(pulses.goodChargeMicroampereHours)).setAttribute("units", "uAh")
            case "raw_frames": if let pulses { try group.write(item, pulses.frameCount) }
            case "good_frames": if let pulses { try group.write(item, pulses.goodFrameCount) }
            case "total_counts": try group.write(item, eventCount)
            default: continue
            }
        }
    }

    /// Writes the start, which is known when the file is begun.
    static func writeStart(_ request: Request, startMilliseconds: Int64) throws(NexusError) {
        guard request.items.contains("start_time"), !request.group.contains("start_time") else { return }
        try writeTime(request.group, "start_time", startMilliseconds)
    }

    private static func writeTime(_ group: NexusGroup, _ name: String, _ milliseconds: Int64) throws(NexusError) {
        guard let text = CivilTime.iso(milliseconds: UInt64(clamping: milliseconds)) else { return }
        try group.write(name, text: text)
    }
}
