/// AlterReplicaLogDirs (API 34): moves partitions to another directory of the broker.
public struct AlterReplicaLogDirectoriesRequest: WireMessage, Sendable {
    public static var api: APIKey { .alterReplicaLogDirectories }

    /// What goes where.
    public var directories: [Directory] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(directories: [Directory] = []) {
        self.directories = directories
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.array(&directories)
        try coder.tags()
    }

    /// What goes to one directory.
    public struct Directory: WireStructure, Sendable {
        /// The directory's absolute path.
        public var path: String = ""
        /// What goes there.
        public var topics: [Topic] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(path: String = "", topics: [Topic] = []) {
            self.path = path
            self.topics = topics
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&path)
            try coder.array(&topics)
            try coder.tags()
        }
    }

    /// The partitions of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Its partitions.
        public var partitions: [Int32] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Int32] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.int32s(&partitions)
            try coder.tags()
        }
    }
}
