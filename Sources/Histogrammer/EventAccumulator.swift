import FlatBuffers
import Schemas

/// The three histograms and the rules by which events enter them. Belongs to one thread.
final class EventAccumulator {
    /// Which pulses count: those from the first moment on and before the last.
    private(set) var window: Range<Int64> = Int64.min..<Int64.max
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
    /// The latest pulse in the window, vetoed ones included, in ns since the epoch; nil before the first.
    private(set) var lastPulseNanoseconds: Int64?
    /// The latest pulse seen, in the window or not, in ns since the epoch; nil before the first.
    private(set) var latestSeenNanoseconds: Int64?
    private var recent: RecentPulses
    private let recentBytesMax: Int
    private let axis: TimeOfFlightAxis
    private let grid: DetectorGrid
    private let span: UInt64
    private let multiplier: UInt64
    private var vetoes: [PulseVetoes]
    private let monitorPrefix: [UInt8]

    init(
        _ configuration: HistogrammerConfiguration, partitions: Int, recentBytesMax: Int = RecentPulses.bytesMax
    ) {
        axis = configuration.timeOfFlight
        grid = configuration.detector
        span = axis.spanNanoseconds
        multiplier = axis.multiplier
        timeOfFlight = Bins(count: axis.count)
        monitor = Bins(count: axis.count)
        detectorMap = Bins(count: grid.count)
        vetoes = Array(repeating: PulseVetoes(), count: partitions)
        monitorPrefix = Array(configuration.monitorSourcePrefix.utf8)
        self.recentBytesMax = recentBytesMax
        recent = RecentPulses(bytesMax: recentBytesMax)
    }

    /// Empties the histograms and forgets all pulses, for reading from a run's start: what is counted then depends on
    /// the log alone, not on what was read before.
    func reset(window: Range<Int64>) {
        self.window = window
        timeOfFlight.reset()
        detectorMap.reset()
        monitor.reset()
        events = 0
        monitorEvents = 0
        vetoedEvents = 0
        unknownPulses = 0
        lastPulseNanoseconds = nil
        latestSeenNanoseconds = nil
        vetoes = Array(repeating: PulseVetoes(), count: vetoes.count)
        forgetRecentPulses()
    }

    /// Frees the copies of pulses that only an earlier end of the window needs.
    func forgetRecentPulses() {
        recent = RecentPulses(bytesMax: recentBytesMax)
    }

    /// Moves the end of the window. Pulses that were counted and are now behind it are taken out again.
    ///
    /// - Returns: false, and nothing has changed, when all must be counted again: pulses to be taken out are no longer
    ///   kept, or pulses that were left out now belong to the window.
    func end(before stopNanoseconds: Int64) -> Bool {
        let stop = max(window.lowerBound, stopNanoseconds)
        if stop > window.upperBound, let latestSeenNanoseconds, latestSeenNanoseconds >= window.upperBound {
            return false
        }
        if stop < window.upperBound, let lastPulseNanoseconds, lastPulseNanoseconds >= stop {
            guard recent.takeOut(atOrAfter: stop, { takeOut($0) }) else { return false }
            self.lastPulseNanoseconds = recent.latestNanoseconds
        }
        window = window.lowerBound..<stop
        return true
    }

    /// Notes the vetoes of a pulse.
    func take(_ pulse: PU00, partition: Int) {
        vetoes[partition].note(pulse.referenceTime, pulse.vetos)
        guard see(pulse.referenceTime) else { return }
        recent.append(pulse.referenceTime, events: 0, .metadata)
    }

    /// Counts the events of a message, pulse by pulse.
    ///
    /// - Returns: the time of the message's last pulse; nil when it has none.
    func take(_ message: EV44, partition: Int) -> Int64? {
        let count = message.pulseCount
        guard count > 0 else { return nil }
        let pixels = message.pixelID
        let isMonitor = (pixels?.count ?? 0) == 0 || message.sourceNameBytes.starts(with: monitorPrefix)
        if let times = message.timeOfFlight {
            times.withUnsafeBufferPointer { times in
                if let pixels, !isMonitor {
                    pixels.withUnsafeBufferPointer { add(message, partition, times, $0) }
                } else {
                    add(message, partition, times, nil)
                }
            }
        } else {
            for time in message.referenceTime where see(time) { recent.append(time, events: 0, .metadata) }
        }
        return message.referenceTime[count - 1]
    }

    /// Notes a pulse's time and tells whether it is in the window.
    private func see(_ time: Int64) -> Bool {
        latestSeenNanoseconds = max(latestSeenNanoseconds ?? time, time)
        guard window.contains(time) else { return false }
        lastPulseNanoseconds = max(lastPulseNanoseconds ?? time, time)
        return true
    }

    private func add(
        _ message: EV44, _ partition: Int, _ times: UnsafeBufferPointer<Int32>, _ pixels: UnsafeBufferPointer<Int32>?
    ) {
        for pulse in 0..<message.pulseCount {
            let time = message.referenceTime[pulse]
            guard see(time) else { continue }
            let range = message.eventRange(ofPulse: pulse)
            let isVetoed = vetoes[partition].isVetoed(time)
            guard isVetoed != true else {
                vetoedEvents += Int64(range.count)
                recent.append(time, events: 0, .vetoed(events: range.count))
                continue
            }
            let times = UnsafeBufferPointer(rebasing: times[range])
            let pixels = pixels.map { UnsafeBufferPointer(rebasing: $0[range]) }
            let isKnown = isVetoed != nil
            count(times, pixels, isKnown: isKnown, weight: 1)
            recent.append(
                time, events: range.count,
                .counted(times: Array(times), pixels: pixels.map { Array($0) }, isKnown: isKnown))
        }
    }

    private func takeOut(_ content: RecentPulses.Content) {
        switch content {
        case .metadata: break
        case .vetoed(let events): vetoedEvents -= Int64(events)
        case .counted(let times, let pixels, let isKnown):
            times.withUnsafeBufferPointer { times in
                if let pixels {
                    pixels.withUnsafeBufferPointer { count(times, $0, isKnown: isKnown, weight: -1) }
                } else {
                    count(times, nil, isKnown: isKnown, weight: -1)
                }
            }
        }
    }

    /// Counts the events of one pulse, or with a weight of -1 takes them out again. Monitors have no pixels.
    private func count(
        _ times: UnsafeBufferPointer<Int32>, _ pixels: UnsafeBufferPointer<Int32>?, isKnown: Bool, weight: Int64
    ) {
        if !isKnown { unknownPulses += weight }
        let bins = pixels == nil ? monitor : timeOfFlight
        countTimes(
            times, low: axis.lowNanoseconds, span: span, multiplier: multiplier, into: bins.base,
            outside: bins.count, weight: weight)
        let added = Int64(times.count) * weight
        events += added
        guard let pixels else {
            monitorEvents += added
            return
        }
        countPixels(
            pixels, first: grid.firstID, into: detectorMap.base, outside: detectorMap.count, weight: weight)
    }
}
