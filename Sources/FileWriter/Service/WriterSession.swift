import Observability
import Schemas
import Streams
import System

/// What the service does on its thread: one `step` reads commands, drives the jobs, and sends what is due.
final class WriterSession {
    private let configuration: WriterConfiguration
    private let launcher: any JobLauncher
    private let metrics: WriterMetrics
    private let clock: any Clock
    private let log = Log("writer")
    private let commands: CommandReader
    private let replies: Replies
    private var jobs: [SupervisedJob] = []
    private var finished: [JobStatus] = []
    /// Jobs taken already: their start may come again as an echo.
    private var knownJobs: Set<String> = []
    private var earlier: [CommandRecord] = []
    private var nextStatus: UInt64 = 0

    private static let waitMilliseconds = 50
    private static let knownJobsMax = 10_000
    /// How long jobs may take to make their partial files durable when the service ends.
    private static let interruptionMilliseconds = 10_000

    init(
        _ streams: any Streams, _ configuration: WriterConfiguration, _ launcher: any JobLauncher,
        _ metrics: WriterMetrics, _ clock: any Clock
    ) {
        self.configuration = configuration
        self.launcher = launcher
        self.metrics = metrics
        self.clock = clock
        commands = CommandReader(streams, configuration, clock)
        replies = Replies(streams, configuration, clock)
    }

    /// The jobs, the newest first.
    var statuses: [JobStatus] { jobs.reversed().map(\.status) + finished.reversed() }

    /// Whether commands sent from now on are taken.
    var isServing: Bool { commands.hasSearched }

    func step() {
        let (old, new) = commands.read(waitMilliseconds: Self.waitMilliseconds)
        earlier += old
        if !earlier.isEmpty, commands.isUpToDate {
            takeEarlier(earlier)
            earlier.removeAll()
        }
        for command in new { take(command) }
        pollJobs()
        sendStatus()
    }

    // MARK: - Commands

    /// Finds the runs that go on: the newest start of a topic without a stop, and starts whose file is partial.
    private func takeEarlier(_ records: [CommandRecord]) {
        for (index, record) in records.enumerated() where record.isStart {
            guard let start = try? parse(record) else { continue }
            let later = records[(index + 1)...].filter { $0.topic == record.topic }
            let stop = later.lazy.compactMap { later -> RunStop? in
                later.value.withUnsafeBytes { RunStop($0, time: later.timestampMilliseconds) }
            }.first { $0.concerns(jobID: start.jobID, runName: start.runName) }
            let isNewest = !later.contains { $0.isStart }
            let wasBegun = OutputFile.hasPartial(
                directory: configuration.outputDirectory, filename: start.filename, fileSystem: LocalFileSystem())
            guard wasBegun || isNewest && stop == nil, !fileExists(start) else { continue }
            log.info("job \(start.jobID): run \(start.runName) began before the service; it is written from the log")
            self.start(start, record, stopMilliseconds: stop?.stopMilliseconds)
        }
    }

    private func fileExists(_ start: RunStart) -> Bool {
        guard let relative = try? OutputFile.checked(start.filename) else { return false }
        return LocalFileSystem().exists(configuration.outputDirectory + "/" + relative)
    }

    private func take(_ record: CommandRecord) {
        guard record.isStart else {
            let time = record.timestampMilliseconds > 0 ? record.timestampMilliseconds : clock.wallMilliseconds
            let stop = record.value.withUnsafeBytes { RunStop($0, time: time) }
            if let stop { self.stop(stop) }
            return
        }
        do throws(FileWriterError) {
            let start = try parse(record)
            self.start(start, record, stopMilliseconds: nil)
        } catch {
            reject(record, error)
        }
    }

    private func parse(_ record: CommandRecord) throws(FileWriterError) -> RunStart {
        let time = record.timestampMilliseconds > 0 ? record.timestampMilliseconds : clock.wallMilliseconds
        let result = record.value.withUnsafeBytes { bytes -> Result<RunStart, FileWriterError> in
            do throws(SchemaError) {
                let message = try PL72(bytes)
                return Result { () throws(FileWriterError) in
                    try RunStart(message, topic: record.topic, time: time)
                }
            } catch {
                return .failure(FileWriterError(.rejected, "\(error)"))
            }
        }
        return try result.get()
    }

