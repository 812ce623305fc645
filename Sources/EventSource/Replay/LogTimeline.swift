import Schemas

/// The values of all logs in the order of their times.
struct LogTimeline {
    /// One value of one log.
    struct Entry {
        /// In ns since the epoch.
        var timeNanoseconds: Int64
        /// Index of the log.
        var log: Int32
        /// Index of the value.
        var value: Int32
    }

    /// All values that have a time.
    let entries: [Entry]
    /// How many have none.
    let untimedCount: Int
    private let logs: [RecordedLog]
    private var next = 0

    /// - Parameter end: later values are left out; nil takes all.
    init(_ logs: [RecordedLog], until end: Int64?) {
        self.logs = logs
        var entries: [Entry] = []
        var untimed = 0
        for (index, log) in logs.enumerated() {
            for (value, time) in log.times.enumerated() {
                guard let time else {
                    untimed += 1
                    continue
                }
                if let end, time > end { continue }
                entries.append(Entry(timeNanoseconds: time, log: Int32(index), value: Int32(value)))
            }
        }
        // Values of one log with equal times keep their order: ties are decided by log and index.
        entries.sort { ($0.timeNanoseconds, $0.log, $0.value) < ($1.timeNanoseconds, $1.log, $1.value) }
        self.entries = entries
        untimedCount = untimed
    }

    /// The time of the value that comes next; nil at the end.
    var nextTime: Int64? { next < entries.count ? entries[next].timeNanoseconds : nil }

    /// Takes the next value: its time, its log's name, and what is in it.
    mutating func take() -> (timeNanoseconds: Int64, name: String, value: F144.OwnedValue) {
        let entry = entries[next]
        next += 1
        let log = logs[Int(entry.log)]
        return (entry.timeNanoseconds, log.name, log.values.owned(Int(entry.value)))
    }
}

extension RecordedLog.Values {
    /// One value, in its own type.
    func owned(_ index: Int) -> F144.OwnedValue {
        switch self {
        case .int8(let values): .int8(values[index])
        case .uint8(let values): .uint8(values[index])
        case .int16(let values): .int16(values[index])
        case .uint16(let values): .uint16(values[index])
        case .int32(let values): .int32(values[index])
        case .uint32(let values): .uint32(values[index])
        case .int64(let values): .int64(values[index])
        case .uint64(let values): .uint64(values[index])
        case .float(let values): .float(values[index])
        case .double(let values): .double(values[index])
        }
    }
}
