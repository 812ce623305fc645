import System
import Testing

@testable import sluice

@Suite struct BenchTests {
    private static func withContext(_ body: (BenchContext) throws -> Void) throws {
        let context = try BenchContext(parent: "/tmp", repeats: 3, rate: 1, durationMilliseconds: 1)
        defer { context.removeFiles() }
        try body(context)
    }

    @Test func limitsAreMeasuredAndLeaveNothingBehind() throws {
        try Self.withContext { context in
            for syncs in [false, true] {
                #expect(try IngestLimit.bytesPerSecond(context, totalBytes: 8 << 20, syncs: syncs) > 0)
            }
            #expect(try SendfileLimit.bytesPerSecond(context, totalBytes: 4 << 20) > 0)
            #expect(try PingPongLimit.latencies(count: 50).microseconds(0.5) > 0)
            let left = try LocalFileSystem().list(context.path(""))
            #expect(left == [])
            context.removeFiles()
            #expect(!LocalFileSystem().exists(context.path("")))
        }
    }

    @Test func aRatioIsTheMedianOfTheRunsOwnRatios() {
        let measurement = Measurement(
            "x", unit: "MB/s", runs: [(10, 20), (90, 100), (30, 40)], limit: "y", target: ">= 1")
        #expect(measurement.measured == 30)
        #expect(measurement.limit?.value == 40)
        #expect(measurement.ratio == 0.75)
    }

    @Test(arguments: [(1234.6, "1235"), (99.96, "100.0"), (12.34, "12.3"), (0.123, "0.12"), (0, "0"), (.nan, "-")])
    func numbersAreRoundedForPeople(value: Double, text: String) {
        #expect(Measurement.rounded(value) == text)
    }

    @Test func percentilesAreTakenFromSortedDurations() {
        let latencies = Latencies(count: 100) {}
        #expect(latencies.microseconds(0) <= latencies.microseconds(0.5))
        #expect(latencies.microseconds(0.5) <= latencies.microseconds(1))
    }

    @Test func metricsAreSummedOverTheirLabels() {
        let metrics = MetricsText("# HELP a b\na{x=\"1 2\"} 3\na{x=\"2\"} 4.5\na_total 9\nab 1\nb 7\n")
        #expect(metrics.sum("a") == 7.5)
        #expect(metrics.largest("a") == 4.5)
        #expect(metrics.sum("b") == 7)
        #expect(metrics.sum("c") == 0)
    }

    @Test func unknownNamesAreUsageErrors() {
        let error = #expect(throws: CommandError.self) {
            try Invocation(BenchCommand.command, words: ["produce", "prodcue"])
        }
        #expect(error?.code == ExitCode.usage)
    }
}
