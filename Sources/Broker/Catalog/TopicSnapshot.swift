import Bytes

/// Which topics there are, at one time; another object whenever topics or partitions have changed.
final class TopicSnapshot: Sendable {
    /// A topic that can be subscribed to.
    struct Entry: Equatable, Sendable {
        let id: UUID
        let partitionCount: Int32
    }

    /// By name, without the broker's own.
    let byName: [String: Entry]
    /// Names by id.
    let names: [UUID: String]

    init(_ byName: [String: Entry]) {
        self.byName = byName
        names = Dictionary(uniqueKeysWithValues: byName.map { ($0.value.id, $0.key) })
    }

    /// A hash of names, ids and partition counts that is the same in every process; 0 for no topics. FNV-1a.
    static func hash(_ topics: [String: Entry]) -> Int64 {
        guard !topics.isEmpty else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for (name, topic) in topics.sorted(by: { $0.key < $1.key }) {
            for byte in name.utf8 { add(byte) }
            add(0)
            for byte in topic.id.bytes { add(byte) }
            for shift in stride(from: 24, through: 0, by: -8) {
                add(UInt8(truncatingIfNeeded: topic.partitionCount >> Int32(shift)))
            }
        }
        return Int64(bitPattern: hash)
    }
}
