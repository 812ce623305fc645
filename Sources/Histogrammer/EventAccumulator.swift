import FlatBuffers
import Schemas

/// The three histograms and the rules by which events enter them. Belongs to one thread.
final class EventAccumulator {
    /// Which pulses count: those from the first moment on and before the last.
    var window: Range<Int64> = Int64.min..<Int64.max
    /// Time of flight of all detector events.
    let timeOfFlight: Bins
    /// Detector events by pixel.
    let detectorMap: Bins
    /// Time of flight of monitor events.
    let monitor: Bins
    /// Events that were counted, outside ones included.
    private(set) var events: Int64 = 0
    /// Of these, events of monitors.
    private(set) var monitorEvents: Int64 = 0
    /// Events that a veto has kept out.
    private(set) var vetoedEvents: Int64 = 0
    /// Pulses whose events were counted without knowing their vetoes.
    private(set) var unknownPulses: Int64 = 0
    /// The latest pulse seen, in ns since the epoch; nil before the first.
    private(set) var lastPulseNanoseconds: Int64?
    private let axis: TimeOfFlightAxis
    private let grid: DetectorGrid
    private let span: UInt64
    private let multiplier: UInt64
    private var vetoes: [PulseVetoes]
    private let monitorPrefix: [UInt8]

    init(_ configuration: HistogrammerConfiguration, partitions: Int) {
        axis = configuration.timeOfFlight
        grid = configuration.detector
        span = axis.spanNanoseconds
        multiplier = axis.multiplier
        timeOfFlight = Bins(count: axis.count)
        monitor = Bins(count: axis.count)
        detectorMap = Bins(count: grid.count)
        vetoes = Array(repeating: PulseVetoes(), count: partitions)
        monitorPrefix = Array(configuration.monitorSourcePrefix.utf8)
    }

    /// Empties the histograms; what is known of pulses stays.
    func reset() {
        timeOfFlight.reset()
        detectorMap.reset()
        monitor.reset()
        events = 0
        monitorEvents = 0
        vetoedEvents = 0
        unknownPulses = 0
        lastPulseNanoseconds = nil
    }

    /// Notes the vetoes of a pulse.
    func take(_ pulse: PU00, partition: Int) {
        vetoes[partition].note(pulse.referenceTime, pulse.vetos)
        see(pulse.referenceTime)
    }

    /// Counts the events of a message, pulse by pulse.
    ///
    /// - Returns: the time of the message's last pulse; nil when it has none.
    func take(_ message: EV44, partition: Int) -> Int64? {
        let count = message.pulseCount
        guard count > 0 else { return nil }
        let pixels = message.pixelID
        let isMonitor = (pixels?.count ?? 0) == 0 || message.sourceNameBytes.starts(with: monitorPrefix)
        message.timeOfFlight?.withUnsafeBufferPointer { times in
            if let pixels, !isMonitor {
                pixels.withUnsafeBufferPointer { add(message, partition, times, $0) }
            } else {
                add(message, partition, times, nil)
            }
        }
        let last = message.referenceTime[count - 1]
        see(last)
        return last
    }

    private func see(_ time: Int64) {
        lastPulseNanoseconds = max(lastPulseNanoseconds ?? time, time)
    }

    private func add(
        _ message: EV44, _ partition: Int, _ times: UnsafeBufferPointer<Int32>, _ pixels: UnsafeBufferPointer<Int32>?
    ) {
        for pulse in 0..<message.pulseCount {
            let time = message.referenceTime[pulse]
            guard window.contains(time) else { continue }
            let range = message.eventRange(ofPulse: pulse)
            let isVetoed = vetoes[partition].isVetoed(time)
            guard isVetoed != true else {
                vetoedEvents += Int64(range.count)
                continue
            }
            if isVetoed == nil { unknownPulses += 1 }
            let bins = pixels == nil ? monitor : timeOfFlight
            countTimes(
                UnsafeBufferPointer(rebasing: times[range]), low: axis.lowNanoseconds, span: span,
                multiplier: multiplier, into: bins.base, outside: bins.count)
            events += Int64(range.count)
            guard let pixels else {
                monitorEvents += Int64(range.count)
                continue
            }
            countPixels(
                UnsafeBufferPointer(rebasing: pixels[range]), first: grid.firstID, into: detectorMap.base,
                outside: detectorMap.count)
        }
    }
}
