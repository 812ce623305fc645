"""Topics and groups by command, checked with other people's clients; and commands on a broker that is not ours."""

import json

import confluent_kafka
import confluent_kafka.admin
import pytest
from conftest import sluice, wait_for
from streaming_data_types import serialise_f144

INSTALLED = [
    "_events", "_runInfo", "_sampleEnv", "_runLog", "_monitorHistograms", "_detSpecMap", "_areaDetector",
    "_forwarderConfig", "_forwarderStatus", "_forwarderStorage",
]


def topics(broker):
    return confluent_kafka.admin.AdminClient({"bootstrap.servers": broker}).list_topics(timeout=20).topics


def settings(broker, topic):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker})
    resource = confluent_kafka.admin.ConfigResource("topic", topic)
    return {name: entry.value for name, entry in admin.describe_configs([resource])[resource].result(20).items()}


def rows(*words, broker):
    return json.loads(sluice(*words, "--format", "json", broker=broker).stdout)


# --- topics

def test_the_standard_set_is_made_once(appliance):
    broker = appliance.broker
    first = rows("topic", "set", "SETTEST", "--partitions", "3", "--replication", "3", broker=broker)
    assert {row["topic"] for row in first} >= {"SETTEST" + suffix for suffix in INSTALLED}
    made = topics(broker)
    assert len(made["SETTEST_events"].partitions) == 3 and len(made["SETTEST_runInfo"].partitions) == 1
    assert settings(broker, "SETTEST_rawEvents")["retention.ms"] == "7200000"
    again = rows("topic", "set", "SETTEST", broker=broker)
    assert {row["done"] for row in again} == {"exists"}
    assert len(topics(broker)["SETTEST_events"].partitions) == 3


def test_dry_runs_change_nothing(appliance):
    planned = rows("topic", "set", "DRYTEST", "--dry-run", broker=appliance.broker)
    assert {row["done"] for row in planned} == {"created"}
    assert not any(name.startswith("DRYTEST") for name in topics(appliance.broker))


def test_settings_are_shown(appliance, topic):
    broker = appliance.broker
    sluice("topic", "create", topic, "--config", "retention.ms=1000", broker=broker)
    assert rows("topic", "config", topic, broker=broker) == [
        {"setting": "retention.ms", "value": "1000", "from": "topic"}
    ]
    every = {row["setting"]: row["value"] for row in rows("topic", "config", topic, "--all", broker=broker)}
    assert every == settings(broker, topic)


def test_settings_are_changed(appliance, topic):
    broker = appliance.broker
    sluice("topic", "create", topic, "--config", "retention.ms=1000", broker=broker)

    def shown(*words):
        return {row["setting"]: (row["value"], row["from"]) for row in rows("topic", "config", topic, *words, broker=broker)}

    both = {"retention.ms": ("1000", "topic"), "retention.bytes": ("5000", "topic")}
    assert shown("retention.bytes=5000") == both and shown() == both
    assert settings(broker, topic)["retention.bytes"] == "5000"
    # What is taken back is shown with its default, and one value may contain a comma or an equals sign.
    assert shown("--unset", "retention.ms", "cleanup.policy=compact,delete") == {
        "retention.ms": ("604800000", "default"), "retention.bytes": ("5000", "topic"),
        "cleanup.policy": ("compact,delete", "topic"),
    }
    before = settings(broker, topic)
    for words, code, text in [
        ([topic, "no.such.setting=1"], 2, "no.such.setting"),
        ([topic, "retention.ms=soon"], 2, "retention.ms"),
        ([topic, "retention.bytes=1", "retention.ms=soon"], 2, "retention.ms"),
        ([topic, "retention.ms"], 2, "retention.ms"),
        (["nothing_here", "retention.ms=1"], 4, "nothing_here"),
    ]:
        refused = sluice("topic", "config", *words, broker=broker, check=False)
        assert refused.returncode == code and text in refused.stderr and refused.stdout == "", (words, refused)
        assert len(refused.stderr.splitlines()) == 1, refused.stderr
    assert settings(broker, topic) == before


def test_the_standard_set_is_reset(appliance):
    broker = appliance.broker
    sluice("topic", "set", "RESETTEST", broker=broker)
    usual = settings(broker, "RESETTEST_rawEvents")
    sluice("topic", "config", "RESETTEST_rawEvents", "retention.ms=5", "segment.bytes=1048576", broker=broker)

    def done(*flags):
        found = rows("topic", "set", "RESETTEST", *flags, broker=broker)
        return [row["topic"] for row in found if row["done"] == "reset"], {row["done"] for row in found}

    assert done() == ([], {"exists"})
    assert done("--reset", "--dry-run") == (["RESETTEST_rawEvents"], {"reset", "exists"})
    assert settings(broker, "RESETTEST_rawEvents")["retention.ms"] == "5"
    assert done("--reset") == (["RESETTEST_rawEvents"], {"reset", "exists"})
    # Only what the set says comes back: the other setting is somebody's own.
    assert settings(broker, "RESETTEST_rawEvents") == {**usual, "segment.bytes": "1048576"}
    assert done("--reset") == ([], {"exists"})


