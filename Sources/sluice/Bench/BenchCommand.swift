import Observability
import Schemas

/// `sluice bench`: how fast this build is on this machine, as ratios to what the machine itself can do.
enum BenchCommand {
    static let command = Command(
        "bench",
        "Measures speeds (\(benchmarks.map(\.name).joined(separator: ", "))) against the machine's own limits.",
        example: "sluice bench produce fetch --data /var/tmp --repeats 5",
        operands: "[NAME...]", count: 0...benchmarks.count, kinds: [.choice(benchmarks.map(\.name))],
        flags: [
            Flag(
                "--data", value: "DIR", kind: .directory,
                help: "Where temporary files go: a real disk, not tmpfs (default: /var/tmp)."),
            Flag(
                "--repeats", value: "N", kind: .integer(1...99),
                help: "Runs of each measurement; the median counts (default: 3)."),
            Flag(
                "--rate", value: "EVENTS", kind: .number(1...2e7),
                help: "Events per second of `appliance`, at most 2e7 (default: 5e6)."),
            Flag("--duration", value: "DURATION", kind: .duration, help: "How long `appliance` runs (default: 10s)."),
            Table.formatFlag,
        ], run: run)

    /// Every benchmark, in the order in which they run.
    static let benchmarks: [Benchmark] = [
        ProduceBenchmark.benchmark, FetchBenchmark.benchmark, RoundTripBenchmark.benchmark,
        EndToEndBenchmark.benchmark, SmallRecordsBenchmark.benchmark, ScaleBenchmark.benchmark,
        StartBenchmark.benchmark, MemoryBenchmark.benchmark, SchemasBenchmark.benchmark, ApplianceBenchmark.benchmark,
    ]

    private static func run(_ invocation: Invocation) throws -> Int32 {
        // The names were checked with the words.
        let names = invocation.operands
        let chosen = names.isEmpty ? benchmarks : names.compactMap { name in benchmarks.first { $0.name == name } }
        let context = try BenchContext(
            parent: invocation["--data"] ?? "/var/tmp", repeats: invocation.integer("--repeats", in: 1...99) ?? 3,
            rate: invocation.number("--rate", in: 1...2e7) ?? 5e6,
            durationMilliseconds: invocation.milliseconds("--duration") ?? 10_000)
        defer { context.removeFiles() }
        // The benchmarks' own brokers are nobody's news.
        Log.level = .warning
        var measurements: [Measurement] = []
        for benchmark in chosen {
            Terminal.progress("\(benchmark.name): \(benchmark.summary)")
            measurements += try benchmark.run(context)
            try context.checkInterrupted()
        }
        Terminal.clearProgress()
        if invocation["--format"] == "json" {
            Terminal.print(json(measurements))
        } else {
            try table(measurements).print(invocation)
        }
        return ExitCode.success
    }

    private static func table(_ measurements: [Measurement]) -> Table {
        var table = Table(["name", "measured", "limit", "ratio", "target"])
        table.rows = measurements.map { measurement in
            [
                .text(measurement.name), .text(measurement.text(measurement.measured)),
                measurement.limit.map { .text("\($0.name) \(measurement.text($0.value))") } ?? .missing,
                measurement.ratio.map { .text(Measurement.rounded($0)) } ?? .missing,
                measurement.target.map { .text($0) } ?? .missing,
            ]
        }
        return table
    }

    private static func json(_ measurements: [Measurement]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for measurement in measurements {
                writer.object { writer in
                    writer.field("name", measurement.name)
                    writer.field("unit", measurement.unit)
                    writer.field("measured", measurement.measured)
                    writer.field("limit", orNull: measurement.limit?.value)
                    writer.field("limit_name", orNull: measurement.limit?.name)
                    writer.field("ratio", orNull: measurement.ratio)
                    writer.field("target", orNull: measurement.target)
                }
            }
        }
        return writer.text
    }
}
