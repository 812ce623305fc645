import Glibc
import Observability
import Schemas
import Streams
import System

/// Sends the service's replies: answers to commands (answ), status (x5f2) and the end of a job (wrdn).
final class Replies {
    private let streams: any Streams
    private let configuration: WriterConfiguration
    private let clock: any Clock
    private let log = Log("writer")
    private var producer: (any StreamProducer)?
    /// The service's identifier in every reply.
    let serviceID: String
    private let hostName: String

    /// How long a reply may take.
    private static let timeoutMilliseconds = 5000

    init(_ streams: any Streams, _ configuration: WriterConfiguration, _ clock: any Clock) {
        self.streams = streams
        self.configuration = configuration
        self.clock = clock
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        hostName = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let random = String(UInt16.random(in: 0x1000...0xffff), radix: 16)
        serviceID = "\(configuration.serviceName):\(hostName)-pid:\(getpid())-\(random)"
    }

    /// Answers a command.
    func answer(
        _ topic: String, jobID: String, _ action: ANSW.ActionType, code: Int32, stopMilliseconds: Int64?,
        commandID: String, _ message: String
    ) {
        send(
            topic,
            ANSW.encoded(
                serviceID: serviceID, jobID: jobID, action: action, outcome: code < 300 ? .success : .failure,
                statusCode: code, stopTime: UInt64(clamping: stopMilliseconds ?? 0), message: message,
                commandID: commandID))
    }

    /// Tells the end of a job.
    func finished(_ topic: String, _ status: JobStatus, metadata: String?) {
        send(
            topic,
            WRDN.encoded(
                serviceID: serviceID, jobID: status.jobID, errorEncountered: status.state != .finished,
                fileName: status.file, metadata: metadata, message: status.message))
    }

    /// Repeats a run start on its control topic, where followers of this job look for it.
    func echo(_ topic: String, _ bytes: [UInt8]) { send(topic, bytes) }

    /// Tells that the service is alive and what it does; nil when it writes nothing.
    func status(_ topic: String, _ status: JobStatus?) {
        var json = JSONWriter()
        json.object { json in
            json.field("state", status == nil ? "idle" : "writing")
            json.field("job_id", status?.jobID ?? "not_currently_writing")
            json.field("file_being_written", status?.file ?? "")
            json.field("start_time", status?.startMilliseconds ?? 0)
            json.field("stop_time", status?.stopMilliseconds ?? 0)
            if let status {
                json.field("events", status.counts.events)
                json.field("bytes", status.counts.bytes)
            }
        }
        send(
            topic,
            X5F2.encoded(
                softwareName: "sluice", softwareVersion: configuration.softwareVersion, serviceID: serviceID,
                hostName: hostName,
                processID: UInt32(getpid()), updateInterval: UInt32(clamping: configuration.statusIntervalMilliseconds),
                statusJSON: json.text))
    }

    private func send(_ topic: String, _ bytes: [UInt8]) {
        do throws(StreamError) {
            try streams.ensureTopic(TopicSpecification(topic))
            let producer = try openProducer()
            try producer.send(topic: topic, value: bytes, timestampMilliseconds: clock.wallMilliseconds)
            try producer.flush(timeoutMilliseconds: Self.timeoutMilliseconds)
        } catch {
            log.warningOncePerMinute(cause: "reply", "a reply on \(topic) was not delivered: \(error)")
        }
    }

    private func openProducer() throws(StreamError) -> any StreamProducer {
        if let producer { return producer }
        let made = try streams.makeProducer(ProducerOptions(acknowledgement: .durable, lingerMilliseconds: 0))
        producer = made
        return made
    }

    func close() {
        producer?.close()
        producer = nil
    }
}
