import NexusFile
import Observability
import Schemas
import Streams
import System

/// Writes one NeXus file out of the streams, from a run's start to its stop.
///
/// The file is `NAME.partial` until it is complete, verified and durable. A job that is interrupted or killed can be run
/// again: it begins anew from the log, which keeps the records.
public final class WriteJob {
    private let streams: any Streams
    private let description: JobDescription
    private let control: JobControl
    private let clock: any Clock
    private let tell: (JobProgress) -> Void
    private let log = Log("writer")

    private var window: TimeWindow
    private var stopMilliseconds: Int64?
    private var counts = JobCounts()
    private var problems = Problems()
    private var failure: NexusError?
    private var edge = LiveEdge()

    /// How often progress is told.
    private static let progressMilliseconds = 500
    /// How long one read waits for records.
    private static let waitMilliseconds = 50

    /// A job.
    ///
    /// - Parameter progress: called on the job's thread with each step.
    public init(
        streams: any Streams, description: JobDescription, control: JobControl = JobControl(),
        clock: any Clock = SystemClock(), progress: @escaping (JobProgress) -> Void
    ) {
        self.streams = streams
        self.description = description
        self.control = control
        self.clock = clock
        tell = progress
        window = TimeWindow(startMilliseconds: description.startMilliseconds)
        if let stop = description.stopMilliseconds { setStop(stop) }
    }

    /// Writes the file; returns once it is at its final name. The failure is also told as progress, except for an
    /// interruption, after which the job may be run again.
    public func run() throws(FileWriterError) {
        do throws(FileWriterError) {
            while try !writeFile() {
                log.info("job \(description.jobID): data after the run's stop were written; the file is begun again")
                counts = JobCounts()
                edge = LiveEdge()
                problems = Problems()
            }
        } catch {
            if error.code != .interrupted {
                tell(
                    .failed(
                        reason: error.message, code: error.code == .rejected ? 400 : 500, canRetry: error.canRetry))
            }
            throw error
        }
    }

    /// Writes the file once; false when the stop became known after data behind it had been written. The log has all
    /// records, so that beginning again with the stop known gives the exact file.
    private func writeFile() throws(FileWriterError) -> Bool {
        let output = try OutputFile(directory: description.outputDirectory, filename: description.filename)
        let file = try output.create()
        try describeRoot(file, output)
        let structure = try StructureBuilder.build(description.nexusStructure, into: file.root)
        for text in structure.problems.texts { problems.note(text) }
        var openLinks = try makeLinks(structure.links, isLast: false)
        for request in structure.facts {
            try nexus { () throws(NexusError) in
                try RunFacts.writeStart(request, startMilliseconds: description.startMilliseconds)
            }
        }
        let modules = Self.modules(of: structure)
        try flush(file, modules)
        tell(.started(file: output.path, problems: problems.texts))

        let router = Router(structure)
        try LookBack(
            streams: streams, router: router, logs: structure.logs.map(\.module),
            startMilliseconds: description.startMilliseconds,
            beforeStartMilliseconds: description.beforeStartMilliseconds, control: control
        ).run()
        do throws(FileWriterError) {
            try follow(router, file, modules)
        } catch  where error.code == .outrun {
            try nexus { () throws(NexusError) in try file.close() }
            return false
        }

        for module in modules { try nexus { () throws(NexusError) in try module.finish() } }
        try writeFacts(structure)
        openLinks = try makeLinks(openLinks, isLast: true)
        try writeProblems(file)
        try close(file, modules, output)
        tell(.done(file: output.path, counts, problems: problems.texts))
        return true
    }

    // MARK: - The beginning

    private func describeRoot(_ file: NexusFile, _ output: OutputFile) throws(FileWriterError) {
        try nexus { () throws(NexusError) in
            try file.root.setAttribute("NX_class", "NXroot")
            try file.root.setAttribute("HDF5_Version", NexusFile.libraryVersion)
            try file.root.setAttribute("file_name", output.path)
            try file.root.setAttribute("creator", "sluice")
            try file.root.setAttribute("file_time", Log.timestamp(clock.wallNanoseconds))
        }
    }

