/// A frame's time as the muon instruments' clocks send it: a date in UTC, nanosecond by nanosecond.
public struct GPSTime: Sendable, Equatable {
    static let definition = StructureDefinition(
        "GpsTime",
        [
            ("year", .uint8), ("day", .uint16), ("hour", .uint8), ("minute", .uint8), ("second", .uint8),
            ("millisecond", .uint16), ("microsecond", .uint16), ("nanosecond", .uint16),
        ], nanoseconds: { GPSTime(numbers: $0).nanosecondsSinceEpoch })

    /// Years since 2000.
    public var year: UInt8
    /// Day of the year, counted from 1.
    public var day: UInt16
    public var hour: UInt8
    public var minute: UInt8
    public var second: UInt8
    public var millisecond: UInt16
    public var microsecond: UInt16
    public var nanosecond: UInt16

    /// A time; nothing is checked.
    public init(
        year: UInt8, day: UInt16, hour: UInt8, minute: UInt8, second: UInt8, millisecond: UInt16,
        microsecond: UInt16, nanosecond: UInt16
    ) {
        self.year = year
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
        self.microsecond = microsecond
        self.nanosecond = nanosecond
    }

    /// The struct's numbers in order, each in the range of its type.
    init(numbers: [Int64]) {
        self.init(
            year: UInt8(numbers[0]), day: UInt16(numbers[1]), hour: UInt8(numbers[2]), minute: UInt8(numbers[3]),
            second: UInt8(numbers[4]), millisecond: UInt16(numbers[5]), microsecond: UInt16(numbers[6]),
            nanosecond: UInt16(numbers[7]))
    }

    /// Nanoseconds since the Unix epoch; nil if a part is out of range.
    public var nanosecondsSinceEpoch: Int64? {
        // A leap second has the number 60.
        guard (1...366).contains(day), hour < 24, minute < 60, second <= 60, millisecond < 1000, microsecond < 1000,
            nanosecond < 1000
        else { return nil }
        let days = CivilTime.days(year: 2000 + Int64(year), month: 1, day: 1) + Int64(day) - 1
        let seconds = days * 86400 + Int64(hour) * 3600 + Int64(minute) * 60 + Int64(second)
        // 255 years after 2000 lie within the range of 64 bits: it ends in April 2262.
        return seconds * 1_000_000_000 + Int64(millisecond) * 1_000_000 + Int64(microsecond) * 1000
            + Int64(nanosecond)
    }

    /// The struct's bytes, with its padding.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.definition.size)
        func put(_ value: UInt16, _ index: Int) {
            bytes[index] = UInt8(truncatingIfNeeded: value)
            bytes[index + 1] = UInt8(truncatingIfNeeded: value >> 8)
        }
        bytes[0] = year
        put(day, 2)
        (bytes[4], bytes[5], bytes[6]) = (hour, minute, second)
        put(millisecond, 8)
        put(microsecond, 10)
        put(nanosecond, 12)
        return bytes
    }
}
