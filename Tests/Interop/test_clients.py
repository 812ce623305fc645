"""kcat, confluent-kafka, kafka-python and aiokafka produce to the broker and read from it, with every codec."""

import asyncio
import subprocess

import aiokafka
import confluent_kafka
import confluent_kafka.admin
import kafka
import kafka.admin
import pytest
from conftest import sluice, wait_for

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
# Compressible, with a few awkward values.
VALUES = [f"message {i} ".encode() * 20 for i in range(200)] + [b"", b"\x00\xff", "µs".encode()]


def read_back(broker, topic, count):
    """Reads with confluent-kafka, which checks every CRC."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": broker, "group.id": "reader", "check.crcs": True, "enable.auto.commit": False}
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)])
    messages = []
    wait_for(lambda: messages.extend(consumer.consume(count, 1)) or len(messages) >= count, what="all messages")
    consumer.close()
    for message in messages:
        assert message.error() is None
    return messages


@pytest.mark.parametrize("codec", CODECS)
def test_confluent_kafka(appliance, topic, codec):
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": appliance.broker, "compression.type": codec, "acks": "all", "linger.ms": 20}
    )
    failures = []
    for index, value in enumerate(VALUES):
        producer.produce(
            topic, value, key=f"k{index}", timestamp=1700000000000 + index, headers={"a": b"1"},
            on_delivery=lambda error, message: error and failures.append(error),
        )
    assert producer.flush(30) == 0 and not failures
    messages = read_back(appliance.broker, topic, len(VALUES))
    assert [m.value() or b"" for m in messages] == VALUES
    assert [m.key() for m in messages] == [f"k{i}".encode() for i in range(len(VALUES))]
    assert messages[5].timestamp() == (confluent_kafka.TIMESTAMP_CREATE_TIME, 1700000000005)
    assert messages[5].headers() == [("a", b"1")]
    assert [m.offset() for m in messages] == list(range(len(VALUES)))


@pytest.mark.parametrize("idempotent", [False, True])
def test_confluent_idempotence(appliance, topic, idempotent):
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": appliance.broker, "enable.idempotence": idempotent, "batch.num.messages": 10}
    )
    for value in VALUES:
        producer.produce(topic, value)
    assert producer.flush(30) == 0
    assert [m.value() or b"" for m in read_back(appliance.broker, topic, len(VALUES))] == VALUES


@pytest.mark.parametrize("codec", CODECS)
def test_kcat(appliance, topic, codec):
    lines = [f"line {i} " * 10 for i in range(100)]
    sent = subprocess.run(
        ["kcat", "-P", "-b", appliance.broker, "-t", topic, "-z", codec, "-K", ":"],
        input="\n".join(f"k{i}:{line}" for i, line in enumerate(lines)), text=True, capture_output=True, timeout=60,
    )
    assert sent.returncode == 0, sent.stderr
    # kcat 1.7.1 only logs a line when the broker's versions keep it from compressing.
    assert "not compressing" not in sent.stderr
    got = subprocess.run(
        ["kcat", "-C", "-b", appliance.broker, "-t", topic, "-e", "-q", "-o", "beginning", "-f", "%k:%s\\n"],
        text=True, capture_output=True, timeout=60,
    )
    assert got.stdout.splitlines() == [f"k{i}:{line}" for i, line in enumerate(lines)]


def test_kcat_lists_brokers_topics_and_offsets(appliance, topic):
    subprocess.run(["kcat", "-P", "-b", appliance.broker, "-t", topic], input="a\nb\n", text=True, timeout=60)
    listing = subprocess.run(["kcat", "-L", "-b", appliance.broker], text=True, capture_output=True, timeout=60).stdout
    assert "broker 1 at " + appliance.broker in listing
    assert f'topic "{topic}" with 1 partitions' in listing
    query = subprocess.run(
        ["kcat", "-Q", "-b", appliance.broker, "-t", f"{topic}:0:-1"], text=True, capture_output=True, timeout=60
    )
    assert query.stdout.strip() == f"{topic} [0] offset 2"


@pytest.mark.parametrize("codec", CODECS)
def test_kafka_python(appliance, topic, codec):
    producer = kafka.KafkaProducer(
        bootstrap_servers=appliance.broker, compression_type=None if codec == "none" else codec, acks="all", linger_ms=20
    )
    futures = [
        producer.send(topic, value, key=b"k", timestamp_ms=1700000000000, partition=0, headers=[("h", b"1")])
        for value in VALUES
    ]
    assert [future.get(30).offset for future in futures] == list(range(len(VALUES)))
    producer.close()
    consumer = kafka.KafkaConsumer(bootstrap_servers=appliance.broker, enable_auto_commit=False, check_crcs=True)
    partition = kafka.TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    got = []
    wait_for(
        lambda: got.extend(sum(consumer.poll(1000).values(), [])) or len(got) >= len(VALUES), what="all messages"
    )
    consumer.close()
    assert [record.value for record in got] == VALUES
    assert got[0].headers == [("h", b"1")] and got[0].timestamp == 1700000000000


@pytest.mark.parametrize("codec", CODECS)
def test_aiokafka(appliance, topic, codec):
    async def go():
        producer = aiokafka.AIOKafkaProducer(
            bootstrap_servers=appliance.broker, compression_type=None if codec == "none" else codec, acks="all"
        )
        await producer.start()
        try:
            for value in VALUES[:50]:
                await producer.send_and_wait(topic, value, key=b"k", partition=0)
        finally:
            await producer.stop()
        consumer = aiokafka.AIOKafkaConsumer(
            bootstrap_servers=appliance.broker, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await consumer.start()
        try:
            consumer.assign([aiokafka.TopicPartition(topic, 0)])
            return [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in range(50)]
        finally:
            await consumer.stop()

    assert asyncio.run(go()) == VALUES[:50]


def test_admin_creates_lists_and_deletes(appliance, topic):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": appliance.broker})
    # The facility's install script asks for three copies: a single node keeps one and says so in its log.
    new = confluent_kafka.admin.NewTopic(topic, 3, 3, config={"retention.ms": "3600000"})
    admin.create_topics([new])[topic].result(30)
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        admin.create_topics([new])[topic].result(30)
    assert refused.value.args[0].code() == confluent_kafka.KafkaError.TOPIC_ALREADY_EXISTS
    assert len(admin.list_topics(timeout=30).topics[topic].partitions) == 3
    bad = confluent_kafka.admin.NewTopic(topic + "2", 1, 1, config={"no.such.key": "1"})
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        admin.create_topics([bad])[topic + "2"].result(30)
    assert refused.value.args[0].code() == confluent_kafka.KafkaError.INVALID_CONFIG
    admin.delete_topics([topic])[topic].result(30)
    wait_for(lambda: topic not in admin.list_topics(timeout=30).topics, what="the topic's end")


def test_install_script_sequence(appliance, topic):
    """kafka-python as the facility's install script uses it: list topics, create the missing ones with three copies."""
    consumer = kafka.KafkaConsumer(bootstrap_servers=[appliance.broker])
    assert topic not in consumer.topics()
    admin = kafka.admin.KafkaAdminClient(bootstrap_servers=[appliance.broker], client_id="install_script")
    admin.create_topics([kafka.admin.NewTopic(topic, num_partitions=1, replication_factor=3)], validate_only=False)
    assert topic in consumer.topics()
    admin.close()
    consumer.close()


