/// One flag of a command. All its names mean the same.
struct Flag: Sendable {
    let names: [String]
    /// What stands for the value in the help; nil for a switch without a value.
    let valueName: String?
    /// What the value must be.
    let kind: ValueKind
    let help: String
    let isRepeatable: Bool

    init(
        _ names: String..., value valueName: String? = nil, kind: ValueKind = .text, repeatable: Bool = false,
        help: String
    ) {
        self.names = names
        self.valueName = valueName
        self.kind = kind
        self.help = help
        self.isRepeatable = repeatable
    }

    /// The first name, which identifies the flag.
    var key: String { names[0] }
}
