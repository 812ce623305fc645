import Schemas

/// A run start (pl72) as a job needs it, checked.
///
/// Lenient where senders in the field are: the control topic may be absent (the topic of the command itself is used), the
/// job id need not be a UUID, the instrument's name asks for no template, and broker and service id are not looked at.
struct RunStart {
    let jobID: String
    let runName: String
    let instrument: String
    let filename: String
    let nexusStructure: String
    let startMilliseconds: Int64
    /// Nil when the start does not say when the run ends.
    let stopMilliseconds: Int64?
    let controlTopic: String
    let metadata: String?

    /// Times from here on (the year 2128 in ms) are taken for another unit.
    private static let timeMaximum: UInt64 = 5_000_000_000_000
    private static let jobIDBytesMax = 128

    /// Takes a message apart; throws `rejected` with what is wrong.
    ///
    /// - Parameters:
    ///   - topic: where the message was found.
    ///   - time: the record's time in ms, for a start without one.
    init(_ message: PL72, topic: String, time: Int64) throws(FileWriterError) {
        jobID = message.jobID ?? ""
        guard !jobID.isEmpty, jobID.utf8.count <= Self.jobIDBytesMax else {
            throw FileWriterError(.rejected, "job_id is empty or longer than \(Self.jobIDBytesMax) bytes")
        }
        guard let structure = message.nexusStructure, !structure.isEmpty else {
            throw FileWriterError(.rejected, "nexus_structure is empty: there is nothing to write")
        }
        guard let filename = message.filename, !filename.isEmpty else {
            throw FileWriterError(.rejected, "filename is empty")
        }
        _ = try OutputFile.checked(filename)
        guard message.startTime < Self.timeMaximum, message.stopTime < Self.timeMaximum else {
            throw FileWriterError(
                .rejected, "start_time and stop_time are milliseconds since 1970; these are too large")
        }
        self.filename = filename
        nexusStructure = structure
        runName = message.runName ?? ""
        instrument = message.instrumentName ?? ""
        startMilliseconds = message.startTime == 0 ? time : Int64(message.startTime)
        stopMilliseconds = message.stopTime == 0 ? nil : Int64(message.stopTime)
        let control = message.controlTopic ?? ""
        controlTopic = control.isEmpty ? topic : control
        metadata = message.metadata
        if let stopMilliseconds, stopMilliseconds < startMilliseconds {
            throw FileWriterError(.rejected, "stop_time lies before start_time")
        }
    }
}
