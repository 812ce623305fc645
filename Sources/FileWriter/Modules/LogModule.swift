import NexusFile
import Schemas

/// The log of one process variable as NXlog: value and time, with alarms and connection states beside them.
///
///     value                   as configured, `double` by default
///     time                    uint64 ns since the epoch
///     alarm_message           200 bytes of UTF-8, alarm_time uint64 ns, alarm_severity int16 (EPICS: 0 none … 3 invalid)
///     connection_status       int16, connection_status_time uint64 ns
///     minimum_value, maximum_value, average_value    double; the average of the readings, not weighted by time
final class LogModule: StreamModule {
    let group: NexusGroup
    /// The name in the messages, for reports.
    let source: StreamSource
    private let values: any LogColumn
    private let times: AppendableDataset<UInt64>
    private let units: String
    private var buffered = Buffered<LogValue>()
    private var minimum = Double.infinity, maximum = -Double.infinity, sum = 0.0

    private var alarms:
        (texts: AppendableTexts, times: AppendableDataset<UInt64>, severities: AppendableDataset<Int16>)?
    private var bufferedAlarms = Buffered<(severity: Int16, message: String)>()
    private var connections: (states: AppendableDataset<Int16>, times: AppendableDataset<UInt64>)?
    private var bufferedConnections = Buffered<Int16>()

    /// Rows in one chunk of each column.
    static let chunkRows = 1024

    init(_ group: NexusGroup, _ source: StreamSource, type: NexusType, units: String) throws(NexusError) {
        self.group = group
        self.source = source
        self.units = units
        values = try makeLogColumn(group, "value", type, chunkRows: Self.chunkRows)
        times = try Self.timeColumn(group, "time")
    }

    private static func timeColumn(
        _ group: NexusGroup, _ name: String
    ) throws(NexusError) -> AppendableDataset<UInt64> {
        let column = try AppendableDataset<UInt64>(group, name, chunkBytes: chunkRows * 8)
        try describeTimes(column.dataset)
        return column
    }

    var latestNanoseconds: Int64 {
        max(buffered.latestTime, bufferedAlarms.latestTime, bufferedConnections.latestTime)
    }

    /// Whether a value is known for the start of the run.
    var hasValue: Bool { !buffered.isEmpty }

    /// Takes a value; false when it is an array, which a log cannot hold.
    ///
    /// - Parameter recordMilliseconds: the record's own time. A value under its own time is a reading, even if it is
    ///   equal to the last one; a value under another time may be that of an old reading, sent again.
    func accept(_ message: F144, recordMilliseconds: Int64, _ window: TimeWindow) throws(NexusError) -> Bool {
        guard let value = LogValue(message.value) else { return false }
        let mayRepeat = recordMilliseconds != message.timestamp / 1_000_000
        let (first, second) = buffered.accept(message.timestamp, value, window, mayRepeat: mayRepeat)
        if let first { try append(first.time, first.reading) }
        if let second { try append(second.time, second.reading) }
        return true
    }

    private func append(_ time: Int64, _ value: LogValue) throws(NexusError) {
        try values.append(value)
        try times.append(UInt64(bitPattern: time))
        let real = value.real
        minimum = min(minimum, real)
        maximum = max(maximum, real)
        sum += real
    }

    /// Takes an alarm.
    func accept(_ message: AL00, _ window: TimeWindow) throws(NexusError) {
        let text = message.message ?? ""
        let reading = (severity: message.severity.rawValue, message: text.isEmpty ? "NO ALARM MESSAGE" : text)
        let (first, second) = bufferedAlarms.accept(message.timestamp, reading, window, mayRepeat: true)
        if let first { try append(first.time, alarm: first.reading) }
        if let second { try append(second.time, alarm: second.reading) }
    }

    private func append(_ time: Int64, alarm: (severity: Int16, message: String)) throws(NexusError) {
        if alarms == nil {
            alarms = (
                try AppendableTexts(group, "alarm_message", length: 200, chunkRows: 64),
                try Self.timeColumn(group, "alarm_time"),
                try AppendableDataset(group, "alarm_severity", chunkBytes: Self.chunkRows * 2)
            )
        }
        try alarms?.texts.append(alarm.message)
        try alarms?.times.append(UInt64(bitPattern: time))
        try alarms?.severities.append(alarm.severity)
    }

    /// Takes a connection state.
    func accept(_ message: EP01, _ window: TimeWindow) throws(NexusError) {
        let (first, second) = bufferedConnections.accept(
            message.timestamp, message.status.rawValue, window, mayRepeat: true)
        if let first { try append(first.time, connection: first.reading) }
        if let second { try append(second.time, connection: second.reading) }
    }

    private func append(_ time: Int64, connection: Int16) throws(NexusError) {
        if connections == nil {
            connections = (
                try AppendableDataset(group, "connection_status", chunkBytes: Self.chunkRows * 2),
                try Self.timeColumn(group, "connection_status_time")
            )
        }
        try connections?.states.append(connection)
        try connections?.times.append(UInt64(bitPattern: time))
    }

    func flush() throws(NexusError) {
        try values.flush()
        try times.flush()
        try alarms?.texts.flush()
        try alarms?.times.flush()
        try alarms?.severities.flush()
        try connections?.states.flush()
        try connections?.times.flush()
    }

    func finish() throws(NexusError) {
        if let last = buffered.takeKept() { try append(last.time, last.reading) }
        if let last = bufferedAlarms.takeKept() { try append(last.time, alarm: last.reading) }
        if let last = bufferedConnections.takeKept() { try append(last.time, connection: last.reading) }
        try values.dataset.setAttribute("units", units)
        guard values.count > 0 else { return }
        for (name, value) in [
            ("minimum_value", minimum), ("maximum_value", maximum), ("average_value", sum / Double(values.count)),
        ] {
            try group.write(name, value).setAttribute("units", units)
        }
    }

    var datasets: [WrittenDataset] {
        var all = [
            WrittenDataset(path: values.dataset.path, rowCount: times.count),
            WrittenDataset(path: times.dataset.path, rowCount: times.count),
        ]
        if let alarms { all.append(WrittenDataset(path: alarms.times.dataset.path, rowCount: alarms.times.count)) }
        if let connections {
            all.append(WrittenDataset(path: connections.times.dataset.path, rowCount: connections.times.count))
        }
        return all
    }
}
