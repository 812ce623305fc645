"""What 1000 connections, 4000 partitions and 500 groups cost in memory, and that it does not grow with time."""

import pathlib
import re
import socket
import struct

import pytest
from conftest import Appliance
from test_hostile_requests import Connection, ask, header, join, part

CONNECTIONS, TOPICS, PARTITIONS, GROUPS = 1000, 500, 8, 500
# Bytes that one of them may take.
EACH_MAX = 8 << 10
# Bytes that forty rounds of the same may add: what the allocator keeps for itself.
GROWTH_MAX = 2 << 20


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    running = Appliance(tmp_path_factory.mktemp("scale") / "data")
    yield running
    running.stop()


def open_connections(broker, count):
    """Connections that have each asked for the versions, as every client does."""
    host, port = broker.broker.rsplit(":", 1)
    body = header(18, 0, 3)
    opened = []
    for _ in range(count):
        connection = socket.create_connection((host, int(port)), 10)
        connection.sendall(struct.pack(">i", len(body)) + body)
        opened.append(connection)
    for connection in opened:
        size = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))[0]
        assert len(connection.recv(size, socket.MSG_WAITALL)) == size
    return opened


def create_topics(broker, names, partitions):
    connection = Connection(broker.broker, timeout=120)
    for first in range(0, len(names), 50):
        topics = [
            part(name=name, num_partitions=partitions, replication_factor=1, assignments=[], configs=[])
            for name in names[first : first + 50]
        ]
        response = ask(connection, "CreateTopics", 7, topics=topics, timeout_ms=60_000, validate_only=False)
        assert not any(topic.error_code for topic in response.topics)
    connection.close()


def produce_everywhere(broker, names, partitions):
    """One small record to each partition, so that each has begun its files."""
    record = b"\x0e\x00\x00\x00\x01\x02\x78\x00"
    body = struct.pack(">hiqqqhii", 0, 0, 1700000000000, 1700000000000, -1, -1, -1, 1) + record
    batch = struct.pack(">qiibI", 0, 9 + len(body), -1, 2, crc32c(body)) + body
    connection = Connection(broker.broker, timeout=120)
    for name in names:
        data = [part(name=name, partition_data=[part(index=i, records=batch) for i in range(partitions)])]
        response = ask(
            connection, "Produce", 9, transactional_id=None, acks=1, timeout_ms=60_000, topic_data=data
        )
        assert not any(p.error_code for p in response.responses[0].partition_responses)
    connection.close()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def join_group(connection, group):
    """A classic member of the group, alone and with its assignment."""
    name, _, fields = join(group_id=group, session_timeout_ms=1_000_000)
    joined = ask(connection, name, 3, **{k: v for k, v in fields.items() if k != "group_instance_id"})
    assert joined.error_code == 0
    synced = ask(
        connection, "SyncGroup", 2, group_id=group, generation_id=joined.generation_id, member_id=joined.member_id,
        assignments=[part(member_id=joined.member_id, assignment=b"x" * 50)],
    )
    assert synced.error_code == 0
    return joined.member_id


def measured(broker, before, count, what):
    each = (broker.memory_bytes() - before) // count
    print(f"{what}: {each} bytes each")
    assert each <= EACH_MAX, f"{what}: {each} bytes each"


def test_connections_partitions_and_groups_are_small(broker):
    for connection in open_connections(broker, 50):
        connection.close()
    before = broker.memory_bytes()
    opened = open_connections(broker, CONNECTIONS)
    measured(broker, before, CONNECTIONS, "connections")
    names = [f"topic-{i}" for i in range(TOPICS)]
    before = broker.memory_bytes()
    create_topics(broker, names, PARTITIONS)
    produce_everywhere(broker, names, PARTITIONS)
    measured(broker, before, TOPICS * PARTITIONS, "partitions")
    before = broker.memory_bytes()
    connection = Connection(broker.broker, timeout=60)
    for index in range(GROUPS):
        join_group(connection, f"group-{index}")
    measured(broker, before, GROUPS, "groups")
    for each in opened:
        each.close()
    connection.close()


def test_room_for_descriptors_is_made_before_there_are_threads(broker):
    """Linux lets all threads that open files wait some 15 ms whenever the table of a process with threads grows."""
    status = pathlib.Path(f"/proc/{broker.process.pid}/status").read_text()
    assert int(re.search(r"FDSize:\s+(\d+)", status)[1]) >= 4096


def test_groups_that_go_leave_nothing_behind(broker):
    """500 live groups at once, three times over: what the first had served the others."""
    connection = Connection(broker.broker, timeout=60)
    held = []
    for wave in range(3):
        members = {f"wave-{wave}-{index}": None for index in range(GROUPS)}
        for group in members:
            members[group] = join_group(connection, group)
        listed = ask(connection, "ListGroups", 4, states_filter=["Stable"]).groups
        assert {group.group_id for group in listed} >= members.keys(), "all are live at once"
        held.append(broker.memory_bytes())
        for group, member in members.items():
            left = ask(connection, "LeaveGroup", 2, group_id=group, member_id=member)
            assert left.error_code == 0
        listed = ask(connection, "ListGroups", 4, states_filter=[]).groups
        assert not members.keys() & {group.group_id for group in listed}
    print(f"with {GROUPS} groups: {held} bytes")
    assert held[2] - held[0] <= GROWTH_MAX
    connection.close()


def test_memory_does_not_grow_with_time(broker):
    connection = Connection(broker.broker, timeout=60)

    def one_round(number):
        for each in open_connections(broker, 50):
            each.close()
        for index in range(10):
            group = f"random-{number}-{index}"
            member = join_group(connection, group)
            left = ask(connection, "LeaveGroup", 2, group_id=group, member_id=member)
            assert left.error_code == 0
        ask(
            connection, "Metadata", 9, topics=None, allow_auto_topic_creation=False,
            include_cluster_authorized_operations=False, include_topic_authorized_operations=False,
        )

    for number in range(20):
        one_round(number)
    before = broker.memory_bytes()
    for number in range(20, 60):
        one_round(number)
    grown = broker.memory_bytes() - before
    print(f"forty rounds: {grown} bytes")
    assert grown <= GROWTH_MAX