    /// Answers a start that is not usable, where its fields allow.
    private func reject(_ record: CommandRecord, _ error: FileWriterError) {
        let message = record.value.withUnsafeBytes { bytes in
            (try? PL72(bytes)).map { (jobID: $0.jobID ?? "", control: $0.controlTopic ?? "") }
        }
        guard !knownJobs.contains(message?.jobID ?? "") else { return }
        metrics.rejected.add()
        log.warning("a run start on \(record.topic) is rejected: \(error)")
        let control = message.map { $0.control.isEmpty ? record.topic : $0.control } ?? record.topic
        replies.answer(
            replyTopic(record.topic, control: control), jobID: message?.jobID ?? "", .startJob, code: 400,
            stopMilliseconds: nil, commandID: message?.jobID ?? "", error.message)
    }

    private func start(_ start: RunStart, _ record: CommandRecord, stopMilliseconds: Int64?) {
        if knownJobs.count >= Self.knownJobsMax { knownJobs = Set(jobs.map(\.status.jobID)) }
        guard knownJobs.insert(start.jobID).inserted else { return }
        endPreviousRun(start, record.topic)
        let replyTopic = replyTopic(record.topic, control: start.controlTopic)
        if start.controlTopic != record.topic {
            commands.follow(start.controlTopic)
            replies.echo(start.controlTopic, record.value)
        }
        let job = SupervisedJob(
            describe(start, record, stopMilliseconds: stopMilliseconds), start, commandTopic: record.topic,
            replyTopic: replyTopic, launcher: launcher, metrics: metrics)
        guard jobs.count < configuration.jobsMax else {
            refuse(job, code: 400, "\(jobs.count) files are being written, which is the maximum")
            return
        }
        do throws(FileWriterError) {
            try job.launch()
            jobs.append(job)
            log.info("job \(start.jobID): run \(start.runName) of \(start.instrument) to \(job.status.file)")
        } catch {
            refuse(job, code: 500, error.message)
        }
    }

    private func describe(
        _ start: RunStart, _ record: CommandRecord, stopMilliseconds: Int64?
    ) -> JobDescription {
        let topics = start.controlTopic == record.topic ? [record.topic] : [start.controlTopic, record.topic]
        var description = JobDescription(
            jobID: start.jobID, broker: configuration.broker, outputDirectory: configuration.outputDirectory,
            filename: start.filename, nexusStructure: start.nexusStructure,
            startMilliseconds: start.startMilliseconds, stopMilliseconds: stopMilliseconds ?? start.stopMilliseconds,
            controlTopics: topics, runName: start.runName)
        description.beforeStartMilliseconds = configuration.beforeStartMilliseconds
        description.afterStopMilliseconds = configuration.afterStopMilliseconds
        description.flushIntervalMilliseconds = configuration.flushIntervalMilliseconds
        return description
    }

    /// A new run of an instrument ends the one before it, even when nobody said so.
    private func endPreviousRun(_ start: RunStart, _ topic: String) {
        for job in jobs
        where job.commandTopic == topic && job.start.instrument == start.instrument
            && job.start.runName != start.runName && job.status.stopMilliseconds == nil
        {
            log.warning("job \(job.status.jobID): no stop came before the next start; the run ends there")
            job.setStop(milliseconds: max(job.status.startMilliseconds, start.startMilliseconds))
        }
    }

    private func stop(_ stop: RunStop) {
        // A stop for a job of somebody else is not ours to answer.
        guard let job = jobs.first(where: { stop.concerns(jobID: $0.start.jobID, runName: $0.start.runName) }) else {
            return
        }
        if let old = job.status.stopMilliseconds, clock.wallMilliseconds > old + configuration.afterStopMilliseconds {
            // The same stop may come twice, on the run topic and on the control topic.
            guard old != stop.stopMilliseconds else { return }
            replies.answer(
                job.replyTopic, jobID: job.status.jobID, .setStopTime, code: 500, stopMilliseconds: old,
                commandID: stop.commandID, "the run has ended already")
            return
        }
        let time = max(stop.stopMilliseconds, job.status.startMilliseconds)
        job.setStop(milliseconds: time)
        replies.answer(
            job.replyTopic, jobID: job.status.jobID, .setStopTime, code: 201, stopMilliseconds: time,
            commandID: stop.commandID, "the file is closed when all data of the run are in it")
    }

