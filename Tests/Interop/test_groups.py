"""Consumer groups of other people's clients: assignors, rebalances, static members, offsets, restarts."""

import asyncio
import json
import subprocess
import sys
import threading
import uuid

import aiokafka
import aiokafka.coordinator.assignors.range
import aiokafka.coordinator.assignors.roundrobin
import aiokafka.coordinator.assignors.sticky.sticky_assignor
import confluent_kafka
import confluent_kafka.admin
import kafka
import kafka.coordinator.assignors.cooperative_sticky
import kafka.coordinator.assignors.range
import kafka.coordinator.assignors.roundrobin
import kafka.coordinator.assignors.sticky.sticky_assignor
import pytest
from conftest import wait_for

PARTITIONS = 6


def make_topic(broker, name, partitions=PARTITIONS):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker})
    admin.create_topics([confluent_kafka.admin.NewTopic(name, partitions, 1)])[name].result(30)
    return admin


def fill(broker, topic, count, partitions=PARTITIONS, start=0):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker})
    for index in range(start, start + count):
        producer.produce(topic, str(index).encode(), partition=index % partitions)
    assert producer.flush(30) == 0


class Member:
    """A confluent-kafka consumer in a group, with what it was told and what it read."""

    def __init__(self, broker, group, topic, **settings):
        self.events = []
        self.partitions = set()
        self.values = []
        self.errors = []
        self.consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
                "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 200,
                "partition.assignment.strategy": "range",
                **{key.replace("_", "."): value for key, value in settings.items()},
            }
        )
        self.is_cooperative = settings.get("partition_assignment_strategy") == "cooperative-sticky"
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.revoked, on_lost=self.lost)

    def assigned(self, consumer, partitions):
        got = {partition.partition for partition in partitions}
        self.events.append(("assigned", frozenset(got)))
        self.partitions = self.partitions | got if self.is_cooperative else got

    def revoked(self, consumer, partitions):
        gone = {partition.partition for partition in partitions}
        self.events.append(("revoked", frozenset(gone)))
        self.partitions -= gone

    def lost(self, consumer, partitions):
        self.revoked(consumer, partitions)

    def poll(self, seconds=0.05):
        for message in self.consumer.consume(100, seconds):
            if message.error():
                self.errors.append(message.error())
            else:
                self.values.append(int(message.value()))

    def close(self):
        self.consumer.close()


def poll_until(members, condition, what, timeout=60):
    def step():
        for member in members:
            member.poll()
        return condition()

    return wait_for(step, timeout, what)


def is_shared(members, partitions=PARTITIONS):
    sets = [member.partitions for member in members]
    return all(sets) and sum(map(len, sets)) == partitions and len(set().union(*sets)) == partitions


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "cooperative-sticky"])
def test_confluent_kafka_shares_and_takes_over(appliance, topic, strategy):
    make_topic(appliance.broker, topic)
    members = [Member(appliance.broker, topic, topic, partition_assignment_strategy=strategy) for _ in range(2)]
    poll_until(members, lambda: is_shared(members), "two shares")
    members.append(Member(appliance.broker, topic, topic, partition_assignment_strategy=strategy))
    poll_until(members, lambda: is_shared(members), "three shares")
    fill(appliance.broker, topic, 120)
    poll_until(members, lambda: sum(len(m.values) for m in members) >= 120, "all messages")
    assert sorted(sum((m.values for m in members), [])) == list(range(120))
    left = members.pop()
    left.close()
    poll_until(members, lambda: is_shared(members), "the leaver's share to be taken over")
    for member in members:
        assert not member.errors
        member.close()


