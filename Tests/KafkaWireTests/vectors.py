"""Writes vectors.txt: every message of KafkaWire in every version, encoded by kafka-python, or where kafka-python does not
know the message, from the fields of its definition (MESSAGES).

    python vectors.py > vectors.txt

Each line is `MESSAGE VERSION full|sparse|tagged HEX`. Full messages have two elements in every array and a different value in every
field; sparse ones have nulls, empty strings and empty arrays where they are allowed; tagged ones, of messages in which tagged fields
are written, are full ones with these.
"""

import itertools
import types
import uuid

import kafka.protocol.admin.acl
import kafka.protocol.admin.client_quotas
import kafka.protocol.admin.cluster
import kafka.protocol.admin.configs
import kafka.protocol.admin.groups
import kafka.protocol.admin.topics
import kafka.protocol.admin.transactions
import kafka.protocol.admin.users
import kafka.protocol.consumer.fetch
import kafka.protocol.consumer.group
import kafka.protocol.consumer.metadata
import kafka.protocol.consumer.offsets
import kafka.protocol.metadata.api_versions
import kafka.protocol.metadata.find_coordinator
import kafka.protocol.metadata.metadata
import kafka.protocol.producer.produce
import kafka.protocol.producer.transaction

MODULES = [
    kafka.protocol.admin.acl,
    kafka.protocol.admin.client_quotas,
    kafka.protocol.admin.cluster,
    kafka.protocol.admin.configs,
    kafka.protocol.admin.groups,
    kafka.protocol.admin.topics,
    kafka.protocol.admin.transactions,
    kafka.protocol.admin.users,
    kafka.protocol.consumer.fetch,
    kafka.protocol.consumer.group,
    kafka.protocol.consumer.metadata,
    kafka.protocol.consumer.offsets,
    kafka.protocol.metadata.api_versions,
    kafka.protocol.metadata.find_coordinator,
    kafka.protocol.metadata.metadata,
    kafka.protocol.producer.produce,
    kafka.protocol.producer.transaction,
]
VERSIONS = {
    "Produce": (0, 13),
    "Fetch": (0, 18),
    "ListOffsets": (0, 11),
    "Metadata": (0, 13),
    "OffsetCommit": (0, 10),
    "OffsetFetch": (0, 10),
    "FindCoordinator": (0, 6),
    "JoinGroup": (0, 9),
    "Heartbeat": (0, 4),
    "LeaveGroup": (0, 5),
    "SyncGroup": (0, 5),
    "DescribeGroups": (0, 6),
    "ListGroups": (0, 5),
    "ApiVersions": (0, 4),
    "CreateTopics": (0, 7),
    "DeleteTopics": (0, 6),
    "InitProducerId": (0, 5),
    "OffsetForLeaderEpoch": (0, 4),
    "AddPartitionsToTxn": (0, 5),
    "AddOffsetsToTxn": (0, 4),
    "EndTxn": (0, 5),
    "WriteTxnMarkers": (1, 2),
    "TxnOffsetCommit": (0, 5),
    "DescribeConfigs": (0, 4),
    "DeleteGroups": (0, 2),
    "OffsetDelete": (0, 0),
    "DescribeProducers": (0, 0),
    "DescribeTransactions": (0, 0),
    "ListTransactions": (0, 2),
    "DescribeCluster": (0, 2),
    "AlterConfigs": (0, 2),
    "IncrementalAlterConfigs": (0, 1),
    "ListConfigResources": (0, 1),
    "CreatePartitions": (0, 3),
    "DeleteRecords": (0, 2),
    "DescribeTopicPartitions": (0, 0),
    "DescribeLogDirs": (0, 5),
    "AlterReplicaLogDirs": (0, 2),
    "ElectLeaders": (0, 2),
    "AlterPartitionReassignments": (0, 1),
    "ListPartitionReassignments": (0, 0),
    "DescribeQuorum": (0, 2),
    "UpdateFeatures": (0, 2),
    "DescribeClientQuotas": (0, 1),
    "AlterClientQuotas": (0, 1),
    "DescribeUserScramCredentials": (0, 0),
    "AlterUserScramCredentials": (0, 0),
    "DescribeAcls": (0, 3),
    "CreateAcls": (0, 3),
    "DeleteAcls": (0, 3),
}
# Messages that kafka-python does not know: versions, and the fields of request and response in the order of the wire: name
# (with a question mark when it may be null), type, first version. A list is an array of structures, a tuple one structure.
# All are flexible.
TOPIC_PARTITIONS = [("topic_id", "uuid"), ("partitions", "[]int32")]
DESCRIBED_PARTITIONS = [("topic_id", "uuid"), ("topic_name", "string"), ("partitions", "[]int32")]
MESSAGES = {
    "ConsumerGroupHeartbeat": (
        (0, 1),
        [
            ("group_id", "string"), ("member_id", "string"), ("member_epoch", "int32"), ("instance_id?", "string"),
            ("rack_id?", "string"), ("rebalance_timeout_ms", "int32"), ("subscribed_topic_names?", "[]string"),
            ("subscribed_topic_regex?", "string", 1), ("server_assignor?", "string"),
            ("topic_partitions?", TOPIC_PARTITIONS),
        ],
        [
            ("throttle_time_ms", "int32"), ("error_code", "int16"), ("error_message?", "string"),
            ("member_id?", "string"), ("member_epoch", "int32"), ("heartbeat_interval_ms", "int32"),
            ("assignment?", (("topic_partitions", TOPIC_PARTITIONS),)),
        ],
    ),
    "ConsumerGroupDescribe": (
        (0, 1),
        [("group_ids", "[]string"), ("include_authorized_operations", "bool")],
        [
            ("throttle_time_ms", "int32"),
            (
                "groups",
                [
                    ("error_code", "int16"), ("error_message?", "string"), ("group_id", "string"),
                    ("group_state", "string"), ("group_epoch", "int32"), ("assignment_epoch", "int32"),
                    ("assignor_name", "string"),
                    (
                        "group_members",
                        [
                            ("member_id", "string"), ("instance_id?", "string"), ("rack_id?", "string"),
                            ("member_epoch", "int32"), ("client_id", "string"), ("client_host", "string"),
                            ("subscribed_topic_names", "[]string"), ("subscribed_topic_regex?", "string"),
                            ("assignment", (("topic_partitions", DESCRIBED_PARTITIONS),)),
                            ("target_assignment", (("topic_partitions", DESCRIBED_PARTITIONS),)),
                            ("member_type", "int8", 1),
                        ],
                    ),
                    ("authorized_operations", "int32"),
                ],
            ),
        ],
    ),
}
# Arrays of structures that keep an element in sparse messages, so that the element's own nulls are seen.
KEPT = ("topic", "response", "partition", "group", "result", "config", "coord")
# Messages whose tagged fields are read and written, with the first version that has some; and those that are not.
TAGGED = {"FetchRequest": 12, "FetchResponse": 12, "ApiVersionsResponse": 3}
UNTOLD = ("snapshot_id", "zk_migration_ready")


