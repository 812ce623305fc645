import Bytes
import RunControl
import Schemas
import Streams
import System

/// Follows what the file writer says about one run.
final class RunWatch {
    /// How the file ended.
    struct Outcome {
        let file: String
        let hasFailed: Bool
        let message: String
    }

    private let reader: any StreamReader
    private let jobID: String
    /// The file being written, from the writer's status.
    private(set) var fileBeingWritten: String?
    private var outcome: Outcome?

    /// Watches the run's topic from its end on; to be made right after the run was started.
    init(_ streams: any Streams, _ run: RunIdentity) throws {
        reader = try streams.makeReader(
            try streams.assignments(RunIdentity.topic(run.instrument), from: .timestamp(run.startTimeMilliseconds)))
        jobID = run.jobID.description
    }

    func close() { reader.close() }

    /// Takes what was said since the last call, waiting up to so long for the first word.
    func look(waitMilliseconds: Int) throws {
        _ = try reader.read(waitMilliseconds: waitMilliseconds) { record in
            guard let value = record.value, let done = try? WRDN(value), done.jobID == jobID else { return }
            outcome = Outcome(file: done.fileName, hasFailed: done.errorEncountered, message: done.message ?? "")
        }
    }

    /// Waits until the file has ended, calling `meanwhile` now and then; nil when it does not end in time.
    func finished(milliseconds: Int, _ meanwhile: () -> Void) throws -> Outcome? {
        let deadline = SystemClock().monotonicNanoseconds + UInt64(milliseconds) * 1_000_000
        while outcome == nil, SystemClock().monotonicNanoseconds < deadline {
            try look(waitMilliseconds: 200)
            meanwhile()
        }
        return outcome
    }
}
