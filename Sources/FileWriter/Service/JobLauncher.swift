import Streams
import System

/// Runs write jobs, each apart from the service, so that a fault in one costs that job only.
public protocol JobLauncher: Sendable {
    /// Starts a job; what it does is asked for with `poll`.
    func launch(_ description: JobDescription) throws(FileWriterError) -> any RunningJob
}

/// A job that was started. All calls return at once.
public protocol RunningJob: AnyObject {
    /// What has happened since the last call, in order; nothing follows `ended`.
    func poll() -> [RunningJobEvent]
    /// Tells the end of the run (ms since the epoch).
    func setStop(milliseconds: Int64)
    /// Asks the job to leave its file partial and end.
    func interrupt()
}

/// What a running job reports.
public enum RunningJobEvent: Sendable, Equatable {
    /// A step of the job.
    case progress(JobProgress)
    /// The job is gone; with the reason in words when it did not go by itself.
    case ended(reason: String?)
}

/// Runs jobs on threads of this process: for tests, and for a command that writes one file.
public struct ThreadLauncher: JobLauncher {
    private let streams: any Streams

    /// Jobs that read from `streams`.
    public init(_ streams: any Streams) { self.streams = streams }

    public func launch(_ description: JobDescription) throws(FileWriterError) -> any RunningJob {
        ThreadJob(streams, description)
    }
}

private final class ThreadJob: RunningJob {
    private let control = JobControl()
    private let events = Condition<[RunningJobEvent]>([])
    private let thread: Thread

    init(_ streams: any Streams, _ description: JobDescription) {
        let control = self.control, events = self.events
        thread = Thread("write-job") {
            let job = WriteJob(streams: streams, description: description, control: control) { step in
                events.update { $0.append(.progress(step)) }
            }
            try? job.run()
            events.update { $0.append(.ended(reason: nil)) }
        }
    }

    func poll() -> [RunningJobEvent] {
        let news = events.withLock { events in
            defer { events.removeAll() }
            return events
        }
        // Comes once, and is the last thing that the thread does.
        if case .ended = news.last { thread.join() }
        return news
    }

    func setStop(milliseconds: Int64) { control.setStop(milliseconds: milliseconds) }
    func interrupt() { control.interrupt() }
}
