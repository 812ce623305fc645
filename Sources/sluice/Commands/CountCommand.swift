import StreamTools
import Streams
import System

/// `sluice count`: how much comes, by schema.
enum CountCommand {
    static let command = Command(
        "count", "Counts messages, MB and events a second by schema, as they come or in a range.",
        details: """
            Without --offset it counts what comes from now on and prints a table each interval, until Ctrl-C or --intervals.
            With --offset it counts that range and prints totals. Events are the neutron or muon events in the messages.
            """,
        example: "sluice count LARMOR_events --interval 1s", operands: "TOPIC...", count: 1...100, kinds: [.topic],
        flags: BrokerConnection.flags + RangeFlags.flags + [
            Flag("--interval", "-i", value: "DURATION", kind: .duration, help: "How often to tell (default: 1s)."),
            Flag("--intervals", "-n", value: "N", kind: .integer(1...Int.max), help: "End after N of them."),
            Table.formatFlag,
        ], run: run)

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let first = BrokerConnection.splitTopic(invocation.operands[0])
        let streams = try BrokerConnection.connect(invocation, override: first.broker)
        defer { streams.close() }
        let isLive = invocation.all("--offset").isEmpty
        let ranges = try invocation.operands.flatMap { operand in
            try RangeFlags.ranges(
                invocation, streams, BrokerConnection.splitTopic(operand).topic, usual: RangeExpression(.end),
                follows: isLive)
        }
        let reader = try BrokerConnection.translated { try RangeReader(streams, ranges) }
        defer { reader.close() }
        let stop = Signals.stopOnInterrupt()
        return isLive ? try live(invocation, reader, stop) : try whole(invocation, reader, stop)
    }

    private static func whole(_ invocation: Invocation, _ reader: RangeReader, _ stop: StopSignal) throws -> Int32 {
        var tally = SchemaTally()
        var first = Int64.max, last = Int64.min
        while !reader.isAtEnd, !stop.isRequested {
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: 200) { record, _ in
                    tally.count(record.value)
                    guard record.timestampMilliseconds >= 0 else { return }
                    first = min(first, record.timestampMilliseconds)
                    last = max(last, record.timestampMilliseconds)
                }
            }
        }
        var table = Table(["schema", "messages", "bytes", "events"])
        for (name, counts) in tally.bySchema.sorted(by: { $0.key < $1.key }) {
            table.rows.append([
                .text(name), .number(counts.messages), .number(counts.bytes), .number(counts.events),
            ])
        }
        let total = tally.total
        if tally.bySchema.count != 1 {
            table.rows.append([.text("all"), .number(total.messages), .number(total.bytes), .number(total.events)])
        }
        try table.print(invocation)
        if last > first {
            let seconds = Double(last - first) / 1000
            Terminal.printError(
                "in \(Rate.text(seconds)) s of the records' own time: \(Rate.text(Double(total.messages) / seconds)) "
                    + "messages/s, \(Rate.text(Double(total.bytes) / 1e6 / seconds)) MB/s, "
                    + "\(Rate.text(Double(total.events) / seconds)) events/s")
        }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func live(_ invocation: Invocation, _ reader: RangeReader, _ stop: StopSignal) throws -> Int32 {
        let clock = SystemClock()
        let interval = UInt64(max(10, try invocation.milliseconds("--interval") ?? 1000)) * 1_000_000
        let intervals = try invocation.integer("--intervals", in: 1...Int.max) ?? Int.max
        var tally = SchemaTally()
        var reported = SchemaTally()
        var began = clock.monotonicNanoseconds
        var shown = 0
        while shown < intervals, !stop.isRequested, !reader.isAtEnd {
            let now = clock.monotonicNanoseconds
            let left = began + interval > now ? (began + interval - now) / 1_000_000 : 0
            _ = try BrokerConnection.translated {
                try reader.read(waitMilliseconds: Int(min(left, 200))) { record, _ in tally.count(record.value) }
            }
            let passed = clock.monotonicNanoseconds - began
            guard passed >= interval else { continue }
            try rates(tally, since: reported, seconds: Double(passed) / 1e9).print(invocation)
            (reported, began) = (tally, clock.monotonicNanoseconds)
            shown += 1
        }
        return stop.isRequested ? ExitCode.interrupted : ExitCode.success
    }

    private static func rates(_ now: SchemaTally, since earlier: SchemaTally, seconds: Double) -> Table {
        var table = Table(["schema", "messages/s", "MB/s", "events/s", "messages", "MB", "events"])
        func add(_ name: String, _ new: SchemaTally.Counts, _ all: SchemaTally.Counts) {
            table.rows.append([
                .text(name), .real(Double(new.messages) / seconds), .real(Double(new.bytes) / 1e6 / seconds),
                .real(Double(new.events) / seconds), .number(all.messages), .real(Double(all.bytes) / 1e6),
                .number(all.events),
            ])
        }
        for (name, counts) in now.bySchema.sorted(by: { $0.key < $1.key }) {
            add(name, counts - (earlier.bySchema[name] ?? SchemaTally.Counts()), counts)
        }
        if now.bySchema.count != 1 { add("all", now.total - earlier.total, now.total) }
        return table
    }
}
