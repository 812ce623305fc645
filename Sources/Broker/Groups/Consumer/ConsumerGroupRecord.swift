import Bytes
import KafkaWire

/// A change of a group of the new protocol as a record of `__consumer_offsets`, in Kafka's layout, so that other tools can
/// read it.
///
/// Layout of keys, big-endian; a string is an int16 length and UTF-8:
/// ```
/// int16 kind, string group, for kinds 5, 7 and 8: string member
/// ```
/// Layout of values: `int16 version = 0`, then the fields of the kind, in the flexible encoding of the protocol (KIP-482):
/// ```
/// 3 group            int32 epoch, tag 0: int64 hash of the topics
/// 5 member           nullable static id, nullable rack, client id, client host, array of topic names, nullable pattern,
///                    int32 rebalance timeout (ms), nullable assignor, tag 0 of members that speak the classic protocol:
///                    int8 1, int32 session timeout (ms), array of (string protocol, bytes metadata)
/// 6 target epoch     int32 epoch
/// 7 target           array of partitions (uuid topic, array of int32)
/// 8 progress         int32 epoch, int32 previous epoch, int8 state, array of partitions that the member has,
///                    array of partitions that it must give up
/// no value           what the key names is gone
/// ```
/// Kind 4, topics as the group saw them, is not written: the hash tells as much. It is read as nothing.
enum ConsumerGroupRecord {
    private enum Kind: Int16 {
        case group = 3
        case member = 5
        case targetEpoch = 6
        case target = 7
        case progress = 8
    }

    /// Kinds of keys that belong to groups of the new protocol.
    static let kinds: ClosedRange<Int16> = 3...8

    /// The record of a change.
    static func record(_ change: ConsumerGroupChange, group: String) -> (key: [UInt8], value: [UInt8]?) {
        switch change {
        case .group(let epoch): (key(.group, group), epoch.map(value))
        case .targetEpoch(let epoch): (key(.targetEpoch, group), epoch.map { epoch in value { $0.int32(epoch) } })
        case .member(let id, let description): (key(.member, group, id), description.map(value))
        case .target(let id, let target):
            (key(.target, group, id), target.map { target in value { $0.partitions(target) } })
        case .progress(let id, let progress): (key(.progress, group, id), progress.map(value))
        }
    }

    /// Reads a record; nil when its key is of another kind.
    static func parse(
        key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?
    ) throws(DecodeError) -> (group: String, change: ConsumerGroupChange)? {
        var reader = ByteReader(key)
        guard let kind = Kind(rawValue: try reader.int16()) else { return nil }
        let group = try reader.shortString()
        var values: ByteReader?
        if let value {
            var reader = ByteReader(value)
            let version = try reader.int16()
            guard version == 0 else { throw DecodeError("group record of version \(version)", at: 0) }
            values = reader
        }
        switch kind {
        case .group: return (group, .group(try values.map { (reader) throws(DecodeError) in try epoch(reader) }))
        case .targetEpoch:
            return (group, .targetEpoch(try values.map { (reader) throws(DecodeError) in try targetEpoch(reader) }))
        case .member:
            let id = try reader.shortString()
            return (group, .member(id, try values.map { (reader) throws(DecodeError) in try description(reader) }))
        case .target:
            let id = try reader.shortString()
            return (group, .target(id, try values.map { (reader) throws(DecodeError) in try target(reader) }))
        case .progress:
            let id = try reader.shortString()
            return (group, .progress(id, try values.map { (reader) throws(DecodeError) in try progress(reader) }))
        }
    }

    /// As `parse`, of a record that is in memory.
    static func parse(
        key: [UInt8], value: [UInt8]
    ) throws(DecodeError) -> (group: String, change: ConsumerGroupChange)? {
        try key.parsed { (key) throws(DecodeError) in
            try value.parsed { (value) throws(DecodeError) in try parse(key: key, value: value) }
        }
    }

    // MARK: - Writing