    // MARK: - Jobs

    private func pollJobs() {
        for job in jobs {
            for action in job.poll() { perform(action, job) }
        }
        finished += jobs.filter { !$0.isRunning }.map(\.status)
        finished.removeFirst(max(0, finished.count - WriterService.finishedJobsMax))
        jobs.removeAll { !$0.isRunning }
        metrics.running.set(Double(jobs.count))
    }

    private func perform(_ action: SupervisedJob.Action, _ job: SupervisedJob) {
        let status = job.status
        switch action {
        case .started:
            let text = status.problems.isEmpty ? "" : "; not usable: " + status.problems.joined(separator: "; ")
            replies.answer(
                job.replyTopic, jobID: status.jobID, .startJob, code: 201, stopMilliseconds: status.stopMilliseconds,
                commandID: status.jobID, "writing \(status.file)\(text)")
        case .refused(let code, let reason):
            log.error("job \(status.jobID): \(reason)")
            replies.answer(
                job.replyTopic, jobID: status.jobID, .startJob, code: code, stopMilliseconds: status.stopMilliseconds,
                commandID: status.jobID, reason)
            replies.finished(job.replyTopic, status, metadata: job.start.metadata)
        case .ended:
            if status.state == .finished {
                log.info("job \(status.jobID): \(status.file) is complete: \(status.message)")
            } else {
                log.error("job \(status.jobID): \(status.message)")
            }
            replies.finished(job.replyTopic, status, metadata: job.start.metadata)
        }
    }

    private func refuse(_ job: SupervisedJob, code: Int32, _ reason: String) {
        metrics.rejected.add()
        log.error("job \(job.status.jobID): \(reason)")
        replies.answer(
            job.replyTopic, jobID: job.status.jobID, .startJob, code: code, stopMilliseconds: nil,
            commandID: job.status.jobID, reason)
    }

    /// Lets the jobs make their partial files durable.
    func interruptJobs() {
        for job in jobs { job.interrupt() }
        let deadline = clock.monotonicNanoseconds + UInt64(Self.interruptionMilliseconds) * 1_000_000
        while !jobs.isEmpty, clock.monotonicNanoseconds < deadline {
            pollJobs()
            if !jobs.isEmpty { _ = StopSignal().wait(milliseconds: 5) }
        }
        commands.close()
        replies.close()
    }

    // MARK: - Status

    private func replyTopic(_ commandTopic: String, control: String) -> String {
        guard let pattern = configuration.statusTopic else { return control }
        return Self.statusTopic(pattern, commandTopic)
    }

    /// The status topic of a command topic: `{instrument}` is its name up to the last underscore.
    static func statusTopic(_ pattern: String, _ commandTopic: String) -> String {
        let instrument = commandTopic.lastIndex(of: "_").map { String(commandTopic[..<$0]) } ?? commandTopic
        var result = pattern[...]
        var text = ""
        while let brace = result.firstIndex(of: "{") {
            text += result[..<brace]
            if result[brace...].hasPrefix("{instrument}") {
                text += instrument
                result = result[brace...].dropFirst("{instrument}".count)
            } else {
                text += "{"
                result = result[result.index(after: brace)...]
            }
        }
        return text + result
    }

    private func sendStatus() {
        guard clock.monotonicNanoseconds >= nextStatus else { return }
        nextStatus = clock.monotonicNanoseconds + UInt64(max(100, configuration.statusIntervalMilliseconds)) * 1_000_000
        for job in jobs { replies.status(job.replyTopic, job.status) }
        guard let pattern = configuration.statusTopic else { return }
        let busy = Set(jobs.map(\.replyTopic))
        let idle = Set(commands.topics.map { Self.statusTopic(pattern, $0) }).subtracting(busy)
        for topic in idle.sorted() { replies.status(topic, nil) }
    }
}
