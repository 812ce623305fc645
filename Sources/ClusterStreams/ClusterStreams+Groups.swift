import CRdKafka
import Streams

extension ClusterStreams {
    public func committedOffsets(
        group: String, _ partitions: [TopicPartition]
    ) throws(StreamError) -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        return try committedOffsets(group, PartitionList(partitions) { _ in Int64(RD_KAFKA_OFFSET_INVALID) })
    }

    public func committedOffsets(group: String) throws(StreamError) -> [TopicPartition: Int64] {
        try committedOffsets(group, nil)
    }

    /// What a group has committed for the partitions of a list; for all without one.
    private func committedOffsets(
        _ group: String, _ list: PartitionList?
    ) throws(StreamError) -> [TopicPartition: Int64] {
        let handle = try handle()
        let what = "committed offsets of group \(group)"
        guard !group.isEmpty, let request = rd_kafka_ListConsumerGroupOffsets_new(group, list?.raw) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_ListConsumerGroupOffsets_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, what)
        var requests: OpaquePointer? = request
        rd_kafka_ListConsumerGroupOffsets(handle.raw, &requests, 1, operation.options, operation.queue)
        var committed: [TopicPartition: Int64] = [:]
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_ListConsumerGroupOffsets_result(event)
            let groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count)
            for element in try Self.elements(groups, count, handle, what) where element.offset >= 0 {
                guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
                committed[element.partition] = element.offset
            }
        }
        return committed
    }

    public func groups() throws(StreamError) -> [StreamGroupListing] {
        let handle = try handle()
        let what = "list of groups"
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, what)
        rd_kafka_ListConsumerGroups(handle.raw, operation.options, operation.queue)
        var groups: [StreamGroupListing] = []
        try operation.wait { (event) throws(StreamError) in
            let result = rd_kafka_event_ListConsumerGroups_result(event)
            var count = 0
            let errors = rd_kafka_ListConsumerGroups_result_errors(result, &count)
            if count > 0, let error = errors?[0] {
                let detail = String(cString: rd_kafka_error_string(error))
                throw handle.error(rd_kafka_error_code(error), what, detail: detail)
            }
            let valid = rd_kafka_ListConsumerGroups_result_valid(result, &count)
            for index in 0..<count {
                let group = valid?[index]
                groups.append(
                    StreamGroupListing(
                        name: String(cString: rd_kafka_ConsumerGroupListing_group_id(group)),
                        state: Self.state(rd_kafka_ConsumerGroupListing_state(group))))
            }
        }
        return groups.sorted { $0.name < $1.name }
    }

    public func group(_ name: String) throws(StreamError) -> StreamGroupDescription? {
        let handle = try handle()
        let what = "describing group \(name)"
        guard !name.isEmpty else { throw StreamError(.invalidArgument, "\(what): the name is empty") }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, what)
        name.withCString { name in
            var names: UnsafePointer<CChar>? = name
            rd_kafka_DescribeConsumerGroups(handle.raw, &names, 1, operation.options, operation.queue)
        }
        var found: StreamGroupDescription?
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_DescribeConsumerGroups_result(event)
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count)
            guard count > 0, let group = groups?[0] else { return }
            if let error = rd_kafka_ConsumerGroupDescription_error(group) {
                let code = rd_kafka_error_code(error)
                if code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND { return }
                throw handle.error(code, what, detail: String(cString: rd_kafka_error_string(error)))
            }
            // Brokers describe a group that they do not know as a dead one.
            let state = Self.state(rd_kafka_ConsumerGroupDescription_state(group))
            if state != .dead { found = Self.description(group, state) }
        }
        return found
    }

    public func deleteGroup(_ name: String) throws(StreamError) {
        let handle = try handle()
        let what = "deleting group \(name)"
        guard !name.isEmpty, let request = rd_kafka_DeleteGroup_new(name) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_DeleteGroup_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_DELETEGROUPS, what)
        var requests: OpaquePointer? = request
        rd_kafka_DeleteGroups(handle.raw, &requests, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let groups = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count)
            for index in 0..<count {
                guard let error = rd_kafka_group_result_error(groups?[index]) else { continue }
                throw handle.error(
                    rd_kafka_error_code(error), what, detail: String(cString: rd_kafka_error_string(error)))
            }
        }
    }

    private static func description(_ group: OpaquePointer, _ state: StreamGroupState) -> StreamGroupDescription {
        let members = (0..<rd_kafka_ConsumerGroupDescription_member_count(group)).compactMap { index in
            rd_kafka_ConsumerGroupDescription_member(group, index).map(Self.member)
        }
        return StreamGroupDescription(
            name: String(cString: rd_kafka_ConsumerGroupDescription_group_id(group)), state: state,
            assignor: rd_kafka_ConsumerGroupDescription_partition_assignor(group).map { String(cString: $0) } ?? "",
            members: members)
    }

    private static func member(_ member: OpaquePointer) -> StreamGroupDescription.Member {
        let list = rd_kafka_MemberDescription_assignment(member).flatMap { rd_kafka_MemberAssignment_partitions($0) }
        let partitions = list.map { PartitionList.elements($0).map(\.partition) } ?? []
        return StreamGroupDescription.Member(
            id: String(cString: rd_kafka_MemberDescription_consumer_id(member)),
            instanceID: rd_kafka_MemberDescription_group_instance_id(member).map { String(cString: $0) },
            clientID: String(cString: rd_kafka_MemberDescription_client_id(member)),
            host: String(cString: rd_kafka_MemberDescription_host(member)),
            partitions: partitions.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) })
    }

    private static func state(_ raw: rd_kafka_consumer_group_state_t) -> StreamGroupState {
        switch raw {
        case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE: .preparingRebalance
        case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE: .completingRebalance
        case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE: .stable
        case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD: .dead
        case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY: .empty
        default: .unknown
        }
    }

    public func commit(group: String, _ offsets: [TopicPartition: Int64]) throws(StreamError) {
        guard !offsets.isEmpty else { return }
        let handle = try handle()
        let what = "committing offsets of group \(group)"
        for topic in Set(offsets.keys.map(\.topic)) where try Self.lookUp(topic, handle) == nil {
            throw StreamError(.unknownTopic, "\(what): topic \(topic) does not exist")
        }
        let list = PartitionList(Array(offsets.keys)) { offsets[$0] ?? 0 }
        guard let request = rd_kafka_AlterConsumerGroupOffsets_new(group, list.raw) else {
            throw StreamError(.invalidArgument, what)
        }
        defer { rd_kafka_AlterConsumerGroupOffsets_destroy(request) }
        let operation = AdministrativeOperation(handle, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, what)
        var requests: OpaquePointer? = request
        rd_kafka_AlterConsumerGroupOffsets(handle.raw, &requests, 1, operation.options, operation.queue)
        try operation.wait { (event) throws(StreamError) in
            var count = 0
            let result = rd_kafka_event_AlterConsumerGroupOffsets_result(event)
            let groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count)
            for element in try Self.elements(groups, count, handle, what) {
                guard element.error != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
                throw handle.error(element.error, "\(what) at \(element.partition)")
            }
        }
    }

    private static func elements(
        _ groups: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ handle: ClusterHandle, _ what: String
    ) throws(StreamError) -> [PartitionList.Element] {
        var elements: [PartitionList.Element] = []
        for index in 0..<count {
            let group = groups?[index]
            if let error = rd_kafka_group_result_error(group) {
                throw handle.error(
                    rd_kafka_error_code(error), what, detail: String(cString: rd_kafka_error_string(error)))
            }
            if let list = rd_kafka_group_result_partitions(group) { elements += PartitionList.elements(list) }
        }
        return elements
    }
}