def test_consuming_does_not_create(appliance, topic):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": "g"})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    assert consumer.poll(1) is None
    told = consumer.list_topics(topic, timeout=30).topics[topic]
    assert told.error.code() == confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART
    consumer.close()
    shown = subprocess.run(
        ["kcat", "-C", "-b", appliance.broker, "-t", topic, "-e"], text=True, capture_output=True, timeout=60
    )
    assert shown.returncode != 0 and "Unknown topic" in shown.stderr
    assert topic not in sluice("topic", "list", broker=appliance.broker).stdout


def test_offsets_by_time_and_committed_offsets(appliance, topic):
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    for index in range(100):
        producer.produce(topic, b"x", timestamp=1600000000000 + index * 1000, partition=0)
        if index % 10 == 9:
            assert producer.flush(30) == 0
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": appliance.broker, "group.id": topic, "enable.auto.commit": False}
    )
    ask = [confluent_kafka.TopicPartition(topic, 0, 1600000000000 + 37 * 1000 - 500)]
    assert consumer.offsets_for_times(ask, timeout=30)[0].offset == 37
    late = [confluent_kafka.TopicPartition(topic, 0, 1700000000000)]
    assert consumer.offsets_for_times(late, timeout=30)[0].offset == confluent_kafka.OFFSET_END
    assert consumer.get_watermark_offsets(ask[0], timeout=30) == (0, 100)
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 40)])
    consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, 0, 42)], asynchronous=False)
    assert consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=30)[0].offset == 42
    unknown = confluent_kafka.TopicPartition(topic, 7)
    assert consumer.committed([unknown], timeout=30)[0].offset == confluent_kafka.OFFSET_INVALID
    consumer.close()


