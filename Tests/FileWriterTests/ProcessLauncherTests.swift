import FileWriter
import Foundation
import System
import TestSupport
import Testing

@Suite struct ProcessLauncherTests {
    /// Runs a shell script as the job's process; its last argument is the description's path.
    private func events(_ script: String, act: (any RunningJob) -> Void = { _ in }) throws -> [RunningJobEvent] {
        let scratch = TemporaryDirectory()
        let launcher = ProcessLauncher(
            executable: "/bin/sh", arguments: ["-c", script, "job"], directory: scratch.path)
        let description = JobDescription(
            jobID: "job", broker: "", outputDirectory: scratch.path, filename: "a.nxs", nexusStructure: "{}",
            startMilliseconds: 1, controlTopics: ["a", "b"], runName: "r")
        let job = try launcher.launch(description)
        act(job)
        var events: [RunningJobEvent] = []
        for _ in 0..<10_000 {
            events += job.poll()
            if case .ended? = events.last { return events }
            _ = StopSignal().wait(milliseconds: 2)
        }
        return events
    }

    @Test func linesAreReadAsSteps() throws {
        let step = JobProgress.failed(reason: "a \"quoted\" reason\n", code: 500, canRetry: true)
        let events = try events("echo noise; printf '%s\\n' '\(step.line)'; exit 1")
        #expect(events == [.progress(step), .ended(reason: nil)])
    }

    @Test func aSignalIsNamed() throws {
        let events = try events("kill -9 $$")
        guard case .ended(let reason?)? = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(reason.contains("signal 9"))
    }

    @Test func theChildIsToldTheStopAndGetsTheDescription() throws {
        let script = """
            grep -q '"job_id":"job"' "$1" || exit 1
            read line
            [ "$line" = "stop 1234" ] && echo '{"state":"started","file":"f","problems":["p"]}'
            """
        // sh -c SCRIPT job PATH: the path is $1.
        let events = try events(script) { $0.setStop(milliseconds: 1234) }
        #expect(events == [.progress(.started(file: "f", problems: ["p"])), .ended(reason: nil)])
    }

    @Test func everyStepSurvivesItsLine() throws {
        var counts = JobCounts()
        counts.events = 1 << 60
        counts.messages = 2
        counts.lastMilliseconds = 3
        let steps: [JobProgress] = [
            .started(file: "/a/b", problems: []), .writing(counts), .done(file: "x", counts, problems: ["é", "\\"]),
            .failed(reason: "", code: 400, canRetry: false),
        ]
        for step in steps { #expect(JobProgress(line: step.line) == step) }
        #expect(JobProgress(line: "{}") == nil)
        #expect(JobProgress(line: "noise") == nil)
    }

    @Test func aDescriptionSurvivesItsFile() throws {
        var description = JobDescription(
            jobID: "j", broker: "h:1", outputDirectory: "/o", filename: "f", nexusStructure: "{\"a\":\"\\u0001\"}",
            startMilliseconds: 5, stopMilliseconds: 6, controlTopics: ["a", "b"], runName: "r")
        description.attempt = 2
        description.flushIntervalMilliseconds = 9
        #expect(try JobDescription(json: description.json) == description)
        #expect(throws: FileWriterError.self) { try JobDescription(json: "{}") }
    }
}
