import Schemas

/// A point in time as people write it, in ms since the Unix epoch.
public enum Moment {
    /// The time that `text` means; nil when it means none.
    ///
    /// - a number: milliseconds since the epoch; with 10 digits seconds, with 16 microseconds, with 19 nanoseconds
    /// - a date, in UTC unless it says otherwise: `2026-11-20`, `2026-11-20T12:30`, `2026-11-20 12:30:05.250+01:00`
    /// - a time of today, UTC: `12:30`, `12:30:05`
    /// - a span of time before now: `90s`, `-5m`, `2h`, `1d`, `500ms`
    /// - `now`, `today`, `yesterday`
    public static func milliseconds(_ text: String, nowMilliseconds now: Int64) -> Int64? {
        let midnight = now - now % dayMilliseconds
        switch text {
        case "now": return now
        case "today": return midnight
        case "yesterday": return midnight - dayMilliseconds
        default: break
        }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return number(text) }
        if let span = span(text.hasPrefix("-") ? text.dropFirst() : text[...]) { return now - span }
        if let date = date(text) { return date }
        guard text.utf8.count >= 4, text.utf8.first(where: { $0 == UInt8(ascii: ":") }) != nil,
            let day = CivilTime.iso(milliseconds: UInt64(max(0, midnight)))?.prefix(10)
        else { return nil }
        return date("\(day)T\(text)")
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    /// Ten digits are seconds: as milliseconds they would be the spring of 1970.
    private static func number(_ text: String) -> Int64? {
        guard let number = Int64(text) else { return nil }
        switch text.utf8.count {
        case 10: return number * 1000
        case 16: return number / 1000
        case 19: return number / 1_000_000
        default: return number
        }
    }

    private static func span(_ text: Substring) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        let scale: Int64
        switch text[digits.endIndex...] {
        case "ms": scale = 1
        case "s": scale = 1000
        case "m", "min": scale = 60_000
        case "h": scale = 3_600_000
        case "d": scale = dayMilliseconds
        default: return nil
        }
        let (product, overflows) = count.multipliedReportingOverflow(by: scale)
        return overflows ? nil : product
    }

    /// Seconds may be left out.
    private static func date(_ text: String) -> Int64? {
        let withSeconds = text.utf8.count == 16 ? text + ":00" : text
        return CivilTime.nanoseconds(iso: withSeconds).map { $0 / 1_000_000 }
    }
}
