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
from group_members import PARTITIONS, Member, fill, is_shared, make_topic, poll_until

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