def test_cooperative_members_keep_what_stays_theirs(appliance, topic):
    make_topic(appliance.broker, topic)
    strategy = "cooperative-sticky"
    first = Member(appliance.broker, topic, topic, partition_assignment_strategy=strategy)
    poll_until([first], lambda: len(first.partitions) == PARTITIONS, "all partitions")
    second = Member(appliance.broker, topic, topic, partition_assignment_strategy=strategy)
    both = [first, second]
    poll_until(both, lambda: is_shared(both), "two shares")
    revoked = [partitions for what, partitions in first.events if what == "revoked"]
    assert [len(partitions) for partitions in revoked] == [PARTITIONS // 2]
    first.close()
    second.close()


def test_kcat_in_a_group(appliance, topic):
    make_topic(appliance.broker, topic)
    fill(appliance.broker, topic, 60)
    command = [
        "kcat", "-b", appliance.broker, "-G", topic, "-X", "auto.offset.reset=earliest", "-c", "60", "-u", topic
    ]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert sorted(map(int, done.stdout.split())) == list(range(60)), done.stderr
    # What it read is committed: the next one sees only what is new.
    fill(appliance.broker, topic, 6, start=60)
    command[command.index("-c") + 1] = "6"
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    assert sorted(map(int, done.stdout.split())) == list(range(60, 66)), done.stderr


KAFKA_PYTHON = {
    "range": kafka.coordinator.assignors.range.RangePartitionAssignor,
    "roundrobin": kafka.coordinator.assignors.roundrobin.RoundRobinPartitionAssignor,
    "sticky": kafka.coordinator.assignors.sticky.sticky_assignor.StickyPartitionAssignor,
    "cooperative-sticky": kafka.coordinator.assignors.cooperative_sticky.CooperativeStickyAssignor,
}


class PythonMember(threading.Thread):
    """A kafka-python consumer on a thread of its own: its poll waits while the group rebalances."""

    def __init__(self, topic, **settings):
        super().__init__(daemon=True)
        self.topic, self.settings = topic, settings
        self.partitions, self.values, self.is_leaving = set(), [], threading.Event()
        self.start()

    def run(self):
        consumer = kafka.KafkaConsumer(self.topic, **self.settings)
        while not self.is_leaving.is_set():
            # 3.0.12 can lose its way when a poll ends in the midst of a rebalance, which takes some 100 ms.
            for records in consumer.poll(1000).values():
                self.values.extend(int(record.value) for record in records)
            self.partitions = {partition.partition for partition in consumer.assignment()}
        consumer.close()

    def leave(self):
        self.is_leaving.set()
        self.join(60)
        assert not self.is_alive()


@pytest.mark.parametrize("assignor", KAFKA_PYTHON)
def test_kafka_python_shares_and_takes_over(appliance, topic, assignor):
    admin = make_topic(appliance.broker, topic)
    settings = {
        "bootstrap_servers": appliance.broker, "group_id": topic, "auto_offset_reset": "earliest",
        "partition_assignment_strategy": [KAFKA_PYTHON[assignor]], "heartbeat_interval_ms": 200,
        "session_timeout_ms": 6000, "enable_auto_commit": False,
    }
    members = [PythonMember(topic, **settings) for _ in range(2)]
    wait_for(lambda: is_shared(members), 60, "two shares")
    members.append(PythonMember(topic, **settings))
    wait_for(lambda: is_shared(members), 60, "three shares")
    described = admin.describe_consumer_groups([topic])[topic].result(30)
    assert described.state == confluent_kafka.ConsumerGroupState.STABLE
    assert described.partition_assignor == assignor and len(described.members) == 3
    fill(appliance.broker, topic, 60)
    wait_for(lambda: sum(len(member.values) for member in members) >= 60, 60, "all messages")
    assert sorted(sum((member.values for member in members), [])) == list(range(60))
    while members:
        members.pop(0).leave()
        if members:
            wait_for(lambda: is_shared(members), 60, "what the leaver had to be taken over")


AIOKAFKA = {
    "range": aiokafka.coordinator.assignors.range.RangePartitionAssignor,
    "roundrobin": aiokafka.coordinator.assignors.roundrobin.RoundRobinPartitionAssignor,
    "sticky": aiokafka.coordinator.assignors.sticky.sticky_assignor.StickyPartitionAssignor,
}


@pytest.mark.parametrize("assignor", AIOKAFKA)
def test_aiokafka_shares_and_takes_over(appliance, topic, assignor):
    make_topic(appliance.broker, topic)
    fill(appliance.broker, topic, 60)

    async def go():
        async def join():
            member = aiokafka.AIOKafkaConsumer(
                topic, bootstrap_servers=appliance.broker, group_id=topic, auto_offset_reset="earliest",
                partition_assignment_strategy=[AIOKAFKA[assignor]], heartbeat_interval_ms=200,
                session_timeout_ms=6000, enable_auto_commit=False,
            )
            await member.start()
            return member

        members = [await join(), await join()]
        got = set()

        async def poll(condition):
            async with asyncio.timeout(60):
                while not condition():
                    for member in members:
                        for records in (await member.getmany(timeout_ms=100)).values():
                            got.update(int(record.value) for record in records)

        def is_split():
            sets = [member.assignment() for member in members]
            return all(sets) and sum(map(len, sets)) == PARTITIONS and len(set().union(*sets)) == PARTITIONS

        await poll(is_split)
        await poll(lambda: len(got) == 60)
        members.append(await join())
        await poll(is_split)
        while members:
            await members.pop(0).stop()
            if members:
                await poll(is_split)

    asyncio.run(go())


CHILD = """
import json, sys
import confluent_kafka
consumer = confluent_kafka.Consumer(json.loads(sys.argv[1]))
consumer.subscribe([sys.argv[2]], on_assign=lambda _, partitions: print(len(partitions), flush=True))
while True:
    consumer.poll(0.1)
"""


def test_a_member_that_dies_is_replaced(appliance, topic):
    make_topic(appliance.broker, topic)
    settings = {"bootstrap.servers": appliance.broker, "group.id": topic, "session.timeout.ms": 2000,
                "heartbeat.interval.ms": 200, "partition.assignment.strategy": "range"}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps(settings), topic], stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline().strip() == str(PARTITIONS)
        member = Member(appliance.broker, topic, topic)
        poll_until([member], lambda: len(member.partitions) == PARTITIONS // 2, "a share")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    poll_until([member], lambda: len(member.partitions) == PARTITIONS, "the dead member's share")
    member.close()


def test_commits_are_where_the_next_member_begins(appliance, topic):
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 100, 1)
    first = Member(appliance.broker, topic, topic)
    poll_until([first], lambda: len(first.values) == 100, "all messages")
    first.consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, 0, 40)], asynchronous=False)
    first.close()
    second = Member(appliance.broker, topic, topic)
    poll_until([second], lambda: len(second.values) == 60, "the rest")
    assert second.values == list(range(40, 100))
    second.close()


