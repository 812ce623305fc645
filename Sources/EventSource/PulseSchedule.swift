/// When pulses are due: at fixed distances from the first one, so that no delay ever adds up.
struct PulseSchedule: Sendable {
    /// What to do now.
    enum Action: Equatable, Sendable {
        /// Nothing is due for so many nanoseconds.
        case wait(nanoseconds: UInt64)
        /// Pulse `index` is due since `lagNanoseconds`.
        case send(index: UInt64, lagNanoseconds: UInt64)
        /// So many pulses are left out because they are older than `lagMaximumNanoseconds`.
        case skip(count: UInt64)
    }

    /// Pulses further behind are left out: the receiver is too slow, and a backlog without end helps nobody.
    static let lagMaximumNanoseconds: UInt64 = 10_000_000_000

    private let firstNanoseconds: UInt64
    private let intervalNanoseconds: UInt64
    /// The number of the pulse that comes next.
    private(set) var next: UInt64 = 0

    /// A schedule whose pulse 0 is due at `firstNanoseconds` of the monotonic clock.
    init(firstNanoseconds: UInt64, intervalNanoseconds: UInt64) {
        precondition(intervalNanoseconds > 0)
        self.firstNanoseconds = firstNanoseconds
        self.intervalNanoseconds = intervalNanoseconds
    }

    /// What to do at this moment; a pulse counts as done when it is handed out or left out.
    mutating func action(at nowNanoseconds: UInt64) -> Action {
        let due = firstNanoseconds + next * intervalNanoseconds
        guard nowNanoseconds >= due else { return .wait(nanoseconds: due - nowNanoseconds) }
        let lag = nowNanoseconds - due
        if lag > Self.lagMaximumNanoseconds {
            let count = (lag - Self.lagMaximumNanoseconds) / intervalNanoseconds + 1
            next += count
            return .skip(count: count)
        }
        defer { next += 1 }
        return .send(index: next, lagNanoseconds: lag)
    }
}
