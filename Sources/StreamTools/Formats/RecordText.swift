import Schemas
import Streams

/// Records as text: a line for people, or an object of JSON for programs. Each shows partition, offset, time and schema.
public enum RecordText {
    /// A line such as `0:12  2026-11-20T12:00:00.000Z  f144  key=IN:TEMP  {"schema":...}`, without its end.
    public static func line(_ record: StreamRecord, _ partition: TopicPartition, _ arrays: JSONArrays) -> String {
        let payload = Payload(record.value)
        var text = padded("\(partition.partition):\(record.offset)", 8) + "  "
        text += padded(date(record.timestampMilliseconds), 24) + "  " + padded(payload.schema, 5)
        if let key = record.key { text += "  key=" + Payload.text(key) }
        if !record.headers.isEmpty { text += "  headers=" + headers(record.headers) }
        return text + "  " + payload.line(arrays)
    }

    /// An object with topic, partition, offset, timestamp, schema, key, headers and value.
    public static func json(_ record: StreamRecord, _ partition: TopicPartition, _ arrays: JSONArrays) -> String {
        let payload = Payload(record.value)
        var json = JSONWriter(arrays: arrays)
        json.object { json in
            json.field("topic", partition.topic)
            json.field("partition", partition.partition)
            json.field("offset", record.offset)
            json.field("timestamp", record.timestampMilliseconds)
            json.field("schema", payload.schema)
            json.field("size", record.value?.count ?? 0)
            json.field("key", orNull: record.key.map(Payload.text))
            if !record.headers.isEmpty {
                json.key("headers")
                json.array { json in
                    for header in record.headers {
                        json.object { json in
                            json.field("key", header.key)
                            json.field("value", orNull: header.value.map { $0.withUnsafeBytes(Payload.text) })
                        }
                    }
                }
            }
            if let fault = payload.fault { json.field("error", fault.description) }
            json.key("value")
            payload.write(to: &json)
        }
        return json.text
    }

    /// The time of a record as a date; `-` for none.
    public static func date(_ milliseconds: Int64) -> String {
        UInt64(exactly: milliseconds).flatMap { CivilTime.iso(milliseconds: $0) } ?? "-"
    }

    /// Headers as `name=value,...`, as kcat shows them.
    static func headers(_ headers: [StreamHeader]) -> String {
        headers.map { header in
            header.key + "=" + (header.value.map { $0.withUnsafeBytes(Payload.text) } ?? "NULL")
        }.joined(separator: ",")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
