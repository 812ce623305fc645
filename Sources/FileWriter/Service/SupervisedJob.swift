import Observability

/// One job as the service drives it: launches its process, begins it again once when the process fails, and tells what is
/// to be answered.
final class SupervisedJob {
    /// What the service has to do.
    enum Action: Equatable {
        /// The start is to be answered with success.
        case started
        /// The start is to be answered with a failure; the job is over.
        case refused(code: Int32, reason: String)
        /// The job is over; its end is to be told.
        case ended
    }

    /// Most attempts for a job.
    static let attemptsMax = 2

    private(set) var status: JobStatus
    private(set) var description: JobDescription
    let start: RunStart
    let commandTopic: String
    let replyTopic: String
    private let launcher: any JobLauncher
    private let metrics: WriterMetrics
    private let log = Log("writer")
    private var running: (any RunningJob)?
    private var isAnswered = false
    /// The failure that the running attempt has told.
    private var failure: (reason: String, code: Int32, canRetry: Bool)?
    private var isInterrupted = false
    /// Why there was a second attempt.
    private var firstFailure: String?

    init(
        _ description: JobDescription, _ start: RunStart, commandTopic: String, replyTopic: String,
        launcher: any JobLauncher, metrics: WriterMetrics
    ) {
        self.description = description
        self.start = start
        self.commandTopic = commandTopic
        self.replyTopic = replyTopic
        self.launcher = launcher
        self.metrics = metrics
        status = JobStatus(
            jobID: start.jobID, runName: start.runName, instrument: start.instrument,
            file: description.outputDirectory + "/" + description.filename,
            startMilliseconds: description.startMilliseconds, stopMilliseconds: description.stopMilliseconds)
    }

    /// Starts the first attempt; throws when there cannot be one.
    func launch() throws(FileWriterError) {
        running = try launcher.launch(description)
        metrics.started.add()
    }

    /// The run ends at this time.
    func setStop(milliseconds: Int64) {
        status.stopMilliseconds = milliseconds
        description.stopMilliseconds = milliseconds
        running?.setStop(milliseconds: milliseconds)
    }

    /// Ends the attempt; the file stays partial, and a later service begins the job again.
    func interrupt() {
        isInterrupted = true
        running?.interrupt()
    }

    /// Whether a process is at work.
    var isRunning: Bool { running != nil }

    /// Takes in what the process has told.
    func poll() -> [Action] {
        var actions: [Action] = []
        for event in running?.poll() ?? [] {
            switch event {
            case .progress(let step): actions += follow(step)
            case .ended(let reason): actions += end(reason)
            }
        }
        return actions
    }

    private func follow(_ step: JobProgress) -> [Action] {
        switch step {
        case .started(let file, let problems):
            status.state = .writing
            status.file = file
            status.problems = problems
            defer { isAnswered = true }
            return isAnswered ? [] : [.started]
        case .writing(let counts): record(counts)
        case .done(let file, let counts, let problems):
            record(counts)
            status.file = file
            status.problems = problems
            status.state = .finished
        case .failed(let reason, let code, let canRetry): failure = (reason, code, canRetry)
        }
        return []
    }

    private func record(_ counts: JobCounts) {
        metrics.record(status.counts, counts)
        status.counts = counts
    }

    private func end(_ signal: String?) -> [Action] {
        running = nil
        if isInterrupted && status.state != .finished { return [] }
        if status.state == .finished {
            metrics.finished.add()
            status.message = finishedMessage
            return [.ended]
        }
        let failure = self.failure ?? (signal ?? "its process ended without a word", 500, true)
        self.failure = nil
        if failure.canRetry, description.attempt < Self.attemptsMax, relaunch(failure.reason) { return [] }
        metrics.failed.add()
        status.state = .failed
        status.message =
            firstFailure.map { "\(failure.reason); the first attempt failed as well: \($0)" } ?? failure.reason
        return isAnswered ? [.ended] : [.refused(code: failure.code, reason: status.message)]
    }

    /// Begins again from the log.
    private func relaunch(_ reason: String) -> Bool {
        description.attempt += 1
        log.warning("job \(status.jobID): \(reason); the file is written again from the log")
        do throws(FileWriterError) {
            running = try launcher.launch(description)
        } catch {
            log.error("job \(status.jobID): cannot begin again: \(error)")
            return false
        }
        firstFailure = reason
        metrics.restarts.add()
        record(JobCounts())
        return true
    }

    private var finishedMessage: String {
        var parts = ["\(status.counts.events) events"]
        if let firstFailure { parts.append("written again from the log, because in the first attempt \(firstFailure)") }
        parts += status.problems.isEmpty ? [] : ["incomplete: " + status.problems.joined(separator: "; ")]
        return parts.joined(separator: "; ")
    }
}