def test_topics_are_trimmed(appliance, topic):
    broker = appliance.broker
    sluice("topic", "create", topic, "--partitions", "2", broker=broker)
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, "linger.ms": 0})
    for number in range(10):
        for partition in range(2):
            producer.produce(topic, str(number), partition=partition, timestamp=1_700_000_000_000 + 1000 * number)
    assert producer.flush(30) == 0
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": "trim"})

    def starts():
        return [consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, n), timeout=30)[0] for n in range(2)]

    planned = rows("topic", "trim", topic, "--before", "3", "--dry-run", broker=broker)
    assert [(row["partition"], row["from"], row["to"], row["deleted"]) for row in planned] == [(0, 0, 3, 3), (1, 0, 3, 3)]
    assert starts() == [0, 0]
    (done,) = rows("topic", "trim", topic, "--before", "3", "-p", "1", broker=broker)
    assert (done["topic"], done["partition"], done["from"], done["to"]) == (topic, 1, 0, 3) and starts() == [0, 3]
    sluice("topic", "trim", f"{broker}/{topic}", "--before", "@1700000005000")
    assert starts() == [5, 5]
    lines = sluice("consume", topic, "-p", "0", "--format", "raw", broker=broker).stdout
    assert lines == "56789"
    # What is gone already does not come back, and counts for nothing.
    assert [row["deleted"] for row in rows("topic", "trim", topic, "--before", "beginning", broker=broker)] == [0, 0]
    for where, first in [("-3", 7), ("+1", 8), ("end", 10)]:
        sluice("topic", "trim", topic, "--before", where, broker=broker)
        assert starts() == [first, first], where
    consumer.close()
    for words, code, text in [
        ([topic], 2, "--before is missing"),
        ([topic, "--before", "2026-11-20"], 2, "@TIME"),
        ([topic, "--before", "1:5"], 2, "not a range"),
        ([topic, "--before", "11"], 4, "no offset 11"),
        ([topic, "--before", "1", "-p", "2"], 4, "no partition 2"),
        (["nothing_here", "--before", "1"], 4, "nothing_here"),
    ]:
        refused = sluice("topic", "trim", *words, broker=broker, check=False)
        assert refused.returncode == code and text in refused.stderr and refused.stdout == "", (words, refused)
    sluice("topic", "create", f"{topic}-kept", "--config", "cleanup.policy=compact", broker=broker)
    refused = sluice("topic", "trim", f"{topic}-kept", "--before", "end", broker=broker, check=False)
    assert refused.returncode == 2 and "cleanup.policy" in refused.stderr


# --- groups

def commit(broker, group, topic, offset):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": group})
    consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, 0, offset)], asynchronous=False)
    consumer.close()


def committed(broker, group, topic):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": group})
    found = consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=20)[0].offset
    consumer.close()
    return found


def test_groups_are_listed_moved_and_deleted(appliance, topic):
    broker = appliance.broker
    group = f"{topic}-group"
    sluice("topic", "create", topic, broker=broker)
    sluice("produce", topic, broker=broker, input="\n".join("0123456789") + "\n")
    commit(broker, group, topic, 4)
    assert group in [row["group"] for row in rows("group", "list", broker=broker)]
    (listed,) = rows("group", "list", f"{group[:-2]}*", broker=broker)
    assert listed["lag"] == 6 and listed["members"] == 0 and listed["state"] == "empty"
    (shown,) = rows("group", "describe", group, broker=broker)
    assert (shown["topic"], shown["committed"], shown["end"], shown["lag"]) == (topic, 4, 10, 6)
    planned = rows("group", "seek", group, "--to", "beginning", "--dry-run", broker=broker)
    assert (planned[0]["from"], planned[0]["to"]) == (4, 0) and committed(broker, group, topic) == 4
    for where, offset in [("beginning", 0), ("end", 10), ("-3", 7), ("5", 5), ("@-1h", 0)]:
        sluice("group", "seek", group, "--to", where, broker=broker)
        assert committed(broker, group, topic) == offset, where
    sluice("group", "seek", f"{group}-new", "--to", "2", "--topic", topic, broker=broker)
    assert committed(broker, f"{group}-new", topic) == 2
    sluice("group", "delete", group, f"{group}-new", broker=broker)
    assert group not in [row["group"] for row in rows("group", "list", broker=broker)]
    gone = sluice("group", "delete", group, broker=broker, check=False)
    assert gone.returncode == 4 and group in gone.stderr


