"""Writes vectors.txt: every message of KafkaWire in every version, encoded by kafka-python.

    python vectors.py > vectors.txt

Each line is `MESSAGE VERSION full|sparse|tagged HEX`. Full messages have two elements in every array and a different value in every
field; sparse ones have nulls, empty strings and empty arrays where they are allowed; tagged ones, of messages in which tagged fields
are written, are full ones with these.
"""

import itertools
import types
import uuid

import kafka.protocol.admin.cluster
import kafka.protocol.admin.configs
import kafka.protocol.admin.groups
import kafka.protocol.admin.topics
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
    kafka.protocol.admin.cluster,
    kafka.protocol.admin.configs,
    kafka.protocol.admin.groups,
    kafka.protocol.admin.topics,
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
    "OffsetCommit": (0, 8),
    "OffsetFetch": (0, 8),
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
    "InitProducerId": (0, 4),
    "OffsetForLeaderEpoch": (0, 4),
    "DescribeConfigs": (0, 4),
    "DeleteGroups": (0, 2),
    "OffsetDelete": (0, 0),
    "DescribeCluster": (0, 0),
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
        if field.name == "error_code":
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
            "int32": number * (-70001 if self.sparse else 70001),
            "int64": number * (1 << 33) + 1,
        }[kind]


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
