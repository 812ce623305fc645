"""Groups whose partitions the broker assigns (KIP-848, `group.protocol=consumer`), with confluent-kafka."""

import subprocess
import sys

import confluent_kafka
import pytest
from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from conftest import Appliance, wait_for

# Members speak and are given up faster than by default, so that the tests need not wait long.
FLAGS = ["--set", "groups.consumer_session_timeout=3s", "--set", "groups.consumer_heartbeat_interval=200ms"]

CLASSIC = {"group.protocol": "classic", "partition.assignment.strategy": "cooperative-sticky"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    running = Appliance(tmp_path_factory.mktemp("consumer-protocol") / "data", *FLAGS)
    yield running
    running.stop()


class Member:
    """One consumer; what it has and how often that changed."""

    def __init__(self, broker, group, topics, is_eager=False, **settings):
        self.assigned, self.changes, self.messages, self.errors = set(), 0, [], []
        self.is_eager = is_eager
        self.consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": broker, "group.id": group, "group.protocol": "consumer",
                "auto.offset.reset": "earliest", "enable.auto.commit": False,
                "topic.metadata.refresh.interval.ms": 500, **settings,
            }
        )
        self.consumer.subscribe(topics, on_assign=self.on_assign, on_revoke=self.on_revoke, on_lost=self.on_revoke)

    def on_assign(self, consumer, partitions):
        self.changes += 1
        self.assigned |= {(p.topic, p.partition) for p in partitions}
        (consumer.assign if self.is_eager else consumer.incremental_assign)(partitions)

    def on_revoke(self, consumer, partitions):
        self.changes += 1
        self.assigned -= {(p.topic, p.partition) for p in partitions}
        if self.is_eager:
            consumer.unassign()
        else:
            consumer.incremental_unassign(partitions)

    def poll(self):
        message = self.consumer.poll(0.02)
        if message is None:
            return
        if message.error():
            self.errors.append(message.error())
        else:
            self.messages.append(message)

    def close(self):
        self.consumer.close()
        self.assigned = set()


def settle(members, counts, timeout=30):
    """Polls all members until they have so many partitions, none of them twice."""

    def is_settled():
        for member in members:
            member.poll()
        have = [member.assigned for member in members]
        return sorted(map(len, have)) == sorted(counts) and len(set().union(*have)) == sum(map(len, have))

    wait_for(is_settled, timeout, f"partitions {counts}")


def create(broker, *topics, partitions=6):
    admin = AdminClient({"bootstrap.servers": broker})
    for future in admin.create_topics([NewTopic(t, partitions) for t in topics]).values():
        future.result(30)


def produce(broker, topic, values, partitions=6):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker})
    for index, value in enumerate(values):
        producer.produce(topic, value, partition=index % partitions)
    assert producer.flush(30) == 0


def describe(broker, group):
    admin = AdminClient({"bootstrap.servers": broker})
    return admin.describe_consumer_groups([group])[group].result(30)


@pytest.mark.parametrize("assignor", ["uniform", "range"])
def test_members_share_join_and_leave(broker, topic, assignor):
    create(broker.broker, topic, topic + "-2")
    settings = {"group.remote.assignor": assignor}
    members = [Member(broker.broker, topic, [topic, topic + "-2"], **settings) for _ in range(2)]
    settle(members, [6, 6])
    if assignor == "range":
        for member in members:
            assert len({p for t, p in member.assigned}) == 3, "the same partitions of both topics"
    members.append(Member(broker.broker, topic, [topic, topic + "-2"], **settings))
    settle(members, [4, 4, 4])
    described = describe(broker.broker, topic)
    assert described.state == confluent_kafka.ConsumerGroupState.STABLE
    assert described.partition_assignor == assignor and len(described.members) == 3
    assert {len(m.assignment.topic_partitions) for m in described.members} == {4}
    members.pop(0).close()
    settle(members, [6, 6])
    produce(broker.broker, topic, [b"%d" % i for i in range(60)])
    wait_for(
        lambda: [m.poll() for m in members] and sum(len(m.messages) for m in members) == 60, what="each message once"
    )
    for member in members:
        member.close()
    assert describe(broker.broker, topic).state == confluent_kafka.ConsumerGroupState.EMPTY


