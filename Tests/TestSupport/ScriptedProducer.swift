import Streams

/// Delivers every record at once.
final class ScriptedProducer: StreamProducer {
    private let streams: ScriptedStreams

    init(_ streams: ScriptedStreams) { self.streams = streams }

    func send(
        topic: String, partition: Int32?, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers: [StreamHeader], timestampMilliseconds: Int64?,
        delivered: (@Sendable (Result<Int64, StreamError>) -> Void)?
    ) throws(StreamError) {
        let record = ScriptedStreams.Record(
            topic: topic, key: key.map { Array($0) }, value: value.map { Array($0) } ?? [],
            timestampMilliseconds: timestampMilliseconds)
        let offset = try streams.send(record, partition: partition ?? 0)
        delivered?(.success(offset))
        streams.delivered(record)
    }

    func flush(timeoutMilliseconds: Int) throws(StreamError) {}
    func close() {}
}