def test_a_static_member_starts_again_without_a_rebalance(appliance, topic):
    make_topic(appliance.broker, topic)
    members = [
        Member(appliance.broker, topic, topic, group_instance_id=f"instance-{index}", session_timeout_ms=30000)
        for index in range(2)
    ]
    poll_until(members, lambda: is_shared(members), "two shares")
    before = frozenset(members[1].partitions)
    count = len(members[0].events)
    # A static member does not leave when it is closed.
    members[1].close()
    members[1] = Member(
        appliance.broker, topic, topic, group_instance_id="instance-1", session_timeout_ms=30000
    )
    poll_until(members, lambda: members[1].partitions == before, "the former share")
    assert len(members[0].events) == count, "the other member was disturbed"
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": appliance.broker})
    described = admin.describe_consumer_groups([topic])[topic].result(30)
    assert {m.group_instance_id for m in described.members} == {"instance-0", "instance-1"}
    for member in members:
        member.close()


def test_a_second_static_member_of_the_same_name_fences_the_first(appliance, topic):
    make_topic(appliance.broker, topic)
    first = Member(appliance.broker, topic, topic, group_instance_id="only")
    poll_until([first], lambda: len(first.partitions) == PARTITIONS, "all partitions")
    second = Member(appliance.broker, topic, topic, group_instance_id="only")
    poll_until([first, second], lambda: len(second.partitions) == PARTITIONS and first.errors, "the fence")
    # librdkafka makes a fatal error of the consumer out of it.
    assert "Static consumer fenced" in first.errors[0].str()
    first.close()
    second.close()


def test_members_survive_kill_9_of_the_broker(own_appliance, topic):
    """The members of a restarted broker keep their generation: nobody is told to give anything up."""
    appliance = own_appliance()
    admin = make_topic(appliance.broker, topic)
    members = [Member(appliance.broker, topic, topic, session_timeout_ms=30000) for _ in range(2)]
    poll_until(members, lambda: is_shared(members), "two shares")
    fill(appliance.broker, topic, 60)
    poll_until(members, lambda: sum(len(m.values) for m in members) == 60, "all messages")
    for member in members:
        member.consumer.commit(asynchronous=False)
    events = [list(member.events) for member in members]
    ids = {m.member_id for m in admin.describe_consumer_groups([topic])[topic].result(30).members}
    appliance.listen = appliance.broker
    appliance.kill()
    appliance.start()
    fill(appliance.broker, topic, 60, start=60)
    poll_until(members, lambda: sum(len(m.values) for m in members) == 120, "the messages after the restart")
    for member in members:
        member.consumer.commit(asynchronous=False)
    assert [member.events for member in members] == events
    described = admin.describe_consumer_groups([topic])[topic].result(30)
    assert {m.member_id for m in described.members} == ids
    assert sorted(sum((m.values for m in members), [])) == list(range(120))
    for member in members:
        member.close()
    # What was committed is still there after another kill.
    appliance.listen = appliance.broker
    appliance.kill()
    appliance.start()
    late = Member(appliance.broker, topic, topic)
    fill(appliance.broker, topic, 6, start=120)
    poll_until([late], lambda: len(late.values) >= 6, "the last messages")
    assert sorted(late.values) == list(range(120, 126))
    late.close()
    appliance.stop()


