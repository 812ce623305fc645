import Schemas

/// A run stop (6s4t) as it concerns a job.
struct RunStop: Equatable {
    /// Milliseconds since the epoch; 0 in the message means now.
    let stopMilliseconds: Int64
    let jobID: String
    let runName: String
    let commandID: String

    /// The stop in a message; nil when it is something else.
    ///
    /// - Parameter time: the record's time in ms, which a stop of 0 ("now") stands for.
    init?(_ bytes: UnsafeRawBufferPointer, time: Int64) {
        guard let message = try? RunStop6S4T(bytes) else { return nil }
        stopMilliseconds = message.stopTime == 0 ? time : Int64(clamping: message.stopTime)
        jobID = message.jobID ?? ""
        runName = message.runName ?? ""
        commandID = message.commandID ?? ""
    }

    /// Whether the stop means this job: by its id, or by the run's name when no id is given, as Mantid does.
    func concerns(jobID: String, runName: String) -> Bool {
        if !self.jobID.isEmpty { return self.jobID.lowercased() == jobID.lowercased() }
        return !runName.isEmpty && self.runName == runName
    }
}
