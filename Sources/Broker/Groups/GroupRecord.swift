import Bytes
import KafkaWire

/// A classic group as it is written down, so that its members find it again after a restart.
struct StoredClassicGroup: Equatable, Sendable {
    /// A member with what it got.
    struct Member: Equatable, Sendable {
        var id: String
        var instanceID: String?
        var clientID: String
        var clientHost: String
        var rebalanceTimeoutMilliseconds: Int32
        var sessionTimeoutMilliseconds: Int32
        /// What it says of itself in the generation's protocol.
        var subscription: [UInt8]
        var assignment: [UInt8]
    }

    /// What the group is for; empty when it never had members.
    var protocolType: String
    var generation: Int32
    var protocolName: String?
    var leader: String?
    /// Since when it has been in its state, ms since the epoch; -1 when unknown.
    var stateSinceMilliseconds: Int64
    var members: [Member]
}

/// The record of `__consumer_offsets` that holds a classic group's own state, in the layout of Kafka's
/// `GroupMetadataKey` and `GroupMetadataValue`.
///
/// Layout, big-endian; a string is an int16 length (-1 for null) and UTF-8, bytes are an int32 length and the bytes:
/// ```
/// key:    int16 version = 2, string group
/// value:  int16 version = 3, string protocol type, int32 generation, nullable string protocol, nullable string leader,
///         int64 since when in this state (ms; from version 2), int32 member count, members
/// member: string id, nullable string instance id (from version 3), string client id, string client host,
///         int32 rebalance timeout (ms; from version 1), int32 session timeout (ms), bytes subscription, bytes assignment
/// no value: the group is gone
/// ```
/// Version 4 is read too: the same in the flexible encoding of the protocol (KIP-482).
enum GroupRecord {
    /// The version of keys of classic groups.
    static let keyVersion: Int16 = 2
    /// The first version of values in the flexible encoding.
    private static let flexibleVersion: Int16 = 4

    /// The record's key.
    static func key(_ group: String) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.int16(keyVersion)
        writer.shortString(group)
        return writer.array
    }

    /// Reads a key; nil when the record is of another kind.
    static func parseKey(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> String? {
        var reader = ByteReader(bytes)
        guard try reader.int16() == keyVersion else { return nil }
        return try reader.shortString()
    }

    /// The record's value.
    static func value(_ group: StoredClassicGroup) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.int16(3)
        writer.shortString(group.protocolType)
        writer.int32(group.generation)
        writer.kafkaString(group.protocolName, flexible: false)
        writer.kafkaString(group.leader, flexible: false)
        writer.int64(group.stateSinceMilliseconds)
        writer.int32(Int32(group.members.count))
        for member in group.members {
            writer.shortString(member.id)
            writer.kafkaString(member.instanceID, flexible: false)
            writer.shortString(member.clientID)
            writer.shortString(member.clientHost)
            writer.int32(member.rebalanceTimeoutMilliseconds)
            writer.int32(member.sessionTimeoutMilliseconds)
            for bytes in [member.subscription, member.assignment] {
                writer.int32(Int32(bytes.count))
                writer.append(bytes)
            }
        }
        return writer.array
    }

    /// Reads a value.
    static func parseValue(_ bytes: UnsafeRawBufferPointer) throws(DecodeError) -> StoredClassicGroup {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        guard (0...4).contains(version) else { throw DecodeError("group of version \(version)", at: 0) }
        let isFlexible = version >= flexibleVersion
        var group = StoredClassicGroup(
            protocolType: try reader.kafkaString(flexible: isFlexible) ?? "", generation: try reader.int32(),
            protocolName: try reader.kafkaString(flexible: isFlexible),
            leader: try reader.kafkaString(flexible: isFlexible),
            stateSinceMilliseconds: version >= 2 ? try reader.int64() : -1, members: [])
        let start = reader.position
        let count = try reader.kafkaCount(flexible: isFlexible) ?? 0
        guard count <= reader.remaining else { throw DecodeError("member count \(count)", at: start) }
        for _ in 0..<count { group.members.append(try member(&reader, version)) }
        return group
    }

    private static func member(
        _ reader: inout ByteReader, _ version: Int16
    ) throws(DecodeError) -> StoredClassicGroup.Member {
        let isFlexible = version >= flexibleVersion
        let id = try reader.kafkaString(flexible: isFlexible) ?? ""
        let instanceID = version >= 3 ? try reader.kafkaString(flexible: isFlexible) : nil
        let clientID = try reader.kafkaString(flexible: isFlexible) ?? ""
        let clientHost = try reader.kafkaString(flexible: isFlexible) ?? ""
        let rebalanceTimeout = version >= 1 ? try reader.int32() : nil
        let sessionTimeout = try reader.int32()
        let (subscription, assignment) = (try bytes(&reader, isFlexible), try bytes(&reader, isFlexible))
        if isFlexible { try reader.skipTaggedFields() }
        return StoredClassicGroup.Member(
            id: id, instanceID: instanceID, clientID: clientID, clientHost: clientHost,
            rebalanceTimeoutMilliseconds: rebalanceTimeout ?? sessionTimeout,
            sessionTimeoutMilliseconds: sessionTimeout, subscription: subscription, assignment: assignment)
    }

    private static func bytes(_ reader: inout ByteReader, _ isFlexible: Bool) throws(DecodeError) -> [UInt8] {
        let start = reader.position
        let count = try reader.kafkaCount(flexible: isFlexible) ?? 0
        guard count <= reader.remaining else { throw DecodeError("\(count) bytes", at: start) }
        return Array(try reader.view(count))
    }
}

extension [UInt8] {
    /// Hands the bytes to a parser.
    func parsed<R>(_ parse: (UnsafeRawBufferPointer) throws(DecodeError) -> R) throws(DecodeError) -> R {
        try withUnsafeBufferPointer { (buffer) throws(DecodeError) in try parse(UnsafeRawBufferPointer(buffer)) }
    }
}
