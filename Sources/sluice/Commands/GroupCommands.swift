import StreamTools
import Streams

/// `sluice group list|describe|seek|delete`.
enum GroupCommands {
    static let all = [
        Command(
            "group list", "Lists groups of consumers with their state, members and lag.",
            example: "sluice group list 'mantid*'", operands: "[PATTERN]", count: 0...1, kinds: [.group],
            flags: BrokerConnection.flags + [Table.formatFlag], run: list),
        Command(
            "group describe", "Shows members, offsets and lag of groups.",
            details: """
                Of a group whose partitions the broker assigns (group.protocol=consumer, KIP-848), state, offsets and lag are
                shown, but not the members: librdkafka 2.0, through which this command asks, does not know the request.
                """, example: "sluice group describe mantid", operands: "NAME...", count: 1...1000, kinds: [.group],
            flags: BrokerConnection.flags + [Table.formatFlag], run: describe),
        Command(
            "group seek", "Moves the offsets of a group without members.",
            details: "WHERE is beginning, end, an offset, -N, +N, @TIME or run:NUMBER, as in `sluice consume --help`.",
            example: "sluice group seek mantid --to @-1h --topic LARMOR_events", operands: "NAME", count: 1...1,
            kinds: [.group],
            flags: BrokerConnection.flags + [
                Flag("--to", value: "WHERE", help: "Where the group shall read on (required)."),
                Flag(
                    "--topic", "-t", value: "TOPIC", kind: .topic, repeatable: true,
                    help: "Only these topics, also ones without offsets yet (default: all of the group's)."),
                Flag("--dry-run", help: "Only show what would change."),
                Table.formatFlag,
            ], run: seek),
        Command(
            "group delete", "Deletes groups without members, with their offsets.",
            example: "sluice group delete test-1",
            operands: "NAME...", count: 1...1000, kinds: [.group], flags: BrokerConnection.flags, run: delete),
    ]

    /// A partition of a group with its lag.
    private struct Position {
        let partition: TopicPartition
        let committed: Int64
        /// Nil when the partition is gone.
        let end: Int64?
        var lag: Int64? { end.map { max(0, $0 - committed) } }
    }

