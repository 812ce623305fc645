/// Readers of the units that people write in flags and configuration files.
public enum Units {
    private static func split(_ text: String) -> (number: Double, unit: String)? {
        var end = text.startIndex
        var previous: Character = " "
        while end < text.endIndex {
            let character = text[end]
            let isExponent =
                (character == "e" || character == "E") && previous.isNumber
                && text.index(after: end) < text.endIndex
                && (text[text.index(after: end)].isNumber || text[text.index(after: end)] == "+")
            let isSign =
                (character == "+" || character == "-") && (previous == "e" || previous == "E" || previous == " ")
            guard character.isNumber || character == "." || isExponent || isSign else { break }
            previous = character
            end = text.index(after: end)
        }
        guard let number = Double(text[..<end]), number.isFinite else { return nil }
        return (number, text[end...].filter { $0 != " " })
    }

    private static func whole(_ value: Double) -> Int? {
        value >= 0 && value < 9e18 ? Int(value.rounded()) : nil
    }

    /// A duration such as `250ms`, `10s`, `5m`, `2h` or `7d`, in milliseconds; nil for anything else.
    public static func milliseconds(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let scales = ["ms": 1.0, "s": 1e3, "m": 60e3, "min": 60e3, "h": 3600e3, "d": 86400e3]
        return scales[unit].flatMap { whole(number * $0) }
    }

    /// A size such as `512KiB`, `10MB`, `1GiB` or `4096`, in bytes; nil for anything else.
    public static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let scales = [
            "": 1.0, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
            "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "TiB": 1_099_511_627_776,
        ]
        return scales[unit].flatMap { whole(number * $0) }
    }

    /// A plain number such as `10`, `0.5` or `1e6`; nil for anything else.
    public static func number(_ text: String) -> Double? {
        guard let (number, unit) = split(text), unit.isEmpty else { return nil }
        return number
    }
}