    private static func modules(of structure: StructureBuilder) -> [any StreamModule] {
        structure.events.map(\.module) as [any StreamModule] + structure.logs.map(\.module)
            + structure.pulses.map(\.module)
    }

    /// Makes the links whose target is there; returns the others, which are noted when there is no later chance.
    private func makeLinks(
        _ links: [StructureBuilder.Link], isLast: Bool
    ) throws(FileWriterError) -> [StructureBuilder.Link] {
        var open: [StructureBuilder.Link] = []
        for link in links {
            do throws(NexusError) {
                try link.group.link(link.name, to: link.target)
            } catch {
                guard error.code != .library else { throw FileWriterError(error) }
                open.append(link)
                if isLast || error.code != .notFound {
                    problems.note("link \(link.group.path)/\(link.name) to \(link.target): \(error.reason)")
                }
            }
        }
        return open
    }

    // MARK: - The records

    private func follow(
        _ router: Router, _ file: NexusFile, _ modules: [any StreamModule]
    ) throws(FileWriterError) {
        let reader = TopicReader(streams, topics: router.topics, startMilliseconds: readFrom, clock: clock)
        let controls = TopicReader(
            streams, topics: description.controlTopics, startMilliseconds: readFrom, clock: clock)
        defer {
            reader.close()
            controls.close()
        }
        // A stop that is there already is known before the first record: the file then needs no second pass.
        repeat { try readControls(controls) } while try !controls.isAtEnd()
        let flushNanoseconds = UInt64(max(100, description.flushIntervalMilliseconds)) * 1_000_000
        var nextFlush = clock.monotonicNanoseconds + flushNanoseconds
        var nextProgress = clock.monotonicNanoseconds
        while true {
            guard !control.isInterrupted else { throw interrupted(file, modules) }
            if let stop = control.stopMilliseconds, stop != stopMilliseconds { setStop(stop) }
            try readControls(controls)
            guard !hasPassedStop(modules) else { throw FileWriterError(.outrun, "data after the stop were written") }
            release(router)
            // Asked before the read: what came until now must have been read when the job ends.
            let isOver =
                stopMilliseconds.map { clock.wallMilliseconds > $0 + description.afterStopMilliseconds } ?? false
            try reader.read(waitMilliseconds: Self.waitMilliseconds) { topic, record in
                accept(record, topic, router, reader)
            }
            release(router)
            if let failure { throw FileWriterError(failure) }
            if isOver, try reader.isAtEnd() { break }
            let now = clock.monotonicNanoseconds
            if now >= nextFlush {
                try flush(file, modules)
                nextFlush = clock.monotonicNanoseconds + flushNanoseconds
            }
            if now >= nextProgress {
                counts.bytes = file.sizeBytes
                tell(.writing(counts))
                nextProgress = now + UInt64(Self.progressMilliseconds) * 1_000_000
            }
        }
        reader.noteAbsentTopics()
        for text in reader.problems.texts { problems.note(text) }
    }

    /// The time from which on topics are read.
    private var readFrom: Int64 { max(0, description.startMilliseconds - description.beforeStartMilliseconds) }

    private func readControls(_ controls: TopicReader) throws(FileWriterError) {
        try controls.read(waitMilliseconds: 0) { _, record in
            let time = record.timestampMilliseconds > 0 ? record.timestampMilliseconds : clock.wallMilliseconds
            guard let value = record.value, let stop = RunStop(value, time: time),
                stop.concerns(jobID: description.jobID, runName: description.runName)
            else { return }
            setStop(stop.stopMilliseconds)
        }
    }

    /// Whether something is in the file that a stop, known too late, leaves out.
    private func hasPassedStop(_ modules: [any StreamModule]) -> Bool {
        guard stopMilliseconds != nil else { return false }
        return modules.contains { $0.latestNanoseconds > window.stopNanoseconds }
    }

