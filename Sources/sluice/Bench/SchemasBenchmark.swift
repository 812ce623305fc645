import CKernels
import FlatBuffers
import Schemas
import Streams
import System

/// Messages in memory: reading the events of an ev44, and making f144 updates, alone and into a log.
///
/// Every loop ends in a sum that is checked, so that nothing of it can be left out.
enum SchemasBenchmark {
    static let benchmark = Benchmark(
        name: "schemas", summary: "ev44 messages read, f144 messages made and appended", run: run)

    private static let events = 100_000
    private static let reads = 1000
    private static let views = 2_000_000
    private static let updates = 1_000_000
    private static let channel = "IN:DEMO:CS:SB:SAMPLE_TEMPERATURE"
    private static let start: Int64 = 1_790_000_000_000_000_000
    private static let batchBytes = 1 << 20
    private static let flushMilliseconds = 60_000

    private static func run(_ context: BenchContext) throws -> [Measurement] {
        let broker = try LocalBroker(context)
        defer { broker.stop() }
        return [
            Measurement(
                "ev44 of 1e5 events, viewed and summed", unit: "M events/s", runs: try context.runs { _ in try read() },
                limit: "C loop", target: ">= 0.95"),
            Measurement(
                "ev44 of 1e5 events, viewed", unit: "M views/s", runs: try context.runs { _ in try view() },
                limit: "C loop over its frame", target: ">= 20 M views/s"),
            Measurement(
                "f144 made", unit: "k updates/s", runs: try context.runs { _ in try encode() },
                limit: "C loop over its bytes", target: ">= 5000 k updates/s"),
            Measurement(
                "f144 made and appended", unit: "k updates/s",
                runs: try context.runs { try append(context, broker, run: $0) }, limit: "crc32c+write",
                target: ">= 600 k updates/s"),
        ]
    }

    private static func numbers(_ factor: Int32) -> [Int32] { (0..<Int32(events)).map { $0 &* factor } }

    private static func message(events: Int) -> [UInt8] {
        EV44.encoded(
            sourceName: "bank1", messageID: 1, referenceTime: [start], referenceTimeIndex: [0],
            timeOfFlight: Array(numbers(11).prefix(events)), pixelID: Array(numbers(7).prefix(events)))
    }

    private static func check(_ isRight: Bool) throws {
        guard isRight else { throw CommandError("a benchmark's sum is wrong: its speed means nothing") }
    }

    // MARK: - ev44

    /// Verifies the message and sums its times of flight and pixels, against the same sums of plain memory.
    private static func read() throws -> (measured: Double, limit: Double) {
        let (times, pixels, message) = (numbers(11), numbers(7), message(events: events))
        var sum: Int64 = 0
        let took = try message.withUnsafeBytes { bytes in
            try seconds { for _ in 0..<reads { sum &+= try sumOfEvents(bytes) } }
        }
        var plain: Int64 = 0
        let limit = seconds {
            for _ in 0..<reads { plain &+= ck_sum_int32(times, events) &+ ck_sum_int32(pixels, events) }
        }
        try check(sum == plain)
        let all = Double(reads * events) / 1e6
        return (all / took, all / limit)
    }

    @inline(never)
    private static func sumOfEvents(_ bytes: UnsafeRawBufferPointer) throws -> Int64 {
        let message = try EV44(bytes)
        var sum: Int64 = 0
        for time in message.timeOfFlight ?? FlatVector() { sum &+= Int64(time) }
        for pixel in message.pixelID ?? FlatVector() { sum &+= Int64(pixel) }
        return sum
    }

    /// Verifies the message and finds its fields, against a sum of the bytes that are not events.
    private static func view() throws -> (measured: Double, limit: Double) {
        let message = message(events: events)
        var found = 0
        let took = try message.withUnsafeBytes { bytes in
            try seconds { for _ in 0..<views { found &+= try eventsFound(bytes) } }
        }
        try check(found == views * 2 * events)
        return (Double(views) / took / 1e6, try loopsPerSecond(over: Self.message(events: 0), count: views) / 1e6)
    }

    @inline(never)
    private static func eventsFound(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        let message = try EV44(bytes)
        return (message.timeOfFlight?.count ?? 0) + (message.pixelID?.count ?? 0)
    }

    // MARK: - f144

    /// Makes updates of a channel, against a sum of as many bytes.
    private static func encode() throws -> (measured: Double, limit: Double) {
        var builder = FlatBufferBuilder(capacity: 256)
        var bytes = 0
        let took = seconds {
            for update in 0..<updates {
                encode(update, into: &builder)
                bytes &+= builder.count
            }
        }
        try check(bytes == updates * builder.count)
        return (Double(updates) / took / 1e3, try loopsPerSecond(over: builder.array, count: updates) / 1e3)
    }

    private static func encode(_ update: Int, into builder: inout FlatBufferBuilder) {
        F144.encode(
            sourceName: channel, timestamp: start + Int64(update) * 1_000_000, value: .double(Double(update) / 64),
            into: &builder)
    }

    /// Makes updates and appends them to a log, against checksum and write of as many bytes.
    private static func append(
        _ context: BenchContext, _ broker: LocalBroker, run: Int
    ) throws -> (measured: Double, limit: Double) {
        let topic = "f144-\(run)"
        try broker.createTopic(topic)
        let producer = try broker.makeProducer(ProducerOptions(acknowledgement: .written, batchBytes: batchBytes))
        defer { producer.close() }
        var builder = FlatBufferBuilder(capacity: 256)
        var bytes = 0
        let took = try seconds {
            for update in 0..<updates {
                encode(update, into: &builder)
                try builder.withBytes { message in
                    try producer.send(
                        topic: topic, partition: 0, key: nil, value: message, headers: [],
                        timestampMilliseconds: start / 1_000_000 + Int64(update), delivered: nil)
                    bytes += message.count
                }
            }
            try producer.flush(timeoutMilliseconds: flushMilliseconds)
        }
        try broker.deleteTopic(topic)
        let limit = try seconds { try write(context, totalBytes: bytes) }
        return (Double(updates) / took / 1e3, Double(updates) / limit / 1e3)
    }

    // MARK: - Limits

    /// How often a second a C loop can sum these bytes.
    private static func loopsPerSecond(over bytes: [UInt8], count: Int) throws -> Double {
        var sums: Int64 = 0
        let words = bytes.count / 4
        let took = bytes.withUnsafeBytes { bytes in
            let numbers = bytes.bindMemory(to: Int32.self).baseAddress
            return seconds { for _ in 0..<count { sums &+= ck_sum_int32(numbers, words) } }
        }
        let once = bytes.withUnsafeBytes { ck_sum_int32($0.bindMemory(to: Int32.self).baseAddress, words) }
        try check(sums == once &* Int64(count))
        return Double(count) / took
    }

    /// Computes a checksum of so many bytes and writes them to a file, a batch at a time.
    private static func write(_ context: BenchContext, totalBytes: Int) throws {
        let file = try LocalFileSystem().open(context.path("updates"), .create)
        defer { context.remove("updates") }
        let batch = Buffer(batchBytes)
        var checksum: UInt32 = 0
        for position in stride(from: 0, to: totalBytes, by: batchBytes) {
            checksum ^= ck_crc32c(checksum, batch.bytes.baseAddress, batchBytes)
            batch.bytes.storeBytes(of: checksum, as: UInt32.self)
            try file.write(batch.readOnly, at: Int64(position))
        }
    }
}
