/// Times as NeXus files write them, in nanoseconds since the Unix epoch.
enum RecordedTime {
    /// The moment that an ISO 8601 text names, such as `2016-04-12T02:58:52`, with an optional fraction and zone
    /// (`Z`, `+01:00`); without a zone it counts as UTC. Nil for anything else.
    static func nanoseconds(iso text: String) -> Int64? {
        var bytes = Array(text.utf8)
        while let last = bytes.last, last == UInt8(ascii: " ") || last == 0 { bytes.removeLast() }
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        func isAt(_ index: Int, _ characters: String) -> Bool {
            index < bytes.count && characters.utf8.contains(bytes[index])
        }
        guard let year = number(0..<4), isAt(4, "-"), let month = number(5..<7), isAt(7, "-"),
            let day = number(8..<10), isAt(10, "T "), let hour = number(11..<13), isAt(13, ":"),
            let minute = number(14..<16), isAt(16, ":"), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if isAt(index, ".,") {
            index += 1
            var unit: Int64 = 100_000_000
            guard isAt(index, "0123456789") else { return nil }
            while isAt(index, "0123456789") {
                fraction += Int64(bytes[index] - UInt8(ascii: "0")) * unit
                unit /= 10
                index += 1
            }
        }
        var zoneMinutes: Int64 = 0
        if isAt(index, "Z") {
            index += 1
        } else if isAt(index, "+-") {
            let sign: Int64 = isAt(index, "-") ? -1 : 1
            let colon = isAt(index + 3, ":") ? 1 : 0
            guard let hours = number(index + 1..<index + 3),
                let minutes = number(index + 3 + colon..<index + 5 + colon), hours < 24, minutes < 60
            else { return nil }
            zoneMinutes = sign * (hours * 60 + minutes)
            index += 5 + colon
        }
        guard index == bytes.count, year >= 1678, year <= 2261 else { return nil }
        let seconds = daysSinceEpoch(year, month, day) * 86400 + hour * 3600 + (minute - zoneMinutes) * 60 + second
        return seconds * 1_000_000_000 + fraction
    }

    /// Days from 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// How many nanoseconds a unit of time has, by the names that files use; nil for an unknown one.
    static func nanoseconds(unit: String) -> Double? {
        switch unit.lowercased() {
        case "s", "sec", "second", "seconds": 1e9
        case "ms", "millisecond", "milliseconds", "msec": 1e6
        case "us", "µs", "μs", "microsecond", "microseconds", "usec": 1e3
        case "ns", "nanosecond", "nanoseconds", "nsec": 1
        case "min", "minute", "minutes": 60e9
        default: nil
        }
    }

    /// Longest time from a reference that counts as one; beyond it a file holds a mark for "unknown": 100 years.
    static let distanceMaximumNanoseconds = 100 * 365.25 * 86400 * 1e9

    /// The nearest nanosecond of a time in some unit; nil when it is no time at all.
    static func nanoseconds(_ value: Double, unitNanoseconds: Double) -> Int64? {
        let product = (value * unitNanoseconds).rounded(.toNearestOrEven)
        guard product.isFinite, abs(product) <= distanceMaximumNanoseconds else { return nil }
        return Int64(product)
    }
}