def test_members_are_shown_and_protect_their_group(appliance, topic):
    broker = appliance.broker
    group = f"{topic}-members"
    sluice("topic", "create", topic, "--partitions", "2", broker=broker)
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": broker, "group.id": group, "client.id": "my-client", "auto.offset.reset": "earliest",
    })
    consumer.subscribe([topic])

    def assigned():
        consumer.poll(0.1)
        return len(consumer.assignment()) == 2

    wait_for(assigned, what="an assignment")
    shown = rows("group", "describe", group, broker=broker)
    assert [(row["partition"], row["client"]) for row in shown] == [(0, "my-client"), (1, "my-client")]
    refused = sluice("group", "seek", group, "--to", "end", "--topic", topic, broker=broker, check=False)
    assert refused.returncode == 1 and "has members (stable)" in refused.stderr
    refused = sluice("group", "delete", group, broker=broker, check=False)
    assert refused.returncode == 1 and group in refused.stderr
    consumer.close()


def test_a_group_whose_members_are_not_told(appliance, topic):
    """librdkafka 2.0, which the command is linked with, describes no groups of the newer protocol (KIP-848)."""
    broker = appliance.broker
    group = f"{topic}-members"
    sluice("topic", "create", topic, broker=broker)
    sluice("produce", topic, broker=broker, input="a\nb\nc\n")
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": broker, "group.id": group, "group.protocol": "consumer", "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })
    consumer.subscribe([topic])
    first = wait_for(lambda: consumer.poll(0.2), what="a message")
    consumer.commit(message=first, asynchronous=False)
    (listed,) = rows("group", "list", group, broker=broker)
    assert (listed["state"], listed["members"], listed["lag"]) == ("stable", None, 2)
    described = sluice("group", "describe", group, broker=broker)
    assert f"{group}: stable, members not told" in described.stderr and ", lag 2" in described.stderr
    (shown,) = rows("group", "describe", group, broker=broker)
    assert (shown["topic"], shown["committed"], shown["lag"], shown["member"]) == (topic, 1, 2, None)
    refused = sluice("group", "seek", group, "--to", "end", broker=broker, check=False)
    assert refused.returncode == 1 and "has members (stable)" in refused.stderr
    consumer.close()
    assert "empty, 0 members" in sluice("group", "describe", group, broker=broker).stderr


# --- another broker

@pytest.fixture
def foreign():
    """librdkafka's mock cluster of three brokers: the address, and a producer that keeps it alive."""
    producer = confluent_kafka.Producer({"bootstrap.servers": "", "test.mock.num.brokers": 3})
    brokers = wait_for(lambda: producer.list_topics(timeout=20).brokers, what="the mock cluster")
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers.values()), producer


def test_commands_are_not_tied_to_our_broker(foreign, tmp_path):
    broker, producer = foreign
    for number in range(20):
        producer.produce("FOREIGN_events", serialise_f144("pv", float(number), number), key=b"k", timestamp=1000 + number)
    assert producer.flush(30) == 0
    lines = sluice("consume", "FOREIGN_events", "-J", "--where", "value >= 15", broker=broker).stdout.splitlines()
    assert sorted(json.loads(line)["value"]["value"] for line in lines) == [15, 16, 17, 18, 19]
    sniffed = json.loads(sluice("sniff", "FOREIGN_events", "-i", "0s", "--format", "json", broker=broker).stdout)
    assert len(sniffed["brokers"]) == 3
    assert sum(part["messages"] for part in sniffed["topics"][0]["partitions"]) == 20
    counted = rows("count", "FOREIGN_events", "-o", "beginning", broker=broker)
    assert [(row["schema"], row["messages"]) for row in counted] == [("f144", 20)]
    path = tmp_path / "foreign.sluice"
    sluice("bury", "FOREIGN_events", str(path), broker=broker)
    checked = json.loads(sluice("dig", str(path), "--check", "--format", "json").stdout)
    assert sum(row["messages"] for row in checked) == 20
    done = sluice("consume", "nothing_here", broker=broker, check=False)
    assert done.returncode == 4 and "nothing_here" in done.stderr


def test_a_foreign_topic_comes_over_to_ours(foreign, appliance):
    broker, producer = foreign
    for number in range(10):
        producer.produce("FOREIGN_copy", str(number).encode(), partition=0, timestamp=1000 + number, headers=[("h", b"1")])
    assert producer.flush(30) == 0
    sluice("play", f"{broker}/FOREIGN_copy", f"{appliance.broker}/FOREIGN_copied", "-p", "0")
    lines = sluice("consume", "FOREIGN_copied", "-J", broker=appliance.broker).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [row["value"] for row in found] == [str(n) for n in range(10)]
    assert [row["timestamp"] for row in found] == [1000 + n for n in range(10)]
    assert found[0]["headers"] == [{"key": "h", "value": "1"}]
