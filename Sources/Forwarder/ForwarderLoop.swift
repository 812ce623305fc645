import FlatBuffers
import Glibc
import Observability
import Schemas
import Streams
import System

/// The work of a forwarder, step by step. Belongs to one thread.
final class ForwarderLoop {
    /// How long the forwarder sleeps at most, in ns, so that a stop or a jump of the clock is noticed.
    private static let sleepNanosecondsMax: Int64 = 100_000_000
    private static let endFlushMilliseconds = 2000

    /// What the forwarder keeps of one channel.
    private struct Route {
        let channel: PVChannel
        let key: [UInt8]
        var filter = UpdateFilter()
    }

    private let configuration: ForwarderConfiguration
    private let metrics: ForwarderMetrics
    private let clock: any Clock
    private let sources: [any PVSource]
    private let producer: any StreamProducer
    private let log = Log("forwarder")
    /// Routes by source and channel.
    private var routes: [[Route]]
    private var updates: [PVUpdate] = []
    private var builder = FlatBufferBuilder(capacity: 1024)
    private var nextStatusNanoseconds: UInt64
    private var connected = 0

    init(
        _ streams: any Streams, _ configuration: ForwarderConfiguration, _ metrics: Metrics, _ clock: any Clock,
        _ sources: [any PVSource]
    ) throws(StreamError) {
        self.configuration = configuration
        self.metrics = ForwarderMetrics(metrics, topic: configuration.outputTopic)
        self.clock = clock
        self.sources = sources
        for topic in [configuration.outputTopic, configuration.statusTopic] {
            try streams.ensureTopic(TopicSpecification(topic))
        }
        producer = try streams.makeProducer(
            ProducerOptions(
                acknowledgement: configuration.acknowledgement, lingerMilliseconds: configuration.lingerMilliseconds))
        routes = sources.map { $0.channels.map { Route(channel: $0, key: Array($0.name.utf8)) } }
        nextStatusNanoseconds = clock.monotonicNanoseconds
    }

    func close() {
        for source in sources { source.close() }
        producer.close()
    }

    /// Forwards what the sources have, and sends the status when it is time.
    ///
    /// - Returns: after how many ms to step again; nil when a source cannot tell.
    func step() throws(StreamError) -> Int? {
        let now = clock.wallNanoseconds
        var next: Int64? = now + Self.sleepNanosecondsMax
        for (index, source) in sources.enumerated() {
            updates.removeAll(keepingCapacity: true)
            let more = source.collect(nowNanoseconds: now, into: &updates)
            next = next.flatMap { next in more.map { min(next, $0) } }
            metrics.updates.add(updates.count)
            for update in updates { try forward(update, &routes[index][update.channel], now) }
        }
        try sendStatusWhenDue()
        return next.map { max(0, Int(($0 - clock.wallNanoseconds + 999_999) / 1_000_000)) }
    }

    /// Says of each connected variable that it is no longer forwarded, and waits a little for the last records.
    func end() {
        let now = clock.wallNanoseconds
        do throws(StreamError) {
            for index in routes.indices {
                for channel in routes[index].indices where routes[index][channel].filter.connection == .connected {
                    let update = PVUpdate(channel: channel, timestampNanoseconds: now, event: .connection(.cancelled))
                    try forward(update, &routes[index][channel], now)
                }
            }
            try producer.flush(timeoutMilliseconds: Self.endFlushMilliseconds)
        } catch {
            log.warning("the last updates may be lost: \(error.message)")
        }
    }

    // MARK: - Updates

    private func forward(_ update: PVUpdate, _ route: inout Route, _ now: Int64) throws(StreamError) {
        let time = update.timestampNanoseconds
        switch update.event {
        case .value(let value, let alarm):
            switch route.filter.value(time, alarm, nowNanoseconds: now) {
            case .reject(let reason):
                metrics.reject(reason)
                log.warningOncePerMinute(
                    cause: reason.rawValue,
                    "left out an update of \(route.channel.name) with time \(Log.timestamp(time)): \(reason.rawValue)")
            case .forward(let alarmChanged):
                F144.encode(sourceName: route.channel.name, timestamp: time, value: value, into: &builder)
                try send(configuration.outputTopic, route.key, time, metrics.values)
                guard alarmChanged else { return }
                AL00.encode(
                    sourceName: route.channel.name, timestamp: time, severity: alarm.severity, message: alarm.message,
                    into: &builder)
                try send(configuration.outputTopic, route.key, time, metrics.alarms)
            }
        case .connection(let state):
            let former = route.filter.connection
            guard route.filter.connection(state) else { return }
            connected += (state == .connected ? 1 : 0) - (former == .connected ? 1 : 0)
            metrics.connected.set(Double(connected))
            EP01.encode(
                timestamp: time, status: state, sourceName: route.channel.name, serviceID: configuration.serviceID,
                into: &builder)
            try send(configuration.outputTopic, route.key, time, metrics.connections)
        }
    }

    /// Sends what the builder holds. Only a closed stream ends the forwarder: a value that cannot be sent is lost, and
    /// the next one is worth more than waiting for it.
    private func send(
        _ topic: String, _ key: [UInt8]?, _ timestampNanoseconds: Int64, _ counter: Counter?
    ) throws(StreamError) {
        do throws(StreamError) {
            let producer = producer
            try builder.withBytes { (bytes) throws(StreamError) in
                metrics.bytes.add(bytes.count)
                guard let key else {
                    return try producer.send(
                        topic: topic, partition: 0, key: nil, value: bytes, headers: [],
                        timestampMilliseconds: timestampNanoseconds / 1_000_000, delivered: nil)
                }
                try key.withUnsafeBufferPointer { (key) throws(StreamError) in
                    try producer.send(
                        topic: topic, partition: nil, key: UnsafeRawBufferPointer(key), value: bytes, headers: [],
                        timestampMilliseconds: timestampNanoseconds / 1_000_000, delivered: nil)
                }
            }
            counter?.add()
        } catch {
            guard error.code != .closed else { throw error }
            metrics.failures.add()
            log.warningOncePerMinute(cause: "send \(error.code)", error.message)
        }
    }

    // MARK: - Status

    private func sendStatusWhenDue() throws(StreamError) {
        let now = clock.monotonicNanoseconds
        guard now >= nextStatusNanoseconds else { return }
        let interval = UInt64(configuration.statusIntervalMilliseconds) * 1_000_000
        nextStatusNanoseconds = max(nextStatusNanoseconds + interval, now)
        X5F2.encode(
            softwareName: "Forwarder", softwareVersion: configuration.softwareVersion,
            serviceID: configuration.serviceID, hostName: Self.hostName, processID: UInt32(clamping: getpid()),
            updateInterval: UInt32(clamping: configuration.statusIntervalMilliseconds), statusJSON: statusText(),
            into: &builder)
        try send(configuration.statusTopic, nil, clock.wallNanoseconds, nil)
    }

    /// The streams as the Python forwarder lists them, with the state of the connection beside each.
    private func statusText() -> String {
        var json = JSONWriter()
        json.object { json in
            json.key("streams")
            json.array { json in
                for route in routes.joined() {
                    json.object { json in
                        json.field("channel_name", route.channel.name)
                        json.field("protocol", route.channel.transport.rawValue)
                        json.field("output_topic", configuration.outputTopic)
                        json.field("schema", F144.identifier)
                        json.field("epics_connection_status", route.filter.connection.word)
                    }
                }
            }
        }
        return json.text
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
