import System

/// Opens the partitions of a directory, several at a time: most of that is waiting for the disk.
final class PartitionOpener: Sendable {
    /// A partition, and what its recovery found.
    struct Opened: Sendable {
        let partition: PartitionLog
        let report: RecoveryReport
    }

    private struct State: Sendable {
        var next = 0
        var opened: [(index: Int, opened: Opened)] = []
        var failure: LogError?
    }

    /// Threads that open at the same time; a few partitions are not worth so many.
    private static let threadsMax = 8
    private static let partitionsPerThread = 16

    private let environment: LogEnvironment
    private let found: [(key: PartitionKey, path: String)]
    private let state = Lock(State())

    init(_ environment: LogEnvironment, _ found: [(key: PartitionKey, path: String)]) {
        self.environment = environment
        self.found = found
    }

    /// The partitions in the order in which they were found; throws the first failure.
    func run() throws(LogError) -> [Opened] {
        let wanted = min(Self.threadsMax, found.count / Self.partitionsPerThread)
        let threads =
            environment.options.startsThreads && wanted > 1
            ? (1..<wanted).map { _ in Thread("log-open") { self.work() } } : []
        work()
        for thread in threads { thread.join() }
        let (opened, failure) = state.withLock { ($0.opened, $0.failure) }
        if let failure { throw failure }
        return opened.sorted { $0.index < $1.index }.map(\.opened)
    }

    private func work() {
        while true {
            let index = state.withLock { state -> Int? in
                guard state.failure == nil, state.next < found.count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let index else { return }
            do throws(LogError) {
                let opened = try open(found[index].key, found[index].path)
                state.withLock { $0.opened.append((index, opened)) }
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
        }
    }

    private func open(_ key: PartitionKey, _ path: String) throws(LogError) -> Opened {
        var recovery = PartitionRecovery(environment, key, path)
        let state = try recovery.open(environment.options.defaults)
        return Opened(partition: PartitionLog(key, path, environment, state), report: recovery.report)
    }
}
