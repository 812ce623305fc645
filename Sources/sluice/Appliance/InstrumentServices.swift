import Configuration
import FileWriter
import Histogrammer
import Observability
import Streams
import Synchronization
import System

/// The services that serve the instruments' runs: every instrument whose topics exist, or those that are named.
///
/// The file writer is one service for all. Each instrument has a histogrammer; `run` looks once a second for new
/// `<INSTRUMENT>_runInfo` topics.
final class InstrumentServices: Sendable {
    /// How often new instruments are looked for, in ms.
    private static let lookMilliseconds = 1000
    private static let runTopicSuffix = "_runInfo"
    /// Instruments beyond this number are not served.
    private static let instrumentsMax = 64

    private let parts: Parts
    private let histogrammers = Mutex<[String: ServiceThread]>([:])
    private let writer: ServiceThread?
    private let stop = StopSignal()

    /// What the services are made from.
    struct Parts: Sendable {
        let configuration: Configuration
        let streams: any Streams
        let metrics: Metrics
        let filesDirectory: String
        let runDirectory: String
        /// The broker's address for processes of their own.
        let brokerAddress: String
    }

    private let log = Log("services")

    init(_ parts: Parts) {
        self.parts = parts
        writer = parts.configuration.flag("writer.enabled") ? Self.writer(parts) : nil
    }

    /// Serves until `end()`, on the calling thread.
    func run() {
        guard parts.configuration.flag("histogram.enabled") else { return }
        while !stop.isRequested {
            do {
                for name in try instruments() { serve(name) }
            } catch {
                log.warningOncePerMinute(cause: "topics", "cannot list topics: \(error)")
            }
            _ = stop.wait(milliseconds: Self.lookMilliseconds)
        }
    }

    private func instruments() throws -> [String] {
        if let named = Self.named(parts.configuration) { return named }
        let topics = try parts.streams.topics().map(\.name)
        return topics.filter { $0.hasSuffix(Self.runTopicSuffix) }.map {
            String($0.dropLast(Self.runTopicSuffix.count))
        }
    }

    /// The instruments that the settings name; nil for all whose topics exist.
    private static func named(_ configuration: Configuration) -> [String]? {
        let names = configuration.list("instruments")
        return names == ["auto"] ? nil : names
    }

    /// Starts the histogrammer of an instrument that has none yet.
    func serve(_ instrument: String) {
        guard parts.configuration.flag("histogram.enabled") else { return }
        histogrammers.withLock { histogrammers in
            guard histogrammers[instrument] == nil, !stop.isRequested else { return }
            guard histogrammers.count < Self.instrumentsMax else {
                log.warningOncePerMinute(
                    cause: "limit", "\(instrument) is not served: more than \(Self.instrumentsMax) instruments")
                return
            }
            log.info("serving \(instrument)")
            let histogrammer = Histogrammer(
                streams: parts.streams, configuration: Self.histogrammer(parts.configuration, instrument),
                metrics: parts.metrics)
            histogrammers[instrument] = ServiceThread("histogrammer") { try histogrammer.run(until: $0) }
        }
    }

    private static func writer(_ parts: Parts) -> ServiceThread {
        var configuration = WriterConfiguration(outputDirectory: parts.filesDirectory, broker: parts.brokerAddress)
        configuration.softwareVersion = VersionCommand.version
        configuration.commandTopics = named(parts.configuration)?.map { $0 + runTopicSuffix }
        configuration.beforeStartMilliseconds = Int64(parts.configuration.milliseconds("writer.before_start"))
        configuration.afterStopMilliseconds = Int64(parts.configuration.milliseconds("writer.after_stop"))
        let launcher = ProcessLauncher(
            executable: "/proc/self/exe", arguments: [WriteJobCommand.command.name], directory: parts.runDirectory)
        let service = WriterService(
            streams: parts.streams, configuration: configuration, launcher: launcher, metrics: parts.metrics)
        return ServiceThread("writer") { service.run(until: $0) }
    }

    private static func histogrammer(_ configuration: Configuration, _ instrument: String) -> HistogrammerConfiguration
    {
        var made = HistogrammerConfiguration(instrument: instrument)
        let end = Int64(configuration.milliseconds("histogram.range")) * 1_000_000
        made.timeOfFlight = TimeOfFlightAxis(
            highNanoseconds: Int32(clamping: end), count: Int(configuration.number("histogram.bins")))
        made.publishIntervalMilliseconds = max(10, configuration.milliseconds("histogram.interval"))
        return made
    }

    /// Ends all services and waits for them.
    func end() {
        stop.request()
        let running = histogrammers.withLock { histogrammers in
            defer { histogrammers = [:] }
            return Array(histogrammers.values)
        }
        for histogrammer in running { histogrammer.end() }
        writer?.end()
    }
}
