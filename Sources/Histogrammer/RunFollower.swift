import Schemas

/// The run that the histograms belong to, as told by pl72 and 6s4t.
struct RunFollower {
    /// A run.
    struct Run: Equatable {
        let name: String
        let jobID: String
        let startNanoseconds: Int64
        /// The first moment that is not part of the run; nil while nobody has ended it.
        var stopNanoseconds: Int64?

        /// Which pulses belong to the run.
        var window: Range<Int64> {
            startNanoseconds..<max(startNanoseconds, stopNanoseconds ?? Int64.max)
        }
    }

    /// The last run that was begun; nil when none ever was.
    private(set) var run: Run?
    /// The run before it, with its end if that was told.
    private(set) var former: Run?
    /// Counts up with every run start.
    private(set) var generation = 0

    /// Takes a message of the run topic. A stop for another job than the current one is left alone.
    ///
    /// - Parameter timestampMilliseconds: when the message was sent, which a stop "now" means.
    mutating func take(_ bytes: UnsafeRawBufferPointer, timestampMilliseconds: Int64) throws(SchemaError) {
        switch SchemaIdentifier.of(bytes) {
        case PL72.identifier: begin(try PL72(bytes))
        case RunStop6S4T.identifier: end(try RunStop6S4T(bytes), timestampMilliseconds)
        default: break
        }
    }

    private mutating func begin(_ start: PL72) {
        former = run
        run = Run(
            name: start.runName ?? "", jobID: start.jobID ?? "", startNanoseconds: Self.nanoseconds(start.startTime),
            stopNanoseconds: start.stopTime == 0 ? nil : Self.nanoseconds(start.stopTime))
        generation += 1
    }

    private mutating func end(_ stop: RunStop6S4T, _ timestampMilliseconds: Int64) {
        guard var run else { return }
        let isSameJob = stop.jobID == run.jobID || (stop.jobID ?? "").isEmpty && stop.runName == run.name
        guard isSameJob else { return }
        let time = stop.stopTime == 0 ? UInt64(max(0, timestampMilliseconds)) : stop.stopTime
        run.stopNanoseconds = Self.nanoseconds(time)
        self.run = run
    }

    private static func nanoseconds(_ milliseconds: UInt64) -> Int64 {
        Int64(
            clamping: milliseconds.multipliedReportingOverflow(by: 1_000_000).overflow
                ? UInt64.max : milliseconds * 1_000_000)
    }
}
