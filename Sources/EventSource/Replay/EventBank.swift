import NexusFile

/// The events of one NXevent_data group, read piece by piece.
///
/// Layout: pulse `i` has time `event_time_zero[i]` and the events from `event_index[i]` up to that of the next pulse,
/// the last one to the end. ISIS: float32 µs and float64 s with `offset`; ESS: int32 ns and uint64 ns.
final class EventBank {
    /// The name under which the events are sent: the group's own, or with its parent's when that is not enough.
    let sourceName: String
    /// The group's path in the file.
    let path: String
    /// When each pulse was, in ns since the epoch.
    let pulseTimes: [Int64]
    /// Where each pulse's events begin.
    private let firstEvents: [Int]
    /// How many events there are.
    let eventCount: Int
    private let identifiers: NexusDataset
    private let offsets: NexusDataset
    private let offsetUnitNanoseconds: Double
    private let file: String
    private var windowStart = 0
    private var pixelWindow: [Int32] = []
    private var timeWindow: [Int32] = []

    /// Events that are read from the file at once.
    static let windowEvents = 1 << 20

    /// Opens a group that holds the four datasets of events.
    init(_ group: NexusGroup, sourceName: String, startNanoseconds: Int64, file: String) throws(EventSourceError) {
        self.sourceName = sourceName
        self.file = file
        path = group.path
        let parts = try EventBank.attempt(file) { () throws(NexusError) in
            (
                try group.dataset("event_id"), try group.dataset("event_time_offset"),
                try group.dataset("event_time_zero"), try group.dataset("event_index")
            )
        }
        (identifiers, offsets) = (parts.0, parts.1)
        let (count, path) = (identifiers.count, group.path)
        guard identifiers.shape.count == 1, offsets.shape == identifiers.shape else {
            throw .unreadable(
                path: file, reason: "\(path): event_id and event_time_offset differ in length or are no lists")
        }
        eventCount = count
        offsetUnitNanoseconds = try EventBank.offsetUnit(offsets, file)
        pulseTimes = try EventBank.pulseTimes(parts.2, startNanoseconds, file)
        let indices = try EventBank.attempt(file) { () throws(NexusError) in try parts.3.values(Int64.self) }
        guard indices.count == pulseTimes.count else {
            throw .unreadable(
                path: file,
                reason: "\(path): event_index has \(indices.count) entries, event_time_zero \(pulseTimes.count)")
        }
        guard indices.first ?? 0 == 0 || count == 0, !indices.isEmpty || count == 0 else {
            throw .unreadable(path: file, reason: "\(path)/event_index does not begin with 0")
        }
        for (pulse, index) in indices.enumerated() {
            let last = pulse == 0 ? 0 : indices[pulse - 1]
            guard index >= last && index <= Int64(count) else {
                throw .unreadable(
                    path: file,
                    reason: "\(path)/event_index[\(pulse)] is \(index), outside of \(last)...\(count)")
            }
        }
        firstEvents = indices.map { Int($0) }
    }

    /// The events of a pulse, as indices into the whole.
    func events(ofPulse pulse: Int) -> Range<Int> {
        firstEvents[pulse]..<(pulse + 1 < firstEvents.count ? firstEvents[pulse + 1] : eventCount)
    }

