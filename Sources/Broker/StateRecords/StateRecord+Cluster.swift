import Bytes

extension StateRecord {
    /// A record of `__cluster_metadata`.
    static func ofCluster(_ record: MetadataRecord) -> StateRecord {
        switch record {
        case .topic(let topic):
            StateRecord(
                "topic", [Field("topic_id", .text(topic.id.base64))],
                [
                    Field("name", .text(topic.name)), Field("partitions", .number(topic.partitionCount)),
                    Field("created_milliseconds", .number(topic.createdMilliseconds)), settings(topic.settings),
                ])
        case .topicDeleted(let id): StateRecord("topic", [Field("topic_id", .text(id.base64))], nil)
        case .producerIDs(let next):
            StateRecord("producer_ids", [], [Field("next_producer_id", .number(next))])
        case .settings(let record):
            StateRecord(
                "settings", [Field("resource", .text(name(record.resource)))],
                record.settings.isEmpty ? nil : [settings(record.settings)])
        case .quota(let record): ofQuota(record)
        case .scram(let record):
            StateRecord(
                "scram_credential",
                [Field("user", .text(record.user)), Field("mechanism", .text("\(record.mechanism)"))],
                record.credential.map { [Field("iterations", .number($0.iterations))] })
        case .accessRule(let record): ofRule(record)
        }
    }

    private static func name(_ resource: SettingsRecord.Resource) -> String {
        switch resource {
        case .cluster: "all brokers"
        case .node: "this broker"
        case .group(let name): "group \(name)"
        }
    }

    private static func ofQuota(_ record: QuotaRecord) -> StateRecord {
        let key = QuotaEntity.Part.allCases.compactMap { part -> Field? in
            switch record.entity[part] {
            case nil: nil
            case .default?: Field(part.rawValue, .null)
            case .named(let name)?: Field(part.rawValue, .text(name))
            }
        }
        let values = record.values.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { Field($0.key.rawValue, .real($0.value)) }
        return StateRecord("quota", key, values.isEmpty ? nil : values)
    }

    private static func ofRule(_ record: AccessRuleRecord) -> StateRecord {
        let rule = record.rule
        return StateRecord(
            "access_rule",
            [
                Field("resource", .text("\(rule.resource)")), Field("pattern", .text("\(rule.pattern)")),
                Field("name", .text(rule.name)), Field("principal", .text(rule.principal)),
                Field("host", .text(rule.host)), Field("operation", .text("\(rule.operation)")),
                Field("permission", .text("\(rule.permission)")),
            ], record.isRemoval ? nil : [])
    }
}
