extension CivilTime {
    /// The time that an ISO 8601 date stands for: nanoseconds since the Unix epoch; see `parse` for the forms.
    public static func nanoseconds(iso text: String) -> Int64? {
        guard var (seconds, fraction) = parse(text) else { return nil }
        // Before the epoch both count backwards, so that the earliest time has no step outside the range.
        if seconds < 0 { (seconds, fraction) = (seconds + 1, fraction - 1_000_000_000) }
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsAgain) = whole.addingReportingOverflow(fraction)
        return overflows || overflowsAgain ? nil : sum
    }

    /// The time that an ISO 8601 date stands for: milliseconds since the Unix epoch; nil before it, and for more digits.
    public static func milliseconds(iso text: String) -> UInt64? {
        guard let (seconds, fraction) = parse(text), seconds >= 0, fraction % 1_000_000 == 0 else { return nil }
        return UInt64(seconds) * 1000 + UInt64(fraction / 1_000_000)
    }

    /// Whole seconds since the epoch, and nanoseconds on top: of `2023-11-14T22:13:20.123456789Z`, without a fraction,
    /// with ` ` for `T`, with `+02:00` for `Z`, with neither (UTC); or only a day.
    static func parse(_ text: String) -> (seconds: Int64, nanoseconds: Int64)? {
        var digits = Substring(text).utf8
        guard let year = take(&digits, 4), skip("-", &digits), let month = take(&digits, 2), skip("-", &digits),
            let day = take(&digits, 2), (1...12).contains(month), (1...daysInMonth(year, month)).contains(day)
        else { return nil }
        let days = days(year: year, month: month, day: day)
        if digits.isEmpty { return (days * 86400, 0) }
        guard skip("T", &digits) || skip(" ", &digits), let hour = take(&digits, 2), skip(":", &digits),
            let minute = take(&digits, 2), skip(":", &digits), let second = take(&digits, 2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if skip(".", &digits) {
            let count = digits.prefix { isDigit($0) }.count
            guard (1...9).contains(count), let value = take(&digits, count) else { return nil }
            fraction = (count..<9).reduce(value) { value, _ in value * 10 }
        }
        guard let zone = zoneSeconds(&digits), digits.isEmpty else { return nil }
        return (days * 86400 + hour * 3600 + minute * 60 + second - zone, fraction)
    }

    private static func zoneSeconds(_ digits: inout Substring.UTF8View) -> Int64? {
        if digits.isEmpty || skip("Z", &digits) { return 0 }
        let sign: Int64 = skip("-", &digits) ? -1 : skip("+", &digits) ? 1 : 0
        guard sign != 0, let hours = take(&digits, 2) else { return nil }
        _ = skip(":", &digits)
        guard let minutes = take(&digits, 2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        let next = month == 12 ? days(year: year + 1, month: 1, day: 1) : days(year: year, month: month + 1, day: 1)
        return next - days(year: year, month: month, day: 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func take(_ digits: inout Substring.UTF8View, _ count: Int) -> Int64? {
        let taken = digits.prefix(count)
        guard taken.count == count, taken.allSatisfy(isDigit) else { return nil }
        digits = digits.dropFirst(count)
        return taken.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ character: Unicode.Scalar, _ digits: inout Substring.UTF8View) -> Bool {
        guard digits.first == UInt8(ascii: character) else { return false }
        digits = digits.dropFirst()
        return true
    }
}