    private func accept(_ record: StreamRecord, _ topic: Int, _ router: Router, _ reader: TopicReader) {
        guard failure == nil, let value = record.value else { return }
        if let stopMilliseconds,
            record.timestampMilliseconds > stopMilliseconds + description.afterStopMilliseconds
        {
            reader.finish(record)
        }
        counts.messages += 1
        counts.lastMilliseconds = max(counts.lastMilliseconds, record.timestampMilliseconds)
        if stopMilliseconds == nil {
            let isHeld = edge.hold(
                value, topic: topic, timestampMilliseconds: record.timestampMilliseconds, now: clock.wallMilliseconds)
            if isHeld { return }
        }
        route(value, record.timestampMilliseconds, topic, router)
    }

    /// Hands on the records that have waited long enough; all of them when the stop is known.
    private func release(_ router: Router) {
        let now = clock.wallMilliseconds
        while let held = edge.next(now: now, all: stopMilliseconds != nil) {
            held.value.withUnsafeBytes { route($0, held.timestampMilliseconds, held.topic, router) }
        }
    }

    private func route(
        _ value: UnsafeRawBufferPointer, _ recordMilliseconds: Int64, _ topic: Int, _ router: Router
    ) {
        guard failure == nil else { return }
        do throws(NexusError) {
            switch try router.accept(value, recordMilliseconds: recordMilliseconds, topic: topic, window) {
            case .taken(let events): counts.events += Int64(events)
            case .malformed(let reason): noteMalformed(reason, router.topics[topic])
            }
        } catch {
            failure = error
        }
    }

    private func noteMalformed(_ reason: String, _ topic: String) {
        counts.malformed += 1
        log.warningOncePerMinute(cause: "malformed \(topic)", "topic \(topic): a record cannot be used: \(reason)")
    }

    private func setStop(_ milliseconds: Int64) {
        stopMilliseconds = max(milliseconds, description.startMilliseconds)
        window.setStop(milliseconds: max(milliseconds, description.startMilliseconds))
    }

    // MARK: - The end

    private func flush(_ file: NexusFile, _ modules: [any StreamModule]) throws(FileWriterError) {
        try nexus { () throws(NexusError) in
            for module in modules { try module.flush() }
            try file.sync()
        }
    }

    /// What is there is made durable, so that somebody can look at it.
    private func interrupted(_ file: NexusFile, _ modules: [any StreamModule]) -> FileWriterError {
        do throws(FileWriterError) {
            try flush(file, modules)
            try nexus { () throws(NexusError) in try file.close() }
        } catch {
            log.warning("job \(description.jobID): the partial file could not be flushed: \(error)")
        }
        return FileWriterError(.interrupted, "job \(description.jobID) was interrupted; its file stays partial")
    }

    private func writeFacts(_ structure: StructureBuilder) throws(FileWriterError) {
        let facts = RunFacts(
            startMilliseconds: description.startMilliseconds,
            stopMilliseconds: stopMilliseconds ?? description.startMilliseconds,
            eventCount: structure.events.reduce(0) { $0 + $1.module.eventCount },
            pulses: structure.pulses.first?.module)
        for request in structure.facts { try nexus { () throws(NexusError) in try facts.write(request) } }
    }

    private func writeProblems(_ file: NexusFile) throws(FileWriterError) {
        if counts.malformed > 0 { problems.note("\(counts.malformed) records could not be used") }
        guard !problems.isEmpty else { return }
        try nexus { () throws(NexusError) in
            try file.root.setAttribute("sluice_incomplete", .texts(problems.texts))
        }
    }

    private func close(
        _ file: NexusFile, _ modules: [any StreamModule], _ output: OutputFile
    ) throws(FileWriterError) {
        try flush(file, modules)
        let expected = modules.flatMap(\.datasets)
        try nexus { () throws(NexusError) in try file.close() }
        let finished = try output.reopen()
        try JobVerification.verify(finished, expected)
        counts.bytes = finished.sizeBytes
        try nexus { () throws(NexusError) in try finished.close() }
        try output.publish()
    }
}
