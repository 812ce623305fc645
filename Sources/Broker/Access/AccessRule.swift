/// One access rule (Kafka's `AclBinding`): who may, or may not, do what to which resources, and from where.
struct AccessRule: Hashable, Sendable {
    /// How a rule names resources, by Kafka's numbers (`PatternType`).
    enum Pattern: Int8, Sendable, CaseIterable {
        /// The resource of this name; `*` is every name.
        case literal = 3
        /// Every resource whose name begins so.
        case prefixed = 4
    }

    /// What follows when the rule applies, by Kafka's numbers (`AclPermissionType`).
    enum Permission: Int8, Sendable, CaseIterable {
        case deny = 2
        case allow = 3
    }

    /// The name that stands for every resource, host or user.
    static let wildcard = "*"
    /// The principal that stands for every user.
    static let everyUser = "User:*"

    var resource: AccessResource
    var pattern: Pattern
    var name: String
    /// Type and name, such as `User:anna`.
    var principal: String
    /// The client's address, or `*`.
    var host: String
    var operation: AccessOperation
    var permission: Permission

    /// Whether the rule names this resource.
    func covers(_ resource: AccessResource, _ name: String) -> Bool {
        guard self.resource == resource else { return false }
        return switch pattern {
        case .literal: self.name == name || self.name == Self.wildcard
        case .prefixed: name.utf8.starts(with: self.name.utf8)
        }
    }

    /// Whether the rule speaks of this client and operation. To be allowed one operation is to be allowed what it needs:
    /// reading, writing, deleting and altering need describing. A denial speaks of its own operation alone.
    func applies(to principal: String, from host: String, doing operation: AccessOperation) -> Bool {
        guard self.principal == principal || self.principal == Self.everyUser,
            self.host == host || self.host == Self.wildcard
        else { return false }
        if self.operation == operation || self.operation == .all { return true }
        guard permission == .allow else { return false }
        return switch operation {
        case .describe: [.read, .write, .delete, .alter].contains(self.operation)
        case .describeConfigs: self.operation == .alterConfigs
        default: false
        }
    }
}
