/// IncrementalAlterConfigs (API 44, KIP-339): changes single settings of resources.
public struct IncrementalAlterConfigsRequest: WireMessage, Sendable {
    public static var api: APIKey { .incrementalAlterConfigs }

    /// What to change.
    public var resources: [Resource] = []
    /// Whether to check only, and change nothing.
    public var validateOnly: Bool = false

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(resources: [Resource] = [], validateOnly: Bool = false) {
        self.resources = resources
        self.validateOnly = validateOnly
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&resources)
        try coder.bool(&validateOnly)
        try coder.tags()
    }

    /// A topic, broker, group or logger.
    public struct Resource: WireStructure, Sendable {
        /// Which kind of resource (`ConfigResourceType`).
        public var type: Int8 = 2
        /// The topic's or group's name or the broker's number; empty for the defaults of all brokers.
        public var name: String = ""
        /// The changes, in order.
        public var configs: [Config] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(type: Int8 = 2, name: String = "", configs: [Config] = []) {
            self.type = type
            self.name = name
            self.configs = configs
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int8(&type)
            try coder.string(&name)
            try coder.array(&configs)
            try coder.tags()
        }
    }

    /// A change of one setting.
    public struct Config: WireStructure, Sendable {
        /// The setting's name, such as `retention.ms`.
        public var name: String = ""
        /// 0 sets it, 1 returns to the default, 2 appends to a list, 3 removes from a list.
        public var operation: Int8 = 0
        /// The value to set, append or remove.
        public var value: String? = nil

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", operation: Int8 = 0, value: String? = nil) {
            self.name = name
            self.operation = operation
            self.value = value
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int8(&operation)
            try coder.nullableString(&value)
            try coder.tags()
        }
    }
}
