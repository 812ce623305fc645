import CToml

/// Every setting with its value and where the value came from.
///
/// Precedence: flags, then the environment (`SLUICE_SECTION__KEY`), then the file (TOML 1.0), then the defaults.
/// Unknown keys and values of the wrong kind are errors that name the place.
public struct Configuration: Sendable {
    /// A value and its origin, such as `line 12 of sluice.toml`.
    public struct Value: Sendable, Equatable {
        /// The value as text, in the form that a flag takes.
        public let text: String
        /// Who set it.
        public let origin: String
    }

    private var values: [String: Value]

    /// The defaults alone.
    public init() {
        values = Dictionary(
            uniqueKeysWithValues: Setting.all.map { ($0.key, Value(text: $0.standard, origin: "default")) })
    }

    /// The defaults, changed by a file's text, the environment and flags, in this order.
    ///
    /// - Parameters:
    ///   - usual: defaults of one command that differ from the general ones: key, value and the command.
    ///   - file: name and contents of the configuration file.
    ///   - environment: names and values; `SLUICE_SECTION__KEY` counts, and
    ///     `SLUICE_KEY` for a key without a section; other names are left alone.
    ///   - flags: key, value and the flag that set it, such as `--listen`.
    public init(
        usual: [(key: String, value: String, command: String)] = [],
        file: (name: String, text: String)? = nil, environment: [String: String] = [:],
        flags: [(key: String, value: String, flag: String)] = []
    ) throws(ConfigurationError) {
        self.init()
        for (key, value, command) in usual { try set(key, value, origin: "default of \(command)") }
        if let file { try apply(file: file.name, text: file.text) }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("SLUICE_") {
            let words = String(name.dropFirst("SLUICE_".count)).lowercased()
            var key = words
            if let separator = words.firstRange(of: "__") {
                key.replaceSubrange(separator, with: ".")
            } else if !Setting.all.contains(where: { $0.key == words }) {
                continue
            }
            try set(key, value, origin: "environment \(name)")
        }
        for (key, value, flag) in flags { try set(key, value, origin: "flag \(flag)") }
    }

    private mutating func apply(file name: String, text: String) throws(ConfigurationError) {
        var message = [CChar](repeating: 0, count: 256)
        var line: UInt32 = 0
        var text = text
        let parsed = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                ct_parse($0.baseAddress, $0.count, &message, message.count, &line)
            }
        }
        guard let document = parsed else {
            let reason = message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            throw ConfigurationError("\(name), line \(line): \(reason)")
        }
        defer { ct_free(document) }
        var lists: [String: [String]] = [:]
        for index in 0..<ct_count(document) {
            let entry = ct_value_at(document, index)
            let key = String(cString: entry.key)
            var value = String(cString: entry.text)
            if entry.kind == CT_STRING_ARRAY_ITEM.rawValue {
                lists[key, default: []].append(value)
                value = lists[key, default: []].joined(separator: ",")
            } else if entry.kind == CT_OTHER.rawValue {
                throw ConfigurationError("\(name), line \(entry.line): \(key) must be a text, number, true or false")
            }
            try set(key, value, origin: "\(name), line \(entry.line)")
        }
    }

    /// Sets one key after checking both key and value.
    private mutating func set(_ key: String, _ value: String, origin: String) throws(ConfigurationError) {
        guard let setting = Setting.all.first(where: { $0.key == key }) else {
            let nearest = Suggestion.nearest(to: key, among: Setting.all.map(\.key))
            let hint = nearest.map { "; did you mean \($0)?" } ?? "; `sluice config show` lists all keys"
            throw ConfigurationError("\(origin): there is no setting \(key)\(hint)")
        }
        if let complaint = setting.complaint(about: value) {
            throw ConfigurationError("\(origin): \(key) \(complaint), not \"\(value)\"")
        }
        values[key] = Value(text: value, origin: origin)
    }

    /// The value of a key that exists.
    public subscript(_ key: String) -> Value {
        guard let value = values[key] else { preconditionFailure("no setting \(key)") }
        return value
    }

    /// The text of a key.
    public func text(_ key: String) -> String { self[key].text }

    /// Whether a boolean key is true.
    public func flag(_ key: String) -> Bool { self[key].text == "true" }

    /// The number of a key.
    public func number(_ key: String) -> Double { checked(Units.number(text(key)), key) }

    /// The milliseconds of a duration key.
    public func milliseconds(_ key: String) -> Int { checked(Units.milliseconds(text(key)), key) }

    /// The bytes of a size key.
    public func bytes(_ key: String) -> Int { checked(Units.bytes(text(key)), key) }

    /// The items of a list key.
    public func list(_ key: String) -> [String] {
        text(key).split(separator: ",").map { String($0.filter { $0 != " " }) }
    }

    private func checked<T>(_ value: T?, _ key: String) -> T {
        // Values were checked when they were set, so a miss means that the key is of another kind.
        guard let value else { preconditionFailure("\(key) is of another kind") }
        return value
    }
}