def test_groups_of_random_names_leave_nothing_behind(appliance, topic):
    """Tools that take a new group for each run, such as saluki and the forwarder."""
    make_topic(appliance.broker, topic, 1)
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": appliance.broker})
    names = [f"{topic}-{uuid.uuid4()}" for _ in range(500)]
    memory = None
    for first in range(0, 500, 50):
        members = [
            Member(appliance.broker, name, topic, auto_offset_reset="latest") for name in names[first:first + 50]
        ]
        poll_until(members, lambda: all(member.partitions for member in members), "fifty groups")
        for member in members:
            member.close()
        memory = memory or appliance.memory_bytes()
    groups = {group.group_id for group in admin.list_consumer_groups().result(30).valid}
    assert not groups.intersection(names)
    assert appliance.memory_bytes() < memory + (16 << 20)


def test_administration(appliance, topic):
    admin = make_topic(appliance.broker, topic)
    fill(appliance.broker, topic, 60)
    member = Member(appliance.broker, topic, topic)
    poll_until([member], lambda: len(member.values) == 60, "all messages")
    member.consumer.commit(asynchronous=False)
    stable = admin.list_consumer_groups(states={confluent_kafka.ConsumerGroupState.STABLE}).result(30).valid
    assert topic in {group.group_id for group in stable}
    wanted = confluent_kafka.ConsumerGroupTopicPartitions(topic)
    told = admin.list_consumer_group_offsets([wanted])[topic].result(30)
    assert {p.partition: p.offset for p in told.topic_partitions} == dict.fromkeys(range(PARTITIONS), 10)
    back = confluent_kafka.ConsumerGroupTopicPartitions(topic, [confluent_kafka.TopicPartition(topic, 0, 3)])
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        admin.delete_consumer_groups([topic])[topic].result(30)
    assert refused.value.args[0].code() == confluent_kafka.KafkaError.NON_EMPTY_GROUP
    member.close()
    admin.alter_consumer_group_offsets([back])[topic].result(30)
    again = Member(appliance.broker, topic, topic)
    poll_until([again], lambda: len(again.values) == 7, "the messages behind the new offset")
    again.close()
    admin.delete_consumer_groups([topic])[topic].result(30)
    assert topic not in {group.group_id for group in admin.list_consumer_groups().result(30).valid}


def test_kafka_python_administration(appliance, topic):
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 10, 1)
    consumer = kafka.KafkaConsumer(
        topic, bootstrap_servers=appliance.broker, group_id=topic, auto_offset_reset="earliest"
    )
    wait_for(lambda: consumer.poll(500), 60, "messages")
    consumer.commit()
    admin = kafka.admin.KafkaAdminClient(bootstrap_servers=appliance.broker)
    described = admin.describe_groups([topic])[topic]
    text = json.dumps(described, default=str)
    assert "Stable" in text and "consumer" in text
    consumer.close()
    offsets = admin.list_group_offsets({topic: None})[topic]
    assert [value.offset for value in offsets.values()] == [10]
    admin.delete_groups([topic])
    admin.close()


# The facility's programs, with their own settings (as far as groups matter).


