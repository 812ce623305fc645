import Schemas
import Streams

/// When a run began and ended, by the starts (pl72) and stops (6s4t) in an instrument's run topic.
public struct RunWindow: Equatable, Sendable {
    /// The name that its start gives it; usually the run's number.
    public let name: String
    /// When it began, ms since the epoch.
    public let startMilliseconds: Int64
    /// When it ended, ms since the epoch; nil while it goes on.
    public let stopMilliseconds: Int64?

    /// A run's time.
    public init(name: String, startMilliseconds: Int64, stopMilliseconds: Int64?) {
        self.name = name
        self.startMilliseconds = startMilliseconds
        self.stopMilliseconds = stopMilliseconds
    }

    /// Finds a run in the run topic of `instrument`, the newest one when there are several of its number.
    ///
    /// - Throws: `unknownTopic` when there is no run topic or no such run.
    public static func find(
        _ run: RangeExpression.Run, instrument: String, streams: any Streams
    ) throws(StreamError) -> RunWindow {
        let topic = instrument + "_runInfo"
        guard try streams.topic(topic) != nil else {
            throw StreamError(.unknownTopic, "topic \(topic), which tells of runs, does not exist")
        }
        let expression = RangeExpression(.beginning, .now)
        let reader = try RangeReader(streams, expression.ranges(topic, nil, streams, follows: false))
        defer { reader.close() }
        var finder = RunWindowFinder(run)
        while !reader.isAtEnd {
            _ = try reader.read(waitMilliseconds: 1000) { record, _ in
                if let value = record.value { finder.see(value) }
            }
        }
        guard let found = finder.found else {
            var what = "run"
            if case .number(let number) = run { what = "run \(number)" }
            let others = finder.latest.joined(separator: ", ")
            throw StreamError(
                .unknownTopic, "\(topic) tells of no \(what)\(others.isEmpty ? "" : "; the latest are \(others)")")
        }
        return found
    }
}

/// Looks for a run among the messages of a run topic.
struct RunWindowFinder {
    private let wanted: RangeExpression.Run
    private var job: String?
    private(set) var found: RunWindow?
    /// The names of the latest runs, wanted or not.
    private(set) var latest: [String] = []
    private static let latestMax = 3

    init(_ wanted: RangeExpression.Run) { self.wanted = wanted }

    mutating func see(_ bytes: UnsafeRawBufferPointer) {
        switch SchemaIdentifier.of(bytes) {
        case PL72.identifier:
            guard let start = try? PL72(bytes) else { return }
            note(start.runName ?? "")
            guard isWanted(start.runName ?? "") else { return }
            // A writer that takes the job repeats its start.
            if let job, job == start.jobID { return }
            job = start.jobID
            found = RunWindow(
                name: start.runName ?? "", startMilliseconds: Int64(clamping: start.startTime),
                stopMilliseconds: start.stopTime > 0 ? Int64(clamping: start.stopTime) : nil)
        case RunStop6S4T.identifier:
            guard let stop = try? RunStop6S4T(bytes), let run = found, stop.jobID == job else { return }
            found = RunWindow(
                name: run.name, startMilliseconds: run.startMilliseconds,
                stopMilliseconds: Int64(clamping: stop.stopTime))
        default: return
        }
    }

    private mutating func note(_ name: String) {
        latest.removeAll { $0 == name }
        latest.append(name)
        if latest.count > Self.latestMax { latest.removeFirst() }
    }

    /// Some senders put the instrument's name before the number.
    private func isWanted(_ name: String) -> Bool {
        guard case .number(let number) = wanted else { return true }
        let digits = name.utf8.reversed().prefix { (0x30...0x39).contains($0) }
        return Int64(String(decoding: digits.reversed(), as: UTF8.self)) == number
    }
}