class Builder:
    """Fills the fields of one message with values that count up."""

    def __init__(self, version, sparse, tagged):
        self.version = version
        self.sparse = sparse
        self.tagged = tagged
        self.counter = itertools.count(1)

    def fields(self, definitions):
        return {
            field.name: self.value(field)
            for field in definitions
            if (field.tag is None or self.tagged and field.name not in UNTOLD) and field.for_version_q(self.version)
        }

    def value(self, field):
        kind = field._json["type"]
        if self.sparse and field.nullable_for_version_q(self.version):
            return None
        if kind.startswith("[]") and kind[2].isupper():
            count = 2 if not self.sparse else 1 if field.name.startswith(KEPT) else 0
            return [
                types.SimpleNamespace(tags=None, unknown_tags=None, **self.fields(field._fields)) for _ in range(count)
            ]
        if kind[0].isupper():
            return types.SimpleNamespace(tags=None, unknown_tags=None, **self.fields(field._fields))
        if kind.startswith("[]"):
            return [] if self.sparse else [self.scalar(field, kind[2:]) for _ in range(2)]
        return self.scalar(field, kind)

    def scalar(self, field, kind):
        number = next(self.counter)
        if field.name in ("error_code", "partition_error_code"):
            return 3
        if field.name in ("config_source", "source"):
            return number % 5 + 1
        if field.name == "config_type":
            return number % 9 + 1
        return {
            "string": "" if self.sparse else f"text-{number}",
            "bool": not self.sparse,
            "records": bytes(range(5)),
            "bytes": b"" if self.sparse else bytes(range(number % 200, number % 200 + 3)),
            "uuid": uuid.UUID(int=(number << 100) + 12345),
            "bitfield": {1, 3, 5},
            "int8": number,
            "int16": number * 37,
            "uint16": number * 3700 % 65536,
            "float64": number * (-1.25 if self.sparse else 1.25),
            "int32": number * (-70001 if self.sparse else 70001),
            "int64": number * (1 << 33) + 1,
        }[kind]


