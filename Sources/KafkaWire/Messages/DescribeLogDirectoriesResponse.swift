/// The answer to DescribeLogDirs (API 35).
public struct DescribeLogDirectoriesResponse: WireMessage, Sendable {
    public static var api: APIKey { .describeLogDirectories }

    /// How long the client should hold back, ms.
    public var throttleMilliseconds: Int32 = 0
    /// Whether it worked (v3+).
    public var errorCode: ErrorCode = .none
    /// The directories.
    public var directories: [Directory] = []

    /// All fields at their defaults.
    public init() {}

    /// A value of these fields.
    public init(throttleMilliseconds: Int32 = 0, errorCode: ErrorCode = .none, directories: [Directory] = []) {
        self.throttleMilliseconds = throttleMilliseconds
        self.errorCode = errorCode
        self.directories = directories
    }

    @inlinable
    public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
        try coder.int32(&throttleMilliseconds)
        if coder.version >= 3 { try coder.errorCode(&errorCode) }
        try coder.array(&directories)
        try coder.tags()
    }

    /// A directory that holds partitions.
    public struct Directory: WireStructure, Sendable {
        /// Whether the directory is well.
        public var errorCode: ErrorCode = .none
        /// Its absolute path.
        public var path: String = ""
        /// What it holds.
        public var topics: [Topic] = []
        /// The size of the volume, bytes (v4+).
        public var totalBytes: Int64 = -1
        /// How much of the volume is free, bytes (v4+).
        public var usableBytes: Int64 = -1
        /// Whether new partitions are kept out (v5+).
        public var isCordoned: Bool = false

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(
            errorCode: ErrorCode = .none, path: String = "", topics: [Topic] = [], totalBytes: Int64 = -1,
            usableBytes: Int64 = -1, isCordoned: Bool = false
        ) {
            self.errorCode = errorCode
            self.path = path
            self.topics = topics
            self.totalBytes = totalBytes
            self.usableBytes = usableBytes
            self.isCordoned = isCordoned
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.errorCode(&errorCode)
            try coder.string(&path)
            try coder.array(&topics)
            if coder.version >= 4 {
                try coder.int64(&totalBytes)
                try coder.int64(&usableBytes)
            }
            if coder.version >= 5 { try coder.bool(&isCordoned) }
            try coder.tags()
        }
    }

    /// The partitions of one topic.
    public struct Topic: WireStructure, Sendable {
        /// The topic's name.
        public var name: String = ""
        /// Its partitions.
        public var partitions: [Partition] = []

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(name: String = "", partitions: [Partition] = []) {
            self.name = name
            self.partitions = partitions
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.string(&name)
            try coder.array(&partitions)
            try coder.tags()
        }
    }

    /// A partition.
    public struct Partition: WireStructure, Sendable {
        /// Its number.
        public var index: Int32 = 0
        /// Its log's size, bytes.
        public var sizeBytes: Int64 = 0
        /// How many records the copy lacks.
        public var offsetLag: Int64 = 0
        /// Whether the copy is still being moved here.
        public var isFuture: Bool = false

        /// All fields at their defaults.
        public init() {}

        /// A value of these fields.
        public init(index: Int32 = 0, sizeBytes: Int64 = 0, offsetLag: Int64 = 0, isFuture: Bool = false) {
            self.index = index
            self.sizeBytes = sizeBytes
            self.offsetLag = offsetLag
            self.isFuture = isFuture
        }

        @inlinable
        public mutating func code<C: WireCoder & ~Copyable>(_ coder: inout C) throws(C.Failure) {
            try coder.int32(&index)
            try coder.int64(&sizeBytes)
            try coder.int64(&offsetLag)
            try coder.bool(&isFuture)
            try coder.tags()
        }
    }
}
