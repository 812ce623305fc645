import NexusFile
import Schemas

/// The log of an accelerator's pulses (pu00) as groups of the ISIS frame log, each an NXlog with `value` and `time`:
///
///     proton_charge   float32 µAh
///     period_log      int32, from 1 (messages count from 0)
///     veto_log        uint32 bit mask, 0 for a good frame
final class PulseModule: StreamModule {
    let group: NexusGroup
    private var charges: PulseLog<Float>?
    private var periods: PulseLog<Int32>?
    private var vetoes: PulseLog<UInt32>?
    private var lastTime: Int64?
    private(set) var latestNanoseconds: Int64 = 0

    /// Pulses in the run.
    private(set) var frameCount: Int64 = 0
    /// Pulses without a veto.
    private(set) var goodFrameCount: Int64 = 0
    /// Charge of the pulses without a veto, µAh.
    private(set) var goodChargeMicroampereHours = 0.0

    init(_ group: NexusGroup) { self.group = group }

    /// Takes a pulse; fields that the message leaves out have no row.
    func accept(_ message: PU00, _ window: TimeWindow) throws(NexusError) {
        let time = message.referenceTime
        guard window.contains(time), time != lastTime else { return }
        lastTime = time
        latestNanoseconds = max(latestNanoseconds, time)
        frameCount += 1
        if message.vetos ?? 0 == 0 {
            goodFrameCount += 1
            goodChargeMicroampereHours += Double(message.protonCharge ?? 0)
        }
        if let charge = message.protonCharge {
            if charges == nil { charges = try PulseLog(group, "proton_charge", units: "uAh") }
            try charges?.append(time, charge)
        }
        if let period = message.periodNumber {
            if periods == nil { periods = try PulseLog(group, "period_log", units: nil) }
            try periods?.append(time, Int32(clamping: Int64(period) + 1))
        }
        if let veto = message.vetos {
            if vetoes == nil { vetoes = try PulseLog(group, "veto_log", units: nil) }
            try vetoes?.append(time, veto)
        }
    }

    func flush() throws(NexusError) {
        try charges?.flush()
        try periods?.flush()
        try vetoes?.flush()
    }

    func finish() throws(NexusError) {}

    var datasets: [WrittenDataset] {
        [charges?.datasets, periods?.datasets, vetoes?.datasets].compactMap { $0 }.flatMap { $0 }
    }
}

/// One NXlog of numbers by pulse.
private final class PulseLog<T: NexusScalar> {
    private let values: AppendableDataset<T>
    private let times: AppendableDataset<UInt64>

    private static var chunkRows: Int { 8192 }

    init(_ parent: NexusGroup, _ name: String, units: String?) throws(NexusError) {
        let group = try parent.createGroup(name, class: "NXlog")
        values = try AppendableDataset(group, "value", chunkBytes: Self.chunkRows * MemoryLayout<T>.size)
        times = try AppendableDataset(group, "time", chunkBytes: Self.chunkRows * 8)
        if let units { try values.dataset.setAttribute("units", units) }
        try describeTimes(times.dataset)
    }

    func append(_ time: Int64, _ value: T) throws(NexusError) {
        try values.append(value)
        try times.append(UInt64(bitPattern: time))
    }

    func flush() throws(NexusError) {
        try values.flush()
        try times.flush()
    }

    var datasets: [WrittenDataset] {
        [
            WrittenDataset(path: values.dataset.path, rowCount: times.count),
            WrittenDataset(path: times.dataset.path, rowCount: times.count),
        ]
    }
}
