import CKernels
import System

/// The name of a partition within a data directory.
struct PartitionKey: Hashable, Sendable, Comparable {
    let topic: String
    let partition: Int32

    /// The partition's directory under `topics/`.
    var directoryName: String { "\(topic)-\(partition)" }

    static func < (left: PartitionKey, right: PartitionKey) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    /// The longest topic name, as in Kafka.
    static let topicBytesMax = 249

    /// A name that can be a directory; throws for any other.
    init(checking topic: String, _ partition: Int32) throws(LogError) {
        let isAllowed = topic.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, !topic.isEmpty, topic.utf8.count <= Self.topicBytesMax, topic != ".", topic != "..",
            partition >= 0
        else { throw .invalidName("topic '\(topic)' partition \(partition)") }
        self.topic = topic
        self.partition = partition
    }

    /// The partition of a directory's name; nil when it is none.
    init?(directoryName name: String) {
        guard let dash = name.lastIndex(of: "-"), let number = Int32(name[name.index(after: dash)...]),
            String(number) == name[name.index(after: dash)...],
            let key = try? PartitionKey(checking: String(name[..<dash]), number)
        else { return nil }
        self = key
    }
}

/// A file with one offset for each partition, replaced as a whole.
///
/// Layout, text: `1` (version), the number of lines, then `topic partition offset` lines, then the CRC-32C of all that.
/// Version 0, which is Kafka's, has no checksum.
final class Checkpoint: Sendable {
    private struct State: Sendable {
        var offsets: [PartitionKey: Int64]
        var isSaved: Bool
    }

    /// The largest file that is read.
    private static let bytesMax = 64 << 20

    private let fileSystem: any FileSystem
    let path: String
    private let state: Lock<State>
    /// Whether there was a file and it could not be read.
    let wasDamaged: Bool

    /// Reads the file; throws when that fails, since what it says is not known then.
    init(_ fileSystem: any FileSystem, _ path: String) throws(LogError) {
        self.fileSystem = fileSystem
        self.path = path
        guard fileSystem.exists(path) else {
            wasDamaged = false
            state = Lock(State(offsets: [:], isSaved: true))
            return
        }
        let bytes = try storing { () throws(SystemError) in try fileSystem.contents(path, limit: Self.bytesMax) }
        let decoded = Self.decode(bytes)
        wasDamaged = decoded == nil
        state = Lock(State(offsets: decoded ?? [:], isSaved: decoded != nil))
    }

    subscript(key: PartitionKey) -> Int64? { state.withLock { $0.offsets[key] } }

    /// Changes offsets and makes them durable; nothing is written when nothing changes.
    func update(_ change: (inout [PartitionKey: Int64]) -> Void) throws(LogError) {
        try state.withLock { (state) throws(LogError) in
            var offsets = state.offsets
            change(&offsets)
            guard offsets != state.offsets || !state.isSaved else { return }
            let bytes = Self.encode(offsets)
            try storing { () throws(SystemError) in try fileSystem.replace(path, with: bytes) }
            state = State(offsets: offsets, isSaved: true)
        }
    }

    /// The CRC-32C of a text.
    static func crc(_ text: some StringProtocol) -> UInt32 {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { ck_crc32c(0, $0.baseAddress, $0.count) }
    }

    static func encode(_ offsets: [PartitionKey: Int64]) -> [UInt8] {
        var text = "1\n\(offsets.count)\n"
        for (key, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            text += "\(key.topic) \(key.partition) \(offset)\n"
        }
        return Array("\(text)\(crc(text))\n".utf8)
    }

    static func decode(_ bytes: [UInt8]) -> [PartitionKey: Int64]? {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\n")[...]
        if lines.first == "1" {
            guard text.hasSuffix("\n"), let last = lines.popLast(), UInt32(last) == crc(text.dropLast(last.count + 1))
            else { return nil }
        }
        guard lines.count >= 2, lines[0] == "0" || lines[0] == "1", Int(lines[1]) == lines.count - 2 else { return nil }
        var offsets: [PartitionKey: Int64] = [:]
        for line in lines[2...] {
            let words = line.split(separator: " ")
            guard words.count == 3, let partition = Int32(words[1]), let offset = Int64(words[2]), offset >= 0,
                let key = try? PartitionKey(checking: String(words[0]), partition)
            else { return nil }
            offsets[key] = offset
        }
        return offsets
    }
}
