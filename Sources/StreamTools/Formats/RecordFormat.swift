import Schemas
import Streams

/// How records are shown.
public enum RecordFormat: Sendable {
    /// A line for people.
    case table
    /// An object of JSON on a line.
    case json
    /// The value's bytes and nothing else.
    case raw
    /// As kcat's `-f` says.
    case template(RecordTemplate)

    /// The format called `text`: `table`, `json` (or `jsonl`), `raw`, or a template with a `%`.
    ///
    /// - Throws: for a template that is wrong; nil for a name that is none.
    public static func parse(_ text: String) throws(TemplateSyntaxError) -> RecordFormat? {
        switch text {
        case "table", "text": .table
        case "json", "jsonl": .json
        case "raw": .raw
        default: text.contains("%") ? .template(try RecordTemplate(text)) : nil
        }
    }

    /// Appends a record, with the end of its line where the format has lines.
    public func append(
        _ record: StreamRecord, _ partition: TopicPartition, _ arrays: JSONArrays, to output: inout [UInt8]
    ) {
        switch self {
        case .table: output += (RecordText.line(record, partition, arrays) + "\n").utf8
        case .json: output += (RecordText.json(record, partition, arrays) + "\n").utf8
        case .raw: if let value = record.value { output += value }
        case .template(let template): template.append(record, partition, arrays, to: &output)
        }
    }
}
