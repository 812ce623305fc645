import System

/// The demo at a high event rate: instrument, log, histogrammer and file writer at once. What counts is whether the
/// services keep up.
enum ApplianceBenchmark {
    static let benchmark = Benchmark(name: "appliance", summary: "the whole appliance at a fixed event rate", run: run)

    private static let lineTimeoutMilliseconds = 120_000
    private static let sampleMilliseconds = 500

    /// What the console's metrics said at one moment.
    private struct Sample {
        let monotonicNanoseconds: UInt64
        let sentEvents: Double
        let histogrammedEvents: Double
        let filedEvents: Double
        let sourceLagSeconds: Double
        let histogrammerLagSeconds: Double
    }

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        defer { context.remove("appliance") }
        let child = try ChildProcess([
            "demo", "--rate", "\(context.rate)", "--duration", "\(context.durationMilliseconds)ms", "--data",
            context.path("appliance"), "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
            "--set", "kafka.listen_also=",
        ])
        let console = try consoleAddress(child)
        let samples = Condition<(taken: [Sample], isOver: Bool)>(([], false))
        let sampler = Thread("sampler") {
            repeat {
                if let sample = sample(console) { samples.update { $0.taken.append(sample) } }
            } while samples.wait(milliseconds: sampleMilliseconds) { $0.isOver ? true : nil } == nil
        }
        var lines: [String] = []
        while let line = try child.line(timeoutMilliseconds: lineTimeoutMilliseconds) { lines.append(line) }
        let code = child.wait()
        samples.update { $0.isOver = true }
        sampler.join()
        if code != ExitCode.success { Terminal.printError(lines.joined(separator: "\n")) }
        return report(samples.withLock { $0.taken }, exitCode: code, rate: context.rate)
    }

    /// Reads the child's output up to the line `Console  http://HOST:PORT/`.
    private static func consoleAddress(_ child: ChildProcess) throws -> String {
        var lines: [String] = []
        while let line = try child.line(timeoutMilliseconds: lineTimeoutMilliseconds) {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "Console", words[1].hasPrefix("http://") {
                return String(words[1].dropFirst("http://".count).prefix { $0 != "/" })
            }
            lines.append(line)
        }
        throw CommandError("the demo did not start:\n" + lines.joined(separator: "\n"))
    }

    private static func sample(_ console: String) -> Sample? {
        guard let endpoint = Endpoint(console),
            let (status, body) = try? HTTPProbe.get(endpoint, path: "/metrics"), status == 200
        else { return nil }
        let metrics = MetricsText(body)
        return Sample(
            monotonicNanoseconds: SystemClock().monotonicNanoseconds,
            sentEvents: metrics.sum("sluice_source_events_total"),
            histogrammedEvents: metrics.sum("sluice_hist_events_total"),
            filedEvents: metrics.sum("sluice_writer_events_total"),
            sourceLagSeconds: metrics.largest("sluice_source_lag_seconds"),
            histogrammerLagSeconds: metrics.largest("sluice_hist_lag_seconds"))
    }

    private static func report(_ samples: [Sample], exitCode: Int32, rate: Double) -> [Measurement] {
        let result = Measurement("appliance exit code", unit: "", Double(exitCode), target: "0")
        // Before the first event and after the last one nothing flows: those samples say nothing about keeping up.
        let flowing = zip(samples, samples.dropFirst()).filter { $0.sentEvents < $1.sentEvents }.map(\.1)
        guard let first = flowing.first, let last = flowing.last, first.sentEvents < last.sentEvents else {
            return [result]
        }
        let seconds = Double(last.monotonicNanoseconds - first.monotonicNanoseconds) / 1e9
        let middle = flowing[flowing.count / 2]
        func perSecond(_ name: String, _ value: KeyPath<Sample, Double>) -> Measurement {
            let measured = (last[keyPath: value] - first[keyPath: value]) / seconds / 1e6
            var measurement = Measurement(name, unit: "M events/s", measured, target: ">= 0.98")
            measurement.limit = ("asked", rate / 1e6)
            measurement.ratio = measured / (rate / 1e6)
            return measurement
        }
        func lag(_ name: String, _ value: KeyPath<Sample, Double>) -> Measurement {
            var measurement = Measurement(
                name, unit: "ms", last[keyPath: value] * 1e3, target: "does not grow")
            measurement.limit = ("half way", middle[keyPath: value] * 1e3)
            return measurement
        }
        return [
            perSecond("appliance events sent", \.sentEvents),
            perSecond("appliance events histogrammed", \.histogrammedEvents),
            perSecond("appliance events filed", \.filedEvents),
            lag("appliance lag of source", \.sourceLagSeconds),
            lag("appliance lag of histogrammer", \.histogrammerLagSeconds),
            result,
        ]
    }
}
