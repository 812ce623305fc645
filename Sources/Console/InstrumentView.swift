import Schemas
import Streams

/// A one-dimensional histogram that outlives its message.
struct Spectrum: Sendable {
    /// Nanoseconds since the epoch.
    let timestamp: Int64
    /// The histogrammer's own words about it, JSON.
    let info: String?
    /// Bin edges in ns, one more than counts.
    let edges: [Double]
    let counts: [Double]
}

/// A detector map that outlives its message: rows of pixels.
struct DetectorMap: Sendable {
    let shape: [Int32]
    let counts: [Double]
}

/// What one message tells about an instrument, decoded outside the lock.
enum InstrumentUpdate {
    case runStart(name: String, title: String, startMilliseconds: UInt64, file: String)
    case runStop(milliseconds: UInt64)
    case spectrum(Spectrum)
    case map(DetectorMap)
    case value(source: String, ProcessVariable)
    case alarm(source: String, severity: String)
    case service(name: String, status: String)

    /// Decodes a message; nil for a schema that the page does not show, and for a malformed one.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let identifier = SchemaIdentifier.of(bytes) else { return nil }
        let update: InstrumentUpdate?
        switch identifier {
        case PL72.identifier: update = (try? PL72(bytes)).map(Self.runStart)
        case RunStop6S4T.identifier: update = (try? RunStop6S4T(bytes)).map { .runStop(milliseconds: $0.stopTime) }
        case HS01.identifier: update = (try? HS01(bytes)).flatMap(Self.histogram)
        case F144.identifier: update = (try? F144(bytes)).map(Self.value)
        case AL00.identifier:
            update = (try? AL00(bytes)).map { .alarm(source: $0.sourceName ?? "", severity: $0.severity.word) }
        case X5F2.identifier:
            update = (try? X5F2(bytes)).map { .service(name: $0.softwareName ?? "", status: $0.statusJSON ?? "{}") }
        default: update = nil
        }
        guard let update else { return nil }
        self = update
    }

    private static func runStart(_ start: PL72) -> InstrumentUpdate {
        .runStart(
            name: start.runName ?? "", title: start.metadata ?? "", startMilliseconds: start.startTime,
            file: start.filename ?? "")
    }

    private static func value(_ message: F144) -> InstrumentUpdate {
        var json = JSONWriter(arrays: .shortened(4))
        json.object { message.value.write(to: &$0) }
        return .value(
            source: message.sourceName, ProcessVariable(value: json.text, timestamp: message.timestamp))
    }

    private static func histogram(_ message: HS01) -> InstrumentUpdate? {
        guard let data = message.data?.doubles else { return nil }
        switch message.source {
        case "tof":
            guard let edges = message.dimensionMetadata.first?.binBoundaries?.doubles, edges.count == data.count + 1
            else { return nil }
            return .spectrum(Spectrum(timestamp: message.timestamp, info: message.info, edges: edges, counts: data))
        case "detector_map":
            let shape = Array(message.currentShape)
            guard shape.count == 2, shape.allSatisfy({ $0 >= 0 }),
                shape.reduce(1, { $0.multipliedReportingOverflow(by: Int($1)).partialValue }) == data.count
            else { return nil }
            return .map(DetectorMap(shape: shape, counts: data))
        default: return nil
        }
    }
}

/// A process variable's last value.
struct ProcessVariable: Sendable {
    /// An object with the member `value`, JSON.
    let value: String
    /// Nanoseconds since the epoch.
    let timestamp: Int64
    var severity: String?
}

/// What the page shows of one instrument.
struct InstrumentView: Sendable {
    /// Topics that are read, by their endings.
    static let suffixes = ["_runInfo", "_monitorHistograms", "_sampleEnv", "_forwarderStatus"]
    /// Process variables beyond this number are not kept.
    static let variablesMax = 2000
    /// A rate of events older than this is no rate: the beam is off or the histogrammer gone.
    static let rateAgeNanosecondsMax: UInt64 = 5_000_000_000

    let name: String
    private var runName: String?
    private var metadata = ""
    private var startMilliseconds: UInt64 = 0
    private var stopMilliseconds: UInt64?
    private var file = ""
    private(set) var spectrum: Spectrum?
    private(set) var map: DetectorMap?
    private var events = 0.0
    private var eventsPerSecond = 0.0
    private var rateNanoseconds: UInt64 = 0
    private var variables: [String: ProcessVariable] = [:]
    private var services: [String: String] = [:]

    init(name: String) { self.name = name }

    /// The partitions to read for each instrument: an instrument is what has a `_runInfo` topic.
    static func topics(in statistics: [PartitionStatistics]) -> [String: [TopicPartition]] {
        let partitions = statistics.map(\.partition)
        var found: [String: [TopicPartition]] = [:]
        for partition in partitions where partition.topic.hasSuffix("_runInfo") {
            let name = String(partition.topic.dropLast("_runInfo".count))
            found[name] = partitions.filter { other in suffixes.contains { other.topic == name + $0 } }
                .sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        }
        return found
    }

    mutating func apply(_ update: InstrumentUpdate, nanoseconds: UInt64) {
        switch update {
        case .runStart(let name, let metadata, let start, let file):
            guard runName != name || startMilliseconds != start else { return }
            (runName, self.metadata, startMilliseconds, self.file) = (name, metadata, start, file)
            stopMilliseconds = nil
        case .runStop(let milliseconds): stopMilliseconds = milliseconds
        case .spectrum(let new):
            let total = new.counts.reduce(0, +)
            if let old = spectrum, new.timestamp > old.timestamp, total >= events {
                eventsPerSecond = (total - events) / (Double(new.timestamp - old.timestamp) / 1e9)
            } else {
                eventsPerSecond = 0
            }
            (events, spectrum, rateNanoseconds) = (total, new, nanoseconds)
        case .map(let new): map = new
        case .value(let source, var variable):
            guard variables[source] != nil || variables.count < Self.variablesMax else { return }
            variable.severity = variables[source]?.severity
            variables[source] = variable
        case .alarm(let source, let severity): variables[source]?.severity = severity
        case .service(let name, let status): services[name] = status
        }
    }

    /// The rate of the last update, 0 when that is too old.
    func currentEventsPerSecond(_ nanoseconds: UInt64) -> Double {
        nanoseconds < rateNanoseconds + Self.rateAgeNanosecondsMax ? eventsPerSecond : 0
    }

    func write(to json: inout JSONWriter, _ nanoseconds: UInt64) {
        json.object { json in
            json.field("name", name)
            json.key("run")
            if let runName {
                json.object { json in
                    json.field("number", runName)
                    json.field("metadata", metadata)
                    json.field("start", startMilliseconds)
                    json.field("stop", orNull: stopMilliseconds)
                    json.field("file", file)
                }
            } else {
                json.null()
            }
            json.field("events", events)
            json.field("events_per_second", currentEventsPerSecond(nanoseconds))
            json.field("spectrum_timestamp", orNull: spectrum?.timestamp)
            json.field("spectrum_info", orNull: spectrum?.info)
            json.field("has_map", map != nil)
            json.key("variables")
            json.array { json in
                for (source, variable) in variables.sorted(by: { $0.key < $1.key }) {
                    json.object { json in
                        json.field("name", source)
                        json.field("value", variable.value)
                        json.field("time", variable.timestamp / 1_000_000)
                        json.field("severity", orNull: variable.severity)
                    }
                }
            }
            json.key("services")
            json.object { json in
                for (service, status) in services.sorted(by: { $0.key < $1.key }) { json.field(service, status) }
            }
        }
    }
}
