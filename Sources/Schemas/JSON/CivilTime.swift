/// Times since the Unix epoch as ISO 8601 dates in UTC, without Foundation.
public enum CivilTime {
    /// A date such as `2023-11-14T22:13:20.123456789Z`; nanoseconds since the epoch.
    public static func iso(nanoseconds: Int64) -> String {
        let (seconds, fraction) = floored(nanoseconds, 1_000_000_000)
        // 2^63 ns lie within the years 1677 to 2262, so there always is a date.
        return date(seconds: seconds, fraction: fraction, digits: 9) ?? ""
    }

    /// The date of a time in nanoseconds since the epoch, for a line; a time after the year 2262 as its number.
    static func shown(nanoseconds: some FixedWidthInteger) -> String {
        Int64(exactly: nanoseconds).map { iso(nanoseconds: $0) } ?? "\(nanoseconds) ns"
    }

    /// A date such as `2023-11-14T22:13:20.123Z`; milliseconds since the epoch; nil beyond the year 9999.
    public static func iso(milliseconds: UInt64) -> String? {
        guard let signed = Int64(exactly: milliseconds) else { return nil }
        let (seconds, fraction) = floored(signed, 1000)
        return date(seconds: seconds, fraction: fraction, digits: 3)
    }

    /// A date such as `2023-11-14T22:13:20.123457Z`; seconds since the epoch; nil outside the years 0 to 9999.
    public static func iso(seconds: Double) -> String? {
        guard abs(seconds) < 1e12 else { return nil }
        let (whole, fraction) = floored(Int64((seconds * 1e6).rounded()), 1_000_000)
        return date(seconds: whole, fraction: fraction, digits: 6)
    }

    private static func date(seconds: Int64, fraction: Int64, digits: Int) -> String? {
        let (days, second) = floored(seconds, 86400)
        let (year, month, day) = civil(days: days)
        guard year >= 0, year <= 9999 else { return nil }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date)T\(time).\(padded(fraction, digits))Z"
    }

    /// The proleptic Gregorian date `days` after 1970-01-01.
    ///
    /// Years are counted from March, so that the leap day is the last of its year, in eras of 400 years = 146097 days
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days from 1970-01-01 to a proleptic Gregorian date; the inverse of `civil`.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floored(month <= 2 ? year - 1 : year, 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func floored(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