    private static func key(_ kind: Kind, _ group: String, _ member: String? = nil) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.int16(kind.rawValue)
        writer.shortString(group)
        if let member { writer.shortString(member) }
        return writer.array
    }

    /// A value of version 0 whose fields `body` writes.
    ///
    /// - Parameter tag: the bytes of tagged field 0; nil for none.
    private static func value(tag: [UInt8]? = nil, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        writer.int16(0)
        body(&writer)
        writer.unsignedVarint(tag == nil ? 0 : 1)
        if let tag {
            writer.unsignedVarint(0)
            writer.unsignedVarint(UInt32(tag.count))
            writer.append(tag)
        }
        return writer.array
    }

    private static func value(_ epoch: ConsumerGroupChange.Epoch) -> [UInt8] {
        var hash = ByteWriter(capacity: 8)
        hash.int64(epoch.topicsHash)
        return value(tag: hash.array) { $0.int32(epoch.number) }
    }

    /// The bytes of the tagged field of members that speak the classic protocol.
    private static func field(_ classic: ConsumerGroupMember.Classic) -> [UInt8] {
        var writer = ByteWriter(capacity: 128)
        // Not null.
        writer.int8(1)
        writer.int32(classic.sessionTimeoutMilliseconds)
        writer.kafkaCount(classic.protocols.count, flexible: true)
        for each in classic.protocols {
            writer.kafkaString(each.name, flexible: true)
            writer.kafkaCount(each.metadata.count, flexible: true)
            writer.append(each.metadata)
            writer.unsignedVarint(0)
        }
        writer.unsignedVarint(0)
        return writer.array
    }

    private static func value(_ description: ConsumerGroupMember.Description) -> [UInt8] {
        value(tag: description.classic.map(field)) { writer in
            writer.kafkaString(description.instanceID, flexible: true)
            writer.kafkaString(description.rackID, flexible: true)
            writer.kafkaString(description.clientID, flexible: true)
            writer.kafkaString(description.clientHost, flexible: true)
            writer.kafkaCount(description.topicNames.count, flexible: true)
            for name in description.topicNames { writer.kafkaString(name, flexible: true) }
            writer.kafkaString(description.topicRegex, flexible: true)
            writer.int32(description.rebalanceTimeoutMilliseconds)
            writer.kafkaString(description.assignor?.rawValue, flexible: true)
        }
    }

    private static func value(_ progress: ConsumerGroupMember.Progress) -> [UInt8] {
        value { writer in
            writer.int32(progress.epoch)
            writer.int32(progress.previousEpoch)
            writer.int8(progress.state.rawValue)
            writer.partitions(progress.assigned)
            writer.partitions(progress.pendingRevocation)
        }
    }

    // MARK: - Reading

    private static func epoch(_ reader: ByteReader) throws(DecodeError) -> ConsumerGroupChange.Epoch {
        var reader = reader
        var epoch = ConsumerGroupChange.Epoch(number: try reader.int32(), topicsHash: 0)
        for _ in 0..<(try reader.unsignedVarint()) {
            let tag = try reader.unsignedVarint()
            let size = Int(try reader.unsignedVarint())
            if tag == 0, size == 8 { epoch.topicsHash = try reader.int64() } else { try reader.skip(size) }
        }
        return epoch
    }

    private static func targetEpoch(_ reader: ByteReader) throws(DecodeError) -> Int32 {
        var reader = reader
        let epoch = try reader.int32()
        try reader.skipTaggedFields()
        return epoch
    }

    private static func description(_ reader: ByteReader) throws(DecodeError) -> ConsumerGroupMember.Description {
        var reader = reader
        var description = ConsumerGroupMember.Description()
        description.instanceID = try reader.kafkaString(flexible: true)
        description.rackID = try reader.kafkaString(flexible: true)
        description.clientID = try reader.kafkaString(flexible: true) ?? ""
        description.clientHost = try reader.kafkaString(flexible: true) ?? ""
        for _ in 0..<(try reader.count(minimumBytes: 1)) {
            description.topicNames.append(try reader.kafkaString(flexible: true) ?? "")
        }
        description.topicRegex = try reader.kafkaString(flexible: true)
        description.rebalanceTimeoutMilliseconds = try reader.int32()
        description.assignor = try reader.kafkaString(flexible: true).flatMap { ServerAssignor(rawValue: $0) }
        for _ in 0..<(try reader.unsignedVarint()) {
            let tag = try reader.unsignedVarint()
            let bytes = try reader.view(Int(try reader.unsignedVarint()))
            if tag == 0 { description.classic = try classic(ByteReader(bytes)) }
        }
        return description
    }

    private static func classic(_ reader: ByteReader) throws(DecodeError) -> ConsumerGroupMember.Classic? {
        var reader = reader
        guard try reader.int8() > 0 else { return nil }
        var classic = ConsumerGroupMember.Classic(sessionTimeoutMilliseconds: try reader.int32(), protocols: [])
        for _ in 0..<(try reader.count(minimumBytes: 3)) {
            let name = try reader.kafkaString(flexible: true) ?? ""
            let metadata = Array(try reader.view(try reader.count(minimumBytes: 1)))
            classic.protocols.append(GroupProtocol(name: name, metadata: metadata))
            try reader.skipTaggedFields()
        }
        try reader.skipTaggedFields()
        return classic
    }

    private static func target(_ reader: ByteReader) throws(DecodeError) -> PartitionAssignment {
        var reader = reader
        let target = try reader.partitions()
        try reader.skipTaggedFields()
        return target
    }

    private static func progress(_ reader: ByteReader) throws(DecodeError) -> ConsumerGroupMember.Progress {
        var reader = reader
        var progress = ConsumerGroupMember.Progress()
        progress.epoch = try reader.int32()
        progress.previousEpoch = try reader.int32()
        let start = reader.position
        guard let state = ConsumerGroupMember.State(rawValue: try reader.int8()) else {
            throw DecodeError("member state", at: start)
        }
        progress.state = state
        progress.assigned = try reader.partitions()
        progress.pendingRevocation = try reader.partitions()
        try reader.skipTaggedFields()
        return progress
    }
}

extension ByteWriter {
    fileprivate mutating func partitions(_ assignment: PartitionAssignment) {
        kafkaCount(assignment.byTopic.count, flexible: true)
        for topic in assignment.listed {
            uuid(topic.topicID)
            kafkaCount(topic.partitions.count, flexible: true)
            for partition in topic.partitions { int32(partition) }
            unsignedVarint(0)
        }
    }
}

extension ByteReader {
    /// A count of elements that are there.
    fileprivate mutating func count(minimumBytes: Int) throws(DecodeError) -> Int {
        let start = position
        let count = try kafkaCount(flexible: true) ?? 0
        guard count <= remaining / minimumBytes else { throw DecodeError("array count \(count)", at: start) }
        return count
    }

    fileprivate mutating func partitions() throws(DecodeError) -> PartitionAssignment {
        var assignment = PartitionAssignment()
        for _ in 0..<(try count(minimumBytes: 18)) {
            let topic = try uuid()
            for _ in 0..<(try count(minimumBytes: 4)) { assignment.insert(topic, try int32()) }
            try skipTaggedFields()
        }
        return assignment
    }
}