KILLED = """
import sys, confluent_kafka
consumer = confluent_kafka.Consumer({"bootstrap.servers": sys.argv[1], "group.id": sys.argv[2],
    "group.protocol": "consumer", "auto.offset.reset": "earliest"})
consumer.subscribe([sys.argv[2]], on_assign=lambda c, ps: print(len(ps), flush=True))
while True:
    consumer.poll(0.1)
"""


def test_a_killed_members_partitions_go_to_the_others(broker, topic):
    create(broker.broker, topic)
    member = Member(broker.broker, topic, [topic])
    settle([member], [6])
    child = subprocess.Popen([sys.executable, "-c", KILLED, broker.broker, topic], stdout=subprocess.PIPE)
    settle([member], [3])
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    settle([member], [6])
    member.close()


def test_a_static_member_comes_back_to_its_partitions(broker, topic):
    create(broker.broker, topic)
    one = Member(broker.broker, topic, [topic], **{"group.instance.id": "one"})
    two = Member(broker.broker, topic, [topic], **{"group.instance.id": "two"})
    settle([one, two], [3, 3])
    had, changes = set(one.assigned), two.changes
    one.close()
    again = Member(broker.broker, topic, [topic], **{"group.instance.id": "one"})
    settle([again, two], [3, 3])
    assert again.assigned == had and two.changes == changes
    assert {m.group_instance_id for m in describe(broker.broker, topic).members} == {"one", "two"}
    # It stays away: the other gets everything.
    again.close()
    settle([two], [6])
    two.close()


def test_a_pattern_follows_the_topics(broker, topic):
    create(broker.broker, topic + "-a", partitions=2)
    create(broker.broker, "other-" + topic, partitions=2)
    member = Member(broker.broker, topic, [f"^{topic}-[a-c]$"])
    settle([member], [2])
    create(broker.broker, topic + "-b", partitions=3)
    create(broker.broker, topic + "-d", partitions=1)
    settle([member], [5])
    admin = AdminClient({"bootstrap.servers": broker.broker})
    admin.delete_topics([topic + "-a"])[topic + "-a"].result(30)
    settle([member], [3])
    assert {t for t, _ in member.assigned} == {topic + "-b"}
    member.close()


def test_a_bad_pattern_is_refused(broker, topic):
    # librdkafka's own patterns have back references, those of the protocol do not.
    member = Member(broker.broker, topic, ["^(a)\\1$"])
    wait_for(lambda: member.poll() or member.errors, what="an error")
    assert "regular expression is not valid" in member.errors[0].str()
    member.close()


def test_commits_are_resumed_from(broker, topic):
    create(broker.broker, topic, partitions=1)
    produce(broker.broker, topic, [b"%d" % i for i in range(10)], partitions=1)
    first = Member(broker.broker, topic, [topic])
    wait_for(lambda: first.poll() or len(first.messages) == 10, what="ten messages")
    first.consumer.commit(offsets=[TopicPartition(topic, 0, 4)], asynchronous=False)
    first.close()
    second = Member(broker.broker, topic, [topic])
    wait_for(lambda: second.poll() or len(second.messages) == 6, what="six messages")
    assert [m.offset() for m in second.messages] == [4, 5, 6, 7, 8, 9]
    # Whoever is no member cannot commit for a group that has some.
    stranger = confluent_kafka.Consumer({"bootstrap.servers": broker.broker, "group.id": topic})
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        stranger.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    assert refused.value.args[0].code() == KafkaError.UNKNOWN_MEMBER_ID
    stranger.close()
    second.close()


def test_a_group_survives_kill_9(own_appliance, topic):
    appliance = own_appliance(*FLAGS)
    create(appliance.broker, topic)
    members = [Member(appliance.broker, topic, [topic], **{"group.instance.id": f"i{i}"}) for i in range(2)]
    settle(members, [3, 3])
    had = [set(member.assigned) for member in members]
    members[0].consumer.commit(
        offsets=[TopicPartition(t, p, 0, metadata="kept") for t, p in members[0].assigned], asynchronous=False
    )
    before = {m.member_id: m.assignment.topic_partitions for m in describe(appliance.broker, topic).members}
    appliance.kill()
    appliance.listen = appliance.broker
    appliance.start()
    described = describe(appliance.broker, topic)
    assert {m.member_id: m.assignment.topic_partitions for m in described.members} == before
    produce(appliance.broker, topic, [b"%d" % i for i in range(60)])
    wait_for(lambda: [m.poll() for m in members] and sum(len(m.messages) for m in members) == 60, 60, "all messages")
    assert [member.assigned for member in members] == had
    members[1].consumer.commit(asynchronous=False)
    (kept,) = members[0].consumer.committed([TopicPartition(*sorted(had[0])[0])], timeout=30)
    assert kept.metadata == "kept"
    for member in members:
        member.close()
    appliance.stop()