    /// Hands pixels and times of flight (ns, to the nearest) of a range of events to `body`.
    func withEvents(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Int32>) -> Void
    ) throws(EventSourceError) {
        if range.lowerBound < windowStart || range.upperBound > windowStart + pixelWindow.count {
            try load(range.lowerBound..<min(eventCount, max(range.upperBound, range.lowerBound + Self.windowEvents)))
        }
        let local = range.lowerBound - windowStart..<range.upperBound - windowStart
        pixelWindow.withUnsafeBufferPointer { pixels in
            timeWindow.withUnsafeBufferPointer { times in
                body(UnsafeBufferPointer(rebasing: pixels[local]), UnsafeBufferPointer(rebasing: times[local]))
            }
        }
    }

    private func load(_ range: Range<Int>) throws(EventSourceError) {
        let (identifiers, offsets) = (self.identifiers, self.offsets)
        let numbers = try EventBank.attempt(file) { () throws(NexusError) in
            try identifiers.values(Int64.self, from: range.lowerBound, count: range.count)
        }
        let times = try EventBank.attempt(file) { () throws(NexusError) in
            try offsets.values(Double.self, from: range.lowerBound, count: range.count)
        }
        pixelWindow.removeAll(keepingCapacity: true)
        timeWindow.removeAll(keepingCapacity: true)
        for (index, number) in numbers.enumerated() {
            guard let pixel = Int32(exactly: number) else {
                throw .unreadable(
                    path: file, reason: "\(path)/event_id[\(range.lowerBound + index)] is \(number): ev44 takes 32 bits"
                )
            }
            pixelWindow.append(pixel)
        }
        for (index, offset) in times.enumerated() {
            guard let time = Int32(exactly: (offset * offsetUnitNanoseconds).rounded(.toNearestOrEven)) else {
                throw .unreadable(
                    path: file,
                    reason: "\(path)/event_time_offset[\(range.lowerBound + index)] is \(offset), which is no time of "
                        + "flight below 2.1 s")
            }
            timeWindow.append(time)
        }
        windowStart = range.lowerBound
    }

    /// The unit of times of flight: the attribute's, or µs for real numbers and ns for integers without one.
    private static func offsetUnit(_ dataset: NexusDataset, _ file: String) throws(EventSourceError) -> Double {
        guard let name = dataset.units else { return dataset.type.isInteger ? 1 : 1e3 }
        guard let unit = RecordedTime.nanoseconds(unit: name) else {
            throw .unreadable(path: file, reason: "\(dataset.path) has the unit '\(name)'; s, ms, us and ns are known")
        }
        // ISIS files exist that say "second" beside microseconds: no frame is as long as the numbers would mean.
        guard unit == 1e9 && !dataset.type.isInteger && dataset.count > 0 else { return unit }
        let first = try attempt(file) { () throws(NexusError) in
            try dataset.values(Double.self, from: 0, count: min(dataset.count, windowEvents))
        }
        return (first.max() ?? 0) > 20 ? 1e3 : unit
    }

    private static func pulseTimes(
        _ dataset: NexusDataset, _ startNanoseconds: Int64, _ file: String
    ) throws(EventSourceError) -> [Int64] {
        let reference = try referenceTime(dataset, file)
        if dataset.type.isInteger {
            let unit = try timeUnit(dataset, default: 1, file)
            let values = try attempt(file) { () throws(NexusError) in try dataset.values(Int64.self) }
            let (base, scale) = (reference ?? 0, Int64(unit))
            return try values.map { value throws(EventSourceError) in
                let (product, overflow) = value.multipliedReportingOverflow(by: scale)
                let (time, outside) = product.addingReportingOverflow(base)
                guard !overflow && !outside else {
                    throw .unreadable(path: file, reason: "\(dataset.path) holds \(value), which is no time")
                }
                return time
            }
        }
        let unit = try timeUnit(dataset, default: 1e9, file)
        let values = try attempt(file) { () throws(NexusError) in try dataset.values(Double.self) }
        return try values.map { value throws(EventSourceError) in
            guard let distance = RecordedTime.nanoseconds(value, unitNanoseconds: unit) else {
                throw .unreadable(path: file, reason: "\(dataset.path) holds \(value), which is no time")
            }
            return (reference ?? startNanoseconds) + distance
        }
    }

    /// What the times of a dataset count from: its attribute `offset` or `start`; nil without one.
    static func referenceTime(_ dataset: NexusDataset, _ file: String) throws(EventSourceError) -> Int64? {
        for name in ["offset", "start"] {
            guard let text = try? dataset.attribute(name)?.text else { continue }
            guard let time = RecordedTime.nanoseconds(iso: text) else {
                throw .unreadable(
                    path: file, reason: "\(dataset.path)@\(name) is '\(text)', which is no ISO 8601 time")
            }
            return time
        }
        return nil
    }

    /// The unit of a dataset of times, in ns.
    static func timeUnit(
        _ dataset: NexusDataset, default unit: Double, _ file: String
    ) throws(EventSourceError) -> Double {
        guard let name = dataset.units else { return unit }
        guard let unit = RecordedTime.nanoseconds(unit: name) else {
            throw .unreadable(path: file, reason: "\(dataset.path) has the unit '\(name)'; s, ms, us and ns are known")
        }
        return unit
    }

    /// Runs a reading operation, whose failure names the file.
    static func attempt<R>(
        _ file: String, _ body: () throws(NexusError) -> R
    ) throws(EventSourceError) -> R {
        do throws(NexusError) {
            return try body()
        } catch {
            let place = error.path.isEmpty ? "" : "\(error.path): "
            throw .unreadable(path: file, reason: "\(place)\(error.reason)")
        }
    }
}