    private static func positions(_ streams: any Streams, _ group: String) throws(StreamError) -> [Position] {
        var positions: [Position] = []
        let committed = try streams.committedOffsets(group: group)
        for (partition, offset) in committed.sorted(by: {
            ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition)
        }) {
            var end: Int64?
            do throws(StreamError) { end = try streams.watermarks(partition).high } catch
                where error.code == .unknownTopic
            {
                end = nil
            }
            positions.append(Position(partition: partition, committed: offset, end: end))
        }
        return positions
    }

    private static func list(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        var table = Table(["group", "state", "members", "partitions", "lag"])
        try BrokerConnection.translated {
            for listing in try streams.groups() {
                if let pattern = invocation.operands.first, !TextPattern.matches(listing.name, pattern) { continue }
                let group = try streams.group(listing.name)
                let positions = try positions(streams, listing.name)
                table.rows.append([
                    .text(listing.name), .text(listing.state.rawValue), members(group, listing.state),
                    .number(Int64(positions.count)), .number(positions.compactMap(\.lag).reduce(0, +)),
                ])
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func describe(_ invocation: Invocation) throws -> Int32 {
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        var table = Table([
            "group", "topic", "partition", "committed", "end", "lag", "member", "client", "host",
        ])
        for name in invocation.operands {
            try BrokerConnection.translated {
                guard let (group, membersAreTold) = try find(streams, name) else { throw notFound(name) }
                let positions = try positions(streams, name)
                if invocation["--format"] != "json" {
                    let lag = positions.compactMap(\.lag).reduce(0, +)
                    let assignor = group.assignor.isEmpty ? "" : ", assignor \(group.assignor)"
                    let members =
                        membersAreTold
                        ? "\(group.members.count) members" : "members not told (see group describe --help)"
                    Terminal.printError("\(name): \(group.state.rawValue), \(members), lag \(lag)\(assignor)")
                }
                add(group, positions, to: &table)
            }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func add(_ group: StreamGroupDescription, _ positions: [Position], to table: inout Table) {
        let assigned = Set(group.members.flatMap(\.partitions))
        let known = Set(positions.map(\.partition))
        let uncommitted = assigned.subtracting(known).sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        let lines = positions.map { ($0.partition, Optional($0)) } + uncommitted.map { ($0, nil) }
        for (partition, position) in lines {
            let member = group.members.first { $0.partitions.contains(partition) }
            table.rows.append([
                .text(group.name), .text(partition.topic), .number(Int64(partition.partition)),
                position.map { .number($0.committed) } ?? .missing, position?.end.map { .number($0) } ?? .missing,
                position?.lag.map { .number($0) } ?? .missing, member.map { .text($0.id) } ?? .missing,
                member.map { .text($0.clientID) } ?? .missing, member.map { .text($0.host) } ?? .missing,
            ])
        }
        for member in group.members where member.partitions.isEmpty {
            table.rows.append([
                .text(group.name), .missing, .missing, .missing, .missing, .missing, .text(member.id),
                .text(member.clientID), .text(member.host),
            ])
        }
    }

    /// A group, and whether all its members are in it; nil when there is none.
    private static func find(
        _ streams: any Streams, _ name: String
    ) throws(StreamError) -> (group: StreamGroupDescription, membersAreTold: Bool)? {
        if let group = try streams.group(name) { return (group, true) }
        // A group whose partitions the broker assigns (KIP-848) is listed, but this request does not describe it; offsets of
        // a consumer that never joined are a group too.
        let listed = try streams.groups().first { $0.name == name }
        if listed == nil, try streams.committedOffsets(group: name).isEmpty { return nil }
        let state = listed?.state ?? .empty
        return (
            StreamGroupDescription(name: name, state: state, assignor: "", members: []), isWithoutMembers(state)
        )
    }

    private static func isWithoutMembers(_ state: StreamGroupState) -> Bool { state == .empty || state == .dead }

    /// How many members a listed group has; missing when it has some that are not told.
    private static func members(_ group: StreamGroupDescription?, _ state: StreamGroupState) -> Table.Cell {
        if let group { return .number(Int64(group.members.count)) }
        return isWithoutMembers(state) ? .number(0) : .missing
    }

    private static func isActive(_ group: StreamGroupDescription) -> Bool {
        switch group.state {
        case .stable, .preparingRebalance, .completingRebalance: true
        case .empty, .dead, .unknown: !group.members.isEmpty
        }
    }

    private static func notFound(_ name: String) -> CommandError {
        CommandError("group \(name) does not exist", code: ExitCode.notFound)
    }

    private static func seek(_ invocation: Invocation) throws -> Int32 {
        guard let place = invocation["--to"] else { throw CommandError.usage("--to is missing: where to?") }
        let expression = try RangeFlags.parse([place])
        let name = invocation.operands[0]
        let streams = try BrokerConnection.connect(invocation)
        defer { streams.close() }
        var table = Table(["group", "topic", "partition", "from", "to"])
        try BrokerConnection.translated {
            if let (group, _) = try find(streams, name), isActive(group) {
                throw CommandError(
                    "group \(name) has members (\(group.state.rawValue)); end them first, or they would go on where they are"
                )
            }
            let committed = try streams.committedOffsets(group: name)
            let named = invocation.all("--topic")
            let topics = named.isEmpty ? Set(committed.keys.map(\.topic)).sorted() : named
            guard !topics.isEmpty else { throw notFound(name) }
            var target: [TopicPartition: Int64] = [:]
            for topic in topics {
                let own = committed.keys.filter { $0.topic == topic }.map(\.partition).sorted()
                let ranges = try expression.ranges(topic, named.isEmpty ? own : nil, streams, follows: true)
                for range in ranges {
                    target[range.partition] = range.start
                    table.rows.append([
                        .text(name), .text(topic), .number(Int64(range.partition.partition)),
                        committed[range.partition].map { .number($0) } ?? .missing, .number(range.start),
                    ])
                }
            }
            if !invocation.has("--dry-run") { try streams.commit(group: name, target) }
        }
        try table.print(invocation)
        return ExitCode.success
    }

    private static func delete(_ invocation: Invocation) throws -> Int32 {
        try NamedThings.forEach(invocation, done: "deleted") { streams, name in try streams.deleteGroup(name) }
    }
}
