/// What the value of a setting must look like.
enum SettingShape: Sendable {
    case boolean
    case number(ClosedRange<Int64>)
    case share
    case choice([String])
    /// Words of the list, separated by commas, each at most once.
    case list([String])
    case text

    /// Whether values can be appended and removed.
    var isList: Bool {
        if case .list = self { true } else { false }
    }

    /// Throws `invalidConfiguration`, which names the setting, unless `value` is allowed.
    func check(_ value: String, of name: String) throws(BrokerError) {
        guard !allows(value) else { return }
        throw BrokerError(
            .invalidConfiguration, "invalid value \(value.debugDescription) for \(name): expected \(expectation)")
    }

    private func allows(_ value: String) -> Bool {
        switch self {
        case .boolean: return value == "true" || value == "false"
        case .number(let range): return Int64(value).map(range.contains) ?? false
        case .share: return Double(value).map { $0 >= 0 && $0 <= 1 } ?? false
        case .choice(let words): return words.contains(value)
        case .list(let words):
            let given = Self.words(value)
            return Set(given).count == given.count && given.allSatisfy(words.contains)
        case .text: return value.utf8.count <= Self.textBytesMax
        }
    }

    private static let textBytesMax = 4096

    private var expectation: String {
        switch self {
        case .boolean: "true or false"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .share: "a number from 0 to 1"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .list(let words): "a list of \(words.joined(separator: ", "))"
        case .text: "at most \(Self.textBytesMax) characters"
        }
    }

    /// The words of a list, without the spaces around them.
    static func words(_ list: String) -> [String] {
        list.split(separator: ",").map { String($0.trimmingSpaces) }
    }
}

extension Substring {
    /// The text without spaces at its ends.
    var trimmingSpaces: Substring {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