def test_event_aggregator(own_appliance, topic):
    """A fixed group, commits by itself every five seconds, large fetches; goes on where it was."""
    appliance = own_appliance()
    make_topic(appliance.broker, topic, 3)
    settings = {
        "enable_auto_commit": True, "auto_commit_interval_ms": 5000, "fetch_min_bytes": 1 << 20,
        "fetch_wait_max_ms": 500, "fetch_message_max_bytes": 64 << 20, "queued_max_messages_kbytes": 2097151,
    }
    group = "kafka-event-aggregator-demo"
    first = Member(appliance.broker, group, topic, **settings)
    fill(appliance.broker, topic, 30, 3)
    poll_until([first], lambda: len(first.values) == 30, "all events")
    # Closing commits what was read.
    first.close()
    appliance.listen = appliance.broker
    appliance.kill()
    appliance.start()
    fill(appliance.broker, topic, 3, 3, start=30)
    second = Member(appliance.broker, group, topic, **settings)
    poll_until([second], lambda: len(second.values) >= 3, "the new events")
    assert sorted(second.values) == [30, 31, 32]
    second.close()
    appliance.stop()


def test_file_writer_pool(appliance, topic):
    """Idle writers share a group; one takes a job, commits it at once, leaves the pool, and the other takes the next."""
    make_topic(appliance.broker, topic, 1)
    group = "kafka-to-nexus-worker-pool"
    writers = [Member(appliance.broker, group, topic) for _ in range(2)]
    poll_until(writers, lambda: any(writer.partitions for writer in writers), "the pool")
    for job in range(4):
        fill(appliance.broker, topic, 1, 1, start=job)
        poll_until(writers, lambda: any(writer.values for writer in writers), f"job {job}")
        (taken,) = [writer for writer in writers if writer.values]
        assert taken.values == [job]
        taken.consumer.commit(asynchronous=False)
        taken.close()
        writers.remove(taken)
        writers.append(Member(appliance.broker, group, topic))
    for writer in writers:
        writer.close()


def test_saluki_assigns_and_subscribes(appliance, topic):
    """A group of a random name: watermarks, then an assignment by hand, then a subscription on top of it."""
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 10, 1)
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": appliance.broker, "group.id": str(uuid.uuid4()), "auto.offset.reset": "latest"}
    )
    low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=10)
    assert (low, high) == (0, 10)
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 5)])
    message = wait_for(lambda: consumer.poll(0.5), what="a message")
    assert message.value() == b"5"
    consumer.subscribe([topic])
    wait_for(lambda: consumer.poll(0.2) is None and consumer.assignment(), what="the group's assignment")
    consumer.close()


def test_forwarder_hears_of_new_configurations(appliance, topic):
    """A random group from the end on."""
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 5, 1)
    member = Member(appliance.broker, str(uuid.uuid4()), topic, auto_offset_reset="latest", enable_auto_commit=True)
    poll_until([member], lambda: member.partitions, "the assignment")
    member.consumer.position([confluent_kafka.TopicPartition(topic, 0)])
    number = 5

    def heard():
        nonlocal number
        fill(appliance.broker, topic, 1, 1, start=number)
        number += 1
        return member.values

    poll_until([member], heard, "a new configuration")
    assert min(member.values) >= 5
    member.close()


def test_mantid_reads_beside_other_listeners_of_its_name(appliance, topic):
    """Every listener calls itself `mantid` and assigns partitions itself: no group comes of it."""
    admin = make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 10, 1)
    listeners = [
        confluent_kafka.Consumer(
            {
                "bootstrap.servers": appliance.broker, "group.id": "mantid", "session.timeout.ms": 10000,
                "enable.auto.commit": False, "enable.auto.offset.store": False,
                "fetch.wait.max.ms": 299000, "socket.timeout.ms": 300000, "fetch.max.bytes": 200000000,
                "message.max.bytes": 200000000, "receive.message.max.bytes": 200000512,
            }
        )
        for _ in range(3)
    ]
    for listener in listeners:
        assert topic in listener.list_topics(timeout=30).topics
        low, high = listener.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=30)
        assert low == 0 and high >= 10
        listener.assign([confluent_kafka.TopicPartition(topic, 0, 8)])
        message = wait_for(lambda: listener.poll(1), what="a message")
        assert message.value() == b"8"
        listener.seek(confluent_kafka.TopicPartition(topic, 0, 2))
        # The next data end the long poll that is under way; librdkafka seeks only then.
        fill(appliance.broker, topic, 1, 1)
        wait_for(lambda: (m := listener.poll(1)) is not None and m.value() == b"2", what="the message sought")
    assert "mantid" not in {group.group_id for group in admin.list_consumer_groups().result(30).valid}
    for listener in listeners:
        listener.close()