class Encoder:
    """Writes the fields of one message that is not in kafka-python, with values as the Builder chooses them."""

    def __init__(self, version, sparse):
        self.version = version
        self.sparse = sparse
        self.builder = Builder(version, sparse, False)

    def structure(self, fields):
        wanted = (field for field in fields if len(field) < 3 or field[2] <= self.version)
        return b"".join(self.field(field[0], field[1]) for field in wanted) + b"\0"

    def field(self, name, kind):
        is_null = self.sparse and name.endswith("?")
        if isinstance(kind, tuple):
            mark = b"" if not name.endswith("?") else b"\xff" if is_null else b"\x01"
            return mark if is_null else mark + self.structure(kind)
        if is_null:
            return b"\0"
        if isinstance(kind, list):
            count = 2 if not self.sparse else 1 if name.startswith(KEPT) else 0
            return varint(count + 1) + b"".join(self.structure(kind) for _ in range(count))
        if kind.startswith("[]"):
            count = 0 if self.sparse else 2
            return varint(count + 1) + b"".join(self.scalar(name, kind[2:]) for _ in range(count))
        return self.scalar(name, kind)

    def scalar(self, name, kind):
        value = self.builder.scalar(types.SimpleNamespace(name=name), kind)
        if kind == "string":
            return varint(len(value) + 1) + value.encode()
        if kind == "uuid":
            return value.bytes
        return int(value).to_bytes({"bool": 1, "int8": 1, "int16": 2, "int32": 4}[kind], "big", signed=True)


def varint(number):
    """An unsigned varint of one byte, which is enough here."""
    assert 0 <= number < 128
    return bytes([number])


def find(name):
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


for api, (first, last) in VERSIONS.items():
    for suffix in ("Request", "Response"):
        message = find(api + suffix)
        for version in range(first, last + 1):
            has_tags = version >= TAGGED.get(api + suffix, 1000)
            for word in ("full", "sparse", "tagged") if has_tags else ("full", "sparse"):
                builder = Builder(version, word == "sparse", word == "tagged")
                built = message(version=version, **builder.fields(message._struct._fields))
                print(api + suffix, version, word, bytes(built.encode(version=version)).hex())
for api, ((first, last), *messages) in MESSAGES.items():
    for suffix, fields in zip(("Request", "Response"), messages):
        for version in range(first, last + 1):
            for word in ("full", "sparse"):
                encoder = Encoder(version, word == "sparse")
                print(api + suffix, version, word, encoder.structure(fields).hex())
