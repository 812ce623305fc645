import ClusterStreams
import FileWriter
import Glibc
import Streams

/// `sluice write-job`: one write job in a process of its own, started by the file writer's service.
enum WriteJobCommand {
    static let command = Command(
        "write-job", "Writes the file of one job; the file writer starts it by itself.",
        example: "sluice write-job job.json", operands: "DESCRIPTION", count: 1...1, isHidden: true
    ) { invocation in
        // Ctrl-C reaches the whole terminal's group; the appliance says when the run ends.
        signal(SIGINT, SIG_IGN)
        return JobProcess.run(descriptionPath: invocation.operands[0], stop: Signals.stopOnInterrupt()) {
            (broker) throws(StreamError) in
            try ClusterStreams(bootstrapServers: broker, clientID: "sluice-writer")
        }
    }
}
