/// Shell patterns with `*` and `?`.
public enum TextPattern {
    /// Whether the whole of `text` matches `pattern`.
    public static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text.utf8)
        let pattern = Array(pattern.utf8)
        var position = 0, index = 0
        var star: Int?, mark = 0
        while position < text.count {
            if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
                star = index
                mark = position
                index += 1
            } else if index < pattern.count, pattern[index] == text[position] || pattern[index] == UInt8(ascii: "?") {
                index += 1
                position += 1
            } else if let star {
                index = star + 1
                mark += 1
                position = mark
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
