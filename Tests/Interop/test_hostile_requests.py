"""Every request that the broker says it takes, cut, overwritten and out of range: Kafka's error or a closed connection, and
memory that does not follow what a client claims."""

import random
import socket
import struct
import types

import kafka.protocol.admin
import kafka.protocol.consumer
import kafka.protocol.metadata
import kafka.protocol.producer
import pytest
from conftest import ROOT, Appliance, sluice, wait_for
from kafka.protocol.api_message import ApiMessage

# Memory that a run of hostile requests may leave behind.
MEMORY_MAX = 64 << 20
# Requests that make partitions: a damaged count would be obeyed, up to the limit of the broker.
MAKES_PARTITIONS = {19, 37}
API_VERSIONS = 18
PATTERNS = [b"\xff", b"\x7f", b"\x80", b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0"]


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    running = Appliance(tmp_path_factory.mktemp("hostile") / "data", "--set", "kafka.auto_create=false")
    yield running
    running.stop()


class Connection:
    """Frames there and back; opened again when the broker has closed it."""

    def __init__(self, address, timeout=5):
        host, port = address.rsplit(":", 1)
        self.address, self.timeout, self.socket, self.closed = (host, int(port)), timeout, None, 0

    def exchange(self, frame, timeout=None):
        """Sends one request; returns the answer, or None when the connection was closed or nothing came in time."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, self.timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(timeout or self.timeout)
        try:
            self.socket.sendall(struct.pack(">i", len(frame)) + frame)
            return self.take(struct.unpack(">i", self.take(4))[0])
        except (ConnectionError, TimeoutError):
            self.close()
            self.closed += 1
            return None

    def take(self, count):
        got = b""
        while len(got) < count:
            chunk = self.socket.recv(count - len(got))
            if not chunk:
                raise ConnectionResetError("closed")
            got += chunk
        return got

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


def served(address):
    """What the broker advertises: versions by API."""
    answer = Connection(address).exchange(struct.pack(">hhih", API_VERSIONS, 0, 7, -1))
    _, error, count = struct.unpack(">ihi", answer[:10])
    assert error == 0
    entries = [struct.unpack(">hhh", answer[10 + 6 * i : 16 + 6 * i]) for i in range(count)]
    return {key: range(low, high + 1) for key, low, high in entries}


def classes(base=ApiMessage):
    for each in base.__subclasses__():
        yield each
        yield from classes(each)


MESSAGES = {each.name: each for each in classes() if each._class_version is None}
# Those that kafka-python does not know, which are flexible in every version.
NEW_KEYS = {"ConsumerGroupHeartbeatRequest": 68, "ConsumerGroupDescribeRequest": 69}


def header(key, version, first_flexible):
    return struct.pack(">hhih", key, version, 7, -1) + (b"\0" if version >= first_flexible else b"")


def requests():
    """Every request in every version, whole, as a client sends it: API, version, header and body."""
    for line in (ROOT / "Tests" / "KafkaWireTests" / "vectors.txt").read_text().splitlines():
        name, version, word, body = line.split(" ")
        if not name.endswith("Request") or word != "full":
            continue
        key = NEW_KEYS[name] if name in NEW_KEYS else MESSAGES[name].API_KEY
        first_flexible = 0 if name in NEW_KEYS else MESSAGES[name]._flexible_versions[0]
        yield key, int(version), header(key, int(version), first_flexible), bytes.fromhex(body)


def newest():
    """The newest version of every request."""
    return {key: (version, head, body) for key, version, head, body in requests()}


def assert_unharmed(broker, before):
    assert broker.process.poll() is None, "the broker has ended"
    assert sluice("topic", "list", broker=broker.broker).returncode == 0
    grown = broker.memory_bytes() - before
    assert grown < MEMORY_MAX, f"memory has grown by {grown >> 20} MiB"


def test_everything_that_is_advertised_is_attacked(broker):
    advertised = served(broker.broker)
    listed = {}
    for key, version, _, _ in requests():
        listed.setdefault(key, set()).add(version)
    assert listed.keys() == advertised.keys()
    for key, versions in listed.items():
        assert versions <= set(advertised[key])


def test_cut_requests_cost_their_connection(broker):
    before, generator = broker.memory_bytes(), random.Random(1)
    last = {key: version for key, (version, _, _) in newest().items()}
    connection = Connection(broker.broker)
    for key, version, head, body in requests():
        cuts = range(len(body))
        if version != last[key]:
            cuts = generator.sample(cuts, min(5, len(body)))
        for cut in cuts:
            assert connection.exchange(head + body[:cut]) is None, f"API {key} version {version} cut at {cut}"
    assert connection.closed > 1000
    assert_unharmed(broker, before)


def test_damaged_requests_harm_nobody(broker):
    before, generator = broker.memory_bytes(), random.Random(2)
    last = {key: version for key, (version, _, _) in newest().items()}
    connection, answers = Connection(broker.broker), 0
    for key, version, head, body in requests():
        if key in MAKES_PARTITIONS or not body:
            continue
        places = [(place, pattern) for place in range(len(body)) for pattern in PATTERNS]
        if version != last[key]:
            places = generator.sample(places, min(10, len(places)))
        for place, pattern in places:
            damaged = (body[:place] + pattern + body[place + len(pattern) :])[: len(body)]
            answer = connection.exchange(head + damaged, timeout=0.5)
            if answer is not None:
                answers += 1
                assert answer[:4] == struct.pack(">i", 7), f"API {key} version {version} damaged at {place}"
    assert answers > 5000, "most damage is to a field's value and gets an answer"
    connection.close()
    assert_unharmed(broker, before)


def test_random_bodies_harm_nobody(broker):
    before, generator = broker.memory_bytes(), random.Random(3)
    connection = Connection(broker.broker)
    for key, (version, head, _) in newest().items():
        for _ in range(30):
            connection.exchange(head + generator.randbytes(generator.randint(0, 200)), timeout=0.5)
    connection.close()
    assert_unharmed(broker, before)


@pytest.mark.parametrize("count", [0x7FFFFFFF, 0x10000000, 0xFFFFFFFE])
def test_claimed_counts_take_no_memory(broker, count):
    """Where a body begins with an array or a string, it claims more elements than there are bytes."""
    before, connection = broker.memory_bytes(), Connection(broker.broker)
    for key, version, head, _ in requests():
        is_flexible = head.endswith(b"\xff\xff\0")
        claim = varint(count) if is_flexible else struct.pack(">I", count)
        for lead in (b"", b"\0", b"\0\0\0\0"):
            connection.exchange(head + lead + claim + b"\0" * 1000, timeout=0.5)
    connection.close()
    assert_unharmed(broker, before)


def varint(number):
    encoded = b""
    while number >= 128:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


# MARK: - Fields out of range, and what Kafka answers


def part(**fields):
    return types.SimpleNamespace(tags=None, unknown_tags=None, **fields)


def ask(connection, name, version, **fields):
    """Sends a request of kafka-python's; returns its response."""
    request, response = MESSAGES[name + "Request"], MESSAGES[name + "Response"]
    built = bytes(request(version=version, **fields).encode(version=version))
    answer = connection.exchange(header(request.API_KEY, version, request._flexible_versions[0]) + built)
    assert answer is not None, "closed"
    return response.decode(answer[5 if version >= response._flexible_versions[0] else 4 :], version=version)


def codes(value, fields):
    """Every error code in a response, at any depth, without 0."""
    found = set()
    for field in fields:
        inner = getattr(value, field.name, None)
        if field.name == "error_code" and inner:
            found.add(inner)
        elif getattr(field, "_fields", None) and isinstance(inner, list):
            for element in inner:
                found |= codes(element, field._fields)
    return found


def partitions_of(topic, **fields):
    return [part(name=topic, topic=topic, topic_id=None, partitions=[part(**fields)])]


def fetch(topic="T", session_id=0, session_epoch=-1, **fields):
    partition = dict(
        partition=0, current_leader_epoch=-1, fetch_offset=0, log_start_offset=-1, partition_max_bytes=1000
    )
    return "Fetch", 11, dict(
        replica_id=-1, max_wait_ms=0, min_bytes=0, max_bytes=1000, isolation_level=0, session_id=session_id,
        session_epoch=session_epoch, topics=partitions_of(topic, **(partition | fields)), forgotten_topics_data=[],
        rack_id="",
    )


def produce(acks=1, topic="T", index=0, records=b"", transactional_id=None):
    data = [part(name=topic, partition_data=[part(index=index, records=records)])]
    return "Produce", 9, dict(transactional_id=transactional_id, acks=acks, timeout_ms=1000, topic_data=data)


def list_offsets(topic="T", times=1, **fields):
    partition = dict(partition_index=0, current_leader_epoch=-1, timestamp=-1) | fields
    topics = [part(name=topic, partitions=[part(**partition) for _ in range(times)])]
    return "ListOffsets", 7, dict(replica_id=-1, isolation_level=0, topics=topics)


def create(name="new", num_partitions=1, replication_factor=1, assignments=(), configs=(), times=1):
    topic = part(
        name=name, num_partitions=num_partitions, replication_factor=replication_factor,
        assignments=[part(partition_index=index, broker_ids=[1]) for index in assignments],
        configs=[part(name=key, value=value) for key, value in configs],
    )
    return "CreateTopics", 7, dict(topics=[topic] * times, timeout_ms=1000, validate_only=True)


def join(group_id="hostile", session_timeout_ms=10_000, member_id="", protocols=("range",), protocol_type="consumer"):
    return "JoinGroup", 5, dict(
        group_id=group_id, session_timeout_ms=session_timeout_ms, rebalance_timeout_ms=1000, member_id=member_id,
        group_instance_id=None, protocol_type=protocol_type,
        protocols=[part(name=name, metadata=b"") for name in protocols],
    )


def commit(generation=-1, partition_index=0, committed_metadata="", topic="T", member_id=""):
    partition = part(
        partition_index=partition_index, committed_offset=1, committed_leader_epoch=-1,
        committed_metadata=committed_metadata,
    )
    return "OffsetCommit", 8, dict(
        group_id="nobody", generation_id_or_member_epoch=generation, member_id=member_id, group_instance_id=None,
        topics=[part(name=topic, partitions=[partition])],
    )


def configs(resource_type, resource_name):
    resource = part(resource_type=resource_type, resource_name=resource_name, configuration_keys=None)
    return "DescribeConfigs", 4, dict(resources=[resource], include_synonyms=True, include_documentation=False)


def member(api, version, **fields):
    return api, version, dict(group_id="nobody", generation_id=1, member_id="m", group_instance_id=None) | fields


INT32_MAX = 2**31 - 1
CASES = {
    "acks of 5": (produce(acks=5), 21),
    "produce to partition -1": (produce(index=-1), 3),
    "produce to a large partition": (produce(index=INT32_MAX), 3),
    "produce to no topic": (produce(topic="unknown"), 3),
    "produce nothing": (produce(), 87),
    "produce half a batch": (produce(records=b"\0" * 40), 2),
    "fetch partition -1": (fetch(partition=-1), 3),
    "fetch a large partition": (fetch(partition=INT32_MAX), 3),
    "fetch below the start": (fetch(fetch_offset=-7), 1),
    "fetch beyond the end": (fetch(fetch_offset=2**62), 1),
    "fetch of a future epoch": (fetch(current_leader_epoch=INT32_MAX), 75),
    "fetch in a session that is not there": (fetch(session_id=12345, session_epoch=1), 70),
    "fetch in session 0 with an epoch": (fetch(session_id=0, session_epoch=1), 70),
    "fetch in a session of a negative number": (fetch(session_id=-5, session_epoch=7), 70),
    "fetch with an epoch below -1": (fetch(session_id=0, session_epoch=-2), 70),
    "offsets of partition -1": (list_offsets(partition_index=-1), 3),
    "offsets of no topic": (list_offsets(topic="unknown"), 3),
    "offsets of a partition twice": (list_offsets(times=2), 42),
    "offsets of a timestamp that means nothing": (list_offsets(timestamp=-7), 35),
    "offsets of a timestamp that the version does not know": (list_offsets(timestamp=-4), 35),
    "offsets of the smallest timestamp": (list_offsets(timestamp=-(2**63)), 35),
    "offsets of a future epoch": (list_offsets(current_leader_epoch=INT32_MAX), 75),
    "no partitions": (create(num_partitions=0), 37),
    "partitions below zero": (create(num_partitions=-2), 37),
    "too many partitions": (create(num_partitions=INT32_MAX), 37),
    "no replicas": (create(replication_factor=0), 38),
    "replicas below zero": (create(replication_factor=-2), 38),
    "a topic without a name": (create(name=""), 17),
    "a topic that is a path": (create(name="../x"), 17),
    "a topic with a long name": (create(name="x" * 250), 17),
    "a topic of the broker": (create(name="__consumer_offsets"), 17),
    "a topic that exists": (create(name="T"), 36),
    "a topic twice": (create(times=2), 42),
    "an unknown setting": (create(configs=[("no.such", "1")]), 40),
    "a setting out of range": (create(configs=[("segment.bytes", "-5")]), 40),
    "a setting that is no number": (create(configs=[("retention.ms", "soon")]), 40),
    "a session of no time": (join(session_timeout_ms=0), 26),
    "a session below zero": (join(session_timeout_ms=-1), 26),
    "a session for ever": (join(session_timeout_ms=INT32_MAX), 26),
    "a group without a name": (join(group_id=""), 24),
    "a member without protocols": (join(protocols=()), 23),
    "a member without a protocol type": (join(protocol_type=""), 23),
    "a member that is not known": (join(member_id="who"), 25),
    "sync of no member": (member("SyncGroup", 3, assignments=[]), 25),
    "heartbeat of no member": (member("Heartbeat", 3), 25),
    "heartbeat of no group": (member("Heartbeat", 3, group_id=""), 24),
    "leaving of no member": (
        ("LeaveGroup", 3, dict(group_id="nobody", members=[part(member_id="m", group_instance_id=None)])), 25,
    ),
    "commit for partition -1": (commit(partition_index=-1), 3),
    "commit for no topic": (commit(topic="unknown"), 3),
    "commit with a long text": (commit(committed_metadata="x" * 5000), 12),
    "commit of a generation that is not there": (commit(generation=5, member_id="m"), 22),
    "a coordinator of nothing": (("FindCoordinator", 4, dict(key_type=9, coordinator_keys=["g"])), 42),
    "settings of nothing": (configs(99, "x"), 42),
    "settings of no topic": (configs(2, "unknown"), 3),
    "settings of another broker": (configs(4, "77"), 42),
    "an epoch of partition -1": (
        (
            "OffsetForLeaderEpoch", 3,
            dict(replica_id=-1, topics=partitions_of("T", partition=-1, current_leader_epoch=-1, leader_epoch=0)),
        ), 3,
    ),
    "groups without a name": (("DeleteGroups", 2, dict(groups_names=[""])), 24),
    "groups that are not there": (("DeleteGroups", 2, dict(groups_names=["nobody"])), 69),
    "a deleted topic that is not there": (
        ("DeleteTopics", 6, dict(topics=[part(name="unknown", topic_id=None)], timeout_ms=1000)), 3,
    ),
}


@pytest.fixture(scope="module")
def topic_t(broker):
    sluice("topic", "create", "T", broker=broker.broker)


@pytest.mark.parametrize("case", CASES)
def test_fields_out_of_range_get_kafkas_error(broker, topic_t, case):
    (name, version, fields), expected = CASES[case]
    connection = Connection(broker.broker)
    response = ask(connection, name, version, **fields)
    connection.close()
    assert codes(response, MESSAGES[name + "Response"]._struct._fields) == {expected}


def open_session(connection, partitions=1):
    """A full fetch of partition 0 and of many that are not there; returns the session's number, 0 for none."""
    name, version, fields = fetch(session_epoch=0)
    wanted = fields["topics"][0].partitions[0].__dict__
    fields["topics"][0].partitions = [types.SimpleNamespace(**(wanted | {"partition": i})) for i in range(partitions)]
    return ask(connection, name, version, **fields).session_id


def test_sessions_follow_kafkas_epochs(broker, topic_t):
    connection = Connection(broker.broker)

    def go_on(session, epoch):
        name, version, fields = fetch(session_id=session, session_epoch=epoch)
        return ask(connection, name, version, **(fields | {"topics": []})).error_code

    session = open_session(connection)
    assert session > 0
    for epoch in (2, -2, 2**31 - 1, -(2**31)):
        assert go_on(session, epoch) == 71, epoch
    assert go_on(session, 1) == 0, "a wrong epoch does the session no harm"
    assert go_on(session, 1) == 71
    assert go_on(session, 2) == 0
    assert go_on(session, -1) == 0, "the last fetch of a session"
    assert go_on(session, 3) == 70
    session = open_session(connection)
    connection.close()
    assert go_on(session, 1) == 70, "a session ends with its connection"
    connection.close()


def test_sessions_without_end_take_no_more_memory(broker, topic_t):
    """A client that opens sessions and never uses one: from some number on it gets none, and fetches without."""
    connection = Connection(broker.broker, timeout=60)
    numbers = [open_session(connection, 100) for _ in range(1100)]
    assert len(set(numbers)) == 1001 and numbers.count(0) == 100, "1000 sessions, then none"
    before = broker.memory_bytes()
    for _ in range(20):
        assert [open_session(connection, 100) for _ in range(100)] == [0] * 100
    assert broker.memory_bytes() - before < 4 << 20
    connection.close()
    # With the connection all its sessions go, and others get theirs.
    other = Connection(broker.broker)
    wait_for(lambda: open_session(other) > 0, what="room for a session")
    other.close()
    for _ in range(3):
        again = Connection(broker.broker, timeout=60)
        for _ in range(1000):
            open_session(again, 100)
        again.close()
    assert_unharmed(broker, before)


def test_many_elements_take_memory_for_one_request_only(broker, topic_t):
    """Frames of a megabyte that repeat one small element: the most structures that a byte can claim."""
    before, connection = broker.memory_bytes(), Connection(broker.broker, timeout=60)
    many = 100_000
    for _ in range(3):
        response = ask(
            connection, "Metadata", 9, topics=[part(name="x", topic_id=None)] * many, allow_auto_topic_creation=False,
            include_cluster_authorized_operations=False, include_topic_authorized_operations=False,
        )
        assert [topic.error_code for topic in response.topics] == [3], "a topic is told of once"
        asked = [part(partition_index=0, current_leader_epoch=-1, timestamp=-1)] * many
        name, version, fields = list_offsets()
        response = ask(connection, name, version, **(fields | {"topics": [part(name="T", partitions=asked)]}))
        assert codes(response, MESSAGES["ListOffsetsResponse"]._struct._fields) <= {42}
    connection.close()
    assert_unharmed(broker, before)


def test_clients_that_do_not_read_are_not_answered_without_end(broker):
    """Each asks for much more than the kernel's buffers hold and takes nothing."""
    before = broker.memory_bytes()
    host, port = broker.broker.rsplit(":", 1)
    request = MESSAGES["MetadataRequest"](
        version=9, topics=[part(name=f"x{i}", topic_id=None) for i in range(1000)], allow_auto_topic_creation=False,
        include_cluster_authorized_operations=False, include_topic_authorized_operations=False,
    )
    body = header(3, 9, 9) + bytes(request.encode(version=9))
    frames = (struct.pack(">i", len(body)) + body) * 20
    opened = []
    for _ in range(4):
        connection = socket.create_connection((host, int(port)), 1)
        opened.append(connection)
        with pytest.raises(TimeoutError):
            while True:
                connection.sendall(frames)
    assert_unharmed(broker, before)
    for connection in opened:
        connection.close()