def test_an_empty_group_changes_its_kind(broker, topic):
    create(broker.broker, topic, partitions=2)
    admin = AdminClient({"bootstrap.servers": broker.broker})

    def kind():
        listed = admin.list_consumer_groups().result(30).valid
        return next(group.type for group in listed if group.group_id == topic)

    classic = Member(broker.broker, topic, [topic], **CLASSIC)
    settle([classic], [2])
    assert kind() == confluent_kafka.ConsumerGroupType.CLASSIC
    classic.consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    classic.close()
    consumer = Member(broker.broker, topic, [topic])
    settle([consumer], [2])
    assert kind() == confluent_kafka.ConsumerGroupType.CONSUMER
    consumer.close()
    classic = Member(broker.broker, topic, [topic], **CLASSIC)
    settle([classic], [2])
    (committed,) = classic.consumer.committed([TopicPartition(topic, 0)], timeout=30)
    assert committed.offset == 0
    assert kind() == confluent_kafka.ConsumerGroupType.CLASSIC
    classic.close()
    admin.delete_consumer_groups([topic])[topic].result(30)
    with pytest.raises(StopIteration):
        kind()


def test_groups_keep_their_kind_where_they_are_told_to(own_appliance, topic):
    broker = own_appliance(*FLAGS, "--set", "groups.migration_policy=disabled")
    create(broker.broker, topic, partitions=2)
    classic = Member(broker.broker, topic, [topic], **CLASSIC)
    settle([classic], [2])
    consumer = Member(broker.broker, topic, [topic])
    wait_for(lambda: classic.poll() or consumer.poll() or consumer.errors, what="an error")
    assert consumer.errors[0].code() == KafkaError._FATAL and "group id does not exist" in consumer.errors[0].str()
    consumer.close()
    classic.close()


@pytest.mark.parametrize("strategy", ["cooperative-sticky", "range"])
def test_members_go_over_one_by_one_and_back(broker, topic, strategy):
    """A rolling change of `group.protocol` and back again: no partition has two readers, no message is lost."""
    create(broker.broker, topic)
    classic = {
        "group.protocol": "classic", "partition.assignment.strategy": strategy, "heartbeat.interval.ms": 200,
        "session.timeout.ms": 6000,
    }
    admin = AdminClient({"bootstrap.servers": broker.broker})
    read, sent = [], 0

    def kind():
        listed = admin.list_consumer_groups().result(30).valid
        return next(group.type for group in listed if group.group_id == topic)

    def exchange():
        """Sixty messages more, which somebody reads and commits."""
        nonlocal sent
        produce(broker.broker, topic, [b"%d" % i for i in range(sent, sent + 60)])
        sent += 60

        def collect():
            for member in members:
                member.poll()
                for message in member.messages:
                    read.append(int(message.value()))
                    member.consumer.commit(message)
                member.messages.clear()
            return set(read) >= set(range(sent))

        wait_for(collect, 60, "all messages")

    members = [Member(broker.broker, topic, [topic], is_eager=strategy == "range", **classic) for _ in range(3)]
    settle(members, [2, 2, 2], 60)
    exchange()
    for step, settings in enumerate([{}] * 3 + [classic] * 3):
        members.pop(0).close()
        is_eager = strategy == "range" and settings is classic
        members.append(Member(broker.broker, topic, [topic], is_eager=is_eager, **settings))
        settle(members, [2, 2, 2], 60)
        exchange()
        assert kind() == (
            confluent_kafka.ConsumerGroupType.CLASSIC if step == 5 else confluent_kafka.ConsumerGroupType.CONSUMER
        )
    assert not any(member.errors for member in members)
    for member in members:
        member.close()
