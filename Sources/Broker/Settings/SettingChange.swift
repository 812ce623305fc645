/// A change of one setting, as IncrementalAlterConfigs describes it (KIP-339).
struct SettingChange: Sendable {
    enum Operation: Int8, Sendable {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    let name: String
    let operation: Operation
    /// What is set, appended or removed; without meaning for `delete`.
    let value: String

    /// A change; throws `invalidRequest` for an operation that is not known and for a value that is missing.
    init(name: String, operation: Int8, value: String?) throws(BrokerError) {
        guard let known = Operation(rawValue: operation) else {
            throw BrokerError(.invalidRequest, "operation \(operation) on setting \(name): 0 to 3 are known")
        }
        guard known == .delete || value != nil else {
            throw BrokerError(.invalidRequest, "setting \(name): a null value is not supported")
        }
        self.name = name
        self.operation = known
        self.value = value ?? ""
    }

    /// The setting's new value; nil when it goes back to the default.
    ///
    /// - Parameters:
    ///   - current: what counts now, which lists grow from.
    ///   - shape: what values look like.
    func result(current: String, _ shape: SettingShape) throws(BrokerError) -> String? {
        switch operation {
        case .set: return value
        case .delete: return nil
        case .append, .subtract:
            guard shape.isList else {
                throw BrokerError(
                    .invalidConfiguration, "can't \(operation) to setting \(name), because it is not a list")
            }
            let changed = SettingShape.words(value)
            let present = SettingShape.words(current)
            let words =
                operation == .append
                ? present + changed.filter { !present.contains($0) } : present.filter { !changed.contains($0) }
            return words.joined(separator: ",")
        }
    }
}
