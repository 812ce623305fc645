import Glibc
import Observability
import Streams
import System

/// The process of one job, started by `ProcessLauncher`.
public enum JobProcess {
    /// Runs the job of a description file to its end; returns the exit code: 0 done, 1 failed, 75 interrupted.
    ///
    /// - Parameters:
    ///   - path: the description.
    ///   - stop: given by a signal's handler: the job leaves its file partial and ends.
    ///   - connect: connects to a broker, `host:port`.
    public static func run(
        descriptionPath path: String, stop: StopSignal,
        connect: (String) throws(StreamError) -> any Streams
    ) -> Int32 {
        let log = Log("writer")
        do throws(FileWriterError) {
            let bytes = try system { () throws(SystemError) in
                try LocalFileSystem().contents(path, limit: 1 << 30)
            }
            let description = try JobDescription(json: String(decoding: bytes, as: UTF8.self))
            let streams = try FileWriter.stream { () throws(StreamError) in try connect(description.broker) }
            defer { streams.close() }
            let control = JobControl()
            followStandardInput(control)
            _ = Thread("job-stop") {
                _ = stop.wait(milliseconds: nil)
                control.interrupt()
            }
            try WriteJob(streams: streams, description: description, control: control) { tell($0) }.run()
            return 0
        } catch {
            log.error("write job: \(error)")
            if error.code == .interrupted { return 75 }
            tell(.failed(reason: error.message, code: 500, canRetry: error.canRetry))
            return 1
        }
    }

    /// Lines come from the service; the end of them means that it is gone.
    private static func followStandardInput(_ control: JobControl) {
        _ = Thread("job-input") {
            while let line = readLine() { control.follow(line: line) }
            control.interrupt()
        }
    }

    private static func tell(_ progress: JobProgress) {
        let bytes = Array((progress.line + "\n").utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                retryingInterrupts { write(STDOUT_FILENO, raw.baseAddress! + done, bytes.count - done) }
            }
            // Nobody listens: the file is written all the same.
            guard count > 0 else { return }
            done += count
        }
    }
}