def test_long_poll_wakes_at_once(appliance, topic):
    """A fetch that may wait five minutes, as Mantid's does, answers when a record comes."""
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    producer.produce(topic, b"first")
    producer.flush(30)
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": appliance.broker, "group.id": "mantid", "session.timeout.ms": 10000,
            "fetch.wait.max.ms": 299000, "socket.timeout.ms": 300000, "enable.auto.commit": False,
            "fetch.max.bytes": 200000000, "message.max.bytes": 200000000, "receive.message.max.bytes": 200000512,
        }
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 1)])
    assert consumer.poll(0.5) is None
    producer.produce(topic, b"second")
    producer.flush(30)
    message = consumer.poll(10)
    assert message is not None and message.value() == b"second"
    consumer.close()


def test_a_message_of_200_mib(own_appliance, topic):
    """The facility's producers send as much, to a topic that takes more than the broker was started for."""
    broker = own_appliance("--set", "kafka.message_max=1MiB")
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker.broker})
    admin.create_topics([confluent_kafka.admin.NewTopic(topic, 1)])[topic].result(30)
    larger = confluent_kafka.admin.ConfigEntry(
        "max.message.bytes", "209715200", incremental_operation=confluent_kafka.admin.AlterConfigOpType.SET
    )
    resource = confluent_kafka.admin.ConfigResource("topic", topic, incremental_configs=[larger])
    admin.incremental_alter_configs([resource])[resource].result(30)
    before = broker.memory_bytes()
    value = bytes(range(256)) * (209_500_000 // 256)
    producer = confluent_kafka.Producer({
        "bootstrap.servers": broker.broker, "message.max.bytes": 209_700_000, "queue.buffering.max.kbytes": 1_000_000,
    })
    producer.produce(topic, value)
    assert producer.flush(60) == 0
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": broker.broker, "group.id": "g", "enable.auto.commit": False,
        "fetch.message.max.bytes": 200_000_000, "fetch.max.bytes": 200_000_000,
        "receive.message.max.bytes": 209_800_000,
    })
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    message = wait_for(lambda: consumer.poll(1), what="the message")
    assert message.error() is None and message.value() == value
    consumer.close()
    # A buffer that grows, and no second copy; all of it is given back.
    peak = broker.memory_bytes("VmHWM") - before
    assert peak < 2 * len(value), f"{peak} bytes for a message of {len(value)}"
    wait_for(lambda: broker.memory_bytes() - before < 32 << 20, what="the memory's return")
