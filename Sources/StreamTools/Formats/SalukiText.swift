import Schemas
import Streams

/// Records as saluki prints them: `[partition=0 key=[1, 2]] EventDataEv44(Event44Message { source_name: "x", ... })`.
///
/// Source: the notation of Rust's `Debug` for the types of saluki's schemas. Optional fields are shown without `Some(...)`,
/// and absent ones are left out.
public enum SalukiText {
    /// The names that saluki has for a schema and its root table.
    private static let names: [String: (message: String, table: String)] = [
        "ev44": ("EventDataEv44", "Event44Message"), "pu00": ("PulseMetadataPu00", "Pu00Message"),
        "ad00": ("AreaDetectorAd00", "ad00_ADArray"), "pl72": ("RunStartPl72", "RunStart"),
        "6s4t": ("RunStop6s4t", "RunStop"), "f144": ("LogDataF144", "f144_LogData"),
        "df12": ("DetSpecMapDf12", "SpectraDetectorMapping"), "se00": ("SenvSe00", "se00_SampleEnvironmentData"),
        "hs01": ("HistogramHs01", "EventHistogram"), "ep01": ("EpicsConnectionEp01", "EpicsPVConnectionInfo"),
        "json": ("JsonDataJson", "JsonData"), "answ": ("ActionResponseAnsw", "ActionResponse"),
        "wrdn": ("FinishedWritingWrdn", "FinishedWriting"), "x5f2": ("StatusX5f2", "Status"),
        "fc00": ("ForwarderConfigFc00", "fc00_ConfigUpdate"), "al00": ("AlarmAl00", "Alarm"),
        "da00": ("DataArrayDa00", "da00_DataArray"), "un00": ("UnitsUn00", "Units"),
    ]

    /// A record's line, without its end.
    ///
    /// - Parameters:
    ///   - showsKey: saluki's `--key`.
    ///   - isTerse: saluki's `--terse`: schema and size only.
    public static func line(
        _ record: StreamRecord, _ partition: TopicPartition, showsKey: Bool, isTerse: Bool
    ) -> String {
        var head = "[partition=\(partition.partition)"
        if showsKey { head += " key=[\(record.key.map { $0.map(String.init).joined(separator: ", ") } ?? "")]" }
        let payload = Payload(record.value)
        if isTerse { return "\(head)] \(payload.schema) (\(payload.bytes.count) bytes)" }
        return "\(head)] \(message(payload))"
    }

    private static func message(_ payload: Payload) -> String {
        if let fault = payload.fault { return "Failed to deserialize message: InvalidFlatbuffer(\"\(fault)\")" }
        guard payload.isDecoded else {
            return payload.bytes.isEmpty
                ? "No payload in message"
                : "Failed to deserialize message: UnsupportedSchema(\"\(payload.schema)\"): \(Payload.text(payload.bytes))"
        }
        var json = JSONWriter()
        payload.write(to: &json)
        let name = names[payload.schema] ?? (payload.schema, payload.schema)
        // The JSON form starts with the schema, which saluki says in the name.
        let fields = debugText(json.bytes[...].dropFirst(#"{"schema":"XXXX""#.utf8.count))
        return "\(name.message)(\(name.table) {\(fields.hasPrefix(",") ? String(fields.dropFirst()) : fields))"
    }

    /// JSON without quotes around the names of members, and with the spaces that Rust puts.
    private static func debugText(_ json: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        var index = json.startIndex
        while index < json.endIndex {
            let byte = json[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                let start = index
                while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
                let text = json[start..<index]
                index += 1
                if index < json.endIndex, json[index] == UInt8(ascii: ":") {
                    if text.reversed().starts(with: "_iso".utf8.reversed()) {
                        // The date of a time, which only we add.
                        index = end(ofValue: json, index + 1)
                        if output.last == UInt8(ascii: " ") { output.removeLast(2) }
                        continue
                    }
                    output += Array(text) + Array(": ".utf8)
                    index += 1
                } else {
                    output += Array("\"".utf8) + Array(text) + Array("\"".utf8)
                }
            case UInt8(ascii: ","): output += Array(", ".utf8)
            case UInt8(ascii: "{"): output += Array("{ ".utf8)
            case UInt8(ascii: "}"): output += Array(" }".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Behind a date, a list of dates, or `null`.
    private static func end(ofValue json: ArraySlice<UInt8>, _ start: Int) -> Int {
        let closing: UInt8
        switch json[start] {
        case UInt8(ascii: "["): closing = UInt8(ascii: "]")
        case UInt8(ascii: "\""): closing = UInt8(ascii: "\"")
        default: return start + "null".utf8.count
        }
        return (json[(start + 1)...].firstIndex(of: closing) ?? json.endIndex - 1) + 1
    }
}
