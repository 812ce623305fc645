"""The calls, settings and sizes of the facility's own clients: Mantid's listeners, saluki, kafka_event_aggregator,
kafka_file_writer and kafka-to-nexus, the forwarder, KDAECTRL, the histogram streamer and the install script."""

import struct
import time
import uuid

import confluent_kafka
import kafka
import kafka.admin
import pytest
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from conftest import Appliance, wait_for

MIB = 1 << 20
# ISIS's standard set of topics for one instrument.
SUFFIXES = [
    "_events", "_runInfo", "_sampleEnv", "_runLog", "_monitorHistograms", "_detSpecMap", "_areaDetector",
    "_forwarderConfig", "_forwarderStatus", "_forwarderStorage",
]


@pytest.fixture(scope="module")
def appliance(tmp_path_factory):
    """A broker whose own services leave the facility's topics alone."""
    off = [flag for key in ("writer", "histogram") for flag in ("--set", f"{key}.enabled=false")]
    running = Appliance(tmp_path_factory.mktemp("facility") / "data", *off)
    yield running
    running.stop()


def produce(broker, topic, values, **settings):
    """Produces (key, value, timestamp) and waits until all are acknowledged."""
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, **settings})
    failures = []
    for key, value, timestamp in values:
        producer.produce(
            topic, value, key=key, timestamp=timestamp, partition=0,
            on_delivery=lambda error, _: error and failures.append(error),
        )
    assert producer.flush(60) == 0 and not failures, failures


def consume(consumer, count, timeout=60):
    """The next `count` messages, none of which may be an error."""
    messages = []
    wait_for(lambda: messages.extend(consumer.consume(count, 0.5)) or len(messages) >= count, timeout, "the messages")
    assert all(message.error() is None for message in messages)
    return messages


def mantid(broker):
    """A consumer with the settings of Mantid's KafkaTopicSubscriber."""
    return confluent_kafka.Consumer({
        "bootstrap.servers": broker, "group.id": "mantid", "session.timeout.ms": 10000, "enable.auto.commit": False,
        "enable.auto.offset.store": False, "fetch.max.bytes": 200_000_000, "message.max.bytes": 200_000_000,
        "receive.message.max.bytes": 200_000_512, "fetch.message.max.bytes": 200_000_000, "fetch.wait.max.ms": 298_000,
        "socket.timeout.ms": 300_000,
    })


def install(broker, instrument):
    """What ibex_install_utils does for each instrument."""
    existing = kafka.KafkaConsumer(bootstrap_servers=broker, client_id="install_script")
    missing = [instrument + suffix for suffix in SUFFIXES if instrument + suffix not in existing.topics()]
    existing.close()
    admin = kafka.admin.KafkaAdminClient(bootstrap_servers=broker, client_id="install_script")
    if missing:
        admin.create_topics(
            [kafka.admin.NewTopic(name=name, num_partitions=1, replication_factor=3) for name in missing],
            validate_only=False,
        )
    names = admin.list_topics()
    admin.close()
    return missing, names


def test_install_script(appliance):
    instrument = f"NDW{uuid.uuid4().int % 10000}"
    missing, names = install(appliance.broker, instrument)
    assert missing == [instrument + suffix for suffix in SUFFIXES]
    assert set(missing) <= set(names)
    assert install(appliance.broker, instrument)[0] == []


def test_mantid_follows_a_run(appliance):
    instrument = f"SANS{uuid.uuid4().int % 10000}"
    install(appliance.broker, instrument)
    events, runs = instrument + "_events", instrument + "_runInfo"
    start = int(time.time() * 1000) - 60_000
    produce(appliance.broker, runs, [(None, b"old pl72", start - 5000), (None, b"pl72", start)])
    produce(appliance.broker, events, [(None, b"%d" % i, start - 1000 + 100 * i) for i in range(50)])
    consumer = mantid(appliance.broker)
    listed = consumer.list_topics(timeout=10)
    assert all(instrument + suffix in listed.topics for suffix in SUFFIXES)
    assert listed.topics[events].partitions.keys() == {0}
    # FromStartOfRun: the last two messages of the run topic, then offsets for the run's start on all topics.
    low, high = consumer.get_watermark_offsets(TopicPartition(runs, 0), timeout=10)
    assert (low, high) == (0, 2)
    consumer.assign([TopicPartition(runs, 0, high - 2)])
    assert consume(consumer, 2)[-1].value() == b"pl72"
    consumer.close()
    # A subscriber of its own for the data: librdkafka takes up a new assignment only when its last fetch has ended.
    consumer = mantid(appliance.broker)
    found = consumer.offsets_for_times([TopicPartition(topic, 0, start) for topic in (events, runs)], timeout=10)
    assert [partition.offset for partition in found] == [10, 1]
    consumer.assign(found)
    assert {message.value() for message in consume(consumer, 41)} == {b"pl72"} | {b"%d" % i for i in range(10, 50)}
    # The run's end right after it was produced: exact, or behind everything that is there.
    stop = start + 3950
    produce(appliance.broker, runs, [(None, b"6s4t", stop)])
    ends = consumer.offsets_for_times([TopicPartition(runs, 0, stop), TopicPartition(events, 0, stop)], timeout=2)
    assert ends[0].offset == 2 and ends[1].offset in (confluent_kafka.OFFSET_END, -1)
    assert consume(consumer, 1)[0].value() == b"6s4t"
    consumer.close()


def test_a_fetch_that_waits_five_minutes_wakes_at_once(appliance, topic):
    produce(appliance.broker, topic, [(None, b"first", 0)])
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=appliance.broker, enable_auto_commit=False, fetch_max_wait_ms=300_000, fetch_min_bytes=MIB,
        fetch_max_bytes=200_000_000, max_partition_fetch_bytes=200_000_000, request_timeout_ms=305_000,
    )
    partition = kafka.TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_end(partition)
    assert consumer.position(partition) == 1
    assert consumer.poll(200) == {}
    produce(appliance.broker, topic, [(None, b"x" * (MIB + 1), 0)], **{"message.max.bytes": 2 * MIB})
    got = []
    wait_for(lambda: got.extend(sum(consumer.poll(500).values(), [])) or got, 30, "what was waited for")
    assert len(got[0].value) == MIB + 1
    consumer.close(autocommit=False)


def test_messages_of_150_megabytes(appliance, topic):
    size = 150_000_000
    produce(
        appliance.broker, topic, [(None, b"\x00" * size, 0), (None, b"small", 0)],
        **{"message.max.bytes": 200_000_000, "message.timeout.ms": 120_000},
    )
    consumer = mantid(appliance.broker)
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    assert [len(message.value()) for message in consume(consumer, 2, timeout=120)] == [size, 5]
    consumer.close()


def test_histogram_streamer_sends_25_megabytes(appliance, topic):
    producer = kafka.KafkaProducer(
        bootstrap_servers=appliance.broker, max_request_size=25_000_000
    )
    assert producer.send(topic, b"h" * 24_000_000).get(60).offset == 0
    producer.close()


def test_aggregator_copies_frames_by_key(appliance, topic):
    raw, events = topic + "_rawEvents", topic + "_events"
    frames = [(b"", struct.pack(">Q", i) * 2000, 1_700_000_000_000 + 20 * i) for i in range(300)]
    produce(appliance.broker, raw, frames)
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": appliance.broker, "group.id": "kafka-event-aggregator-test", "fetch.min.bytes": MIB,
        "fetch.wait.max.ms": 500, "fetch.message.max.bytes": 64 * MIB, "queued.max.messages.kbytes": 2**21 - 1,
        "enable.auto.commit": False,
    })
    consumer.assign([TopicPartition(raw, 0, OFFSET_BEGINNING)])
    messages = consume(consumer, len(frames))
    out = [(struct.pack(">Q", message.offset()), message.value(), message.timestamp()[1]) for message in messages]
    produce(
        appliance.broker, events, out,
        **{"enable.idempotence": True, "batch.size": 2147483647, "queue.buffering.max.ms": 200},
    )
    # At its next start it goes on from the last message of each output partition.
    low, high = consumer.get_watermark_offsets(TopicPartition(events, 0), timeout=10)
    assert (low, high) == (0, len(frames))
    consumer.assign([TopicPartition(events, 0, high - 1)])
    last = consume(consumer, 1)[0]
    assert last.key() == struct.pack(">Q", 299) and last.value() == frames[-1][1]
    assert last.timestamp() == (confluent_kafka.TIMESTAMP_CREATE_TIME, frames[-1][2])
    consumer.close()


def test_file_writer_reads_committed_from_a_time(appliance, topic):
    start = 1_700_000_000_000
    # Frames may leave out of order, and the producer dates them itself.
    order = [3, 0, 1, 5, 2, 4, 9, 6, 8, 7]
    produce(appliance.broker, topic, [(None, b"%d" % i, start + 1000 * i) for i in order])
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": appliance.broker, "group.id": f"kafka_file_writer-{uuid.uuid4()}",
        "isolation.level": "read_committed", "enable.auto.commit": False, "auto.offset.reset": "earliest",
    })
    found = consumer.offsets_for_times([TopicPartition(topic, 0, start + 4000)], timeout=10)
    assert found[0].offset == 3, "the first offset whose time is not earlier"
    consumer.assign(found)
    assert [message.value() for message in consume(consumer, 7)] == [b"%d" % i for i in order[3:]]
    consumer.close()


def test_forwarder_finds_its_stored_configuration(appliance, topic):
    broker = appliance.broker
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": broker, "group.id": str(uuid.uuid4()), "auto.offset.reset": "latest"}
    )
    # A consumer makes no topics; the forwarder produces to make one.
    assert consumer.list_topics(topic, timeout=10).topics[topic].error is not None
    with pytest.raises(confluent_kafka.KafkaException):
        consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    updates = [(b"TE:NDW2922:CS:SB:TEMP", b"f144 %d" % i, 1_700_000_000_123 + i) for i in range(3)]
    produce(broker, topic, updates, **{"message.max.bytes": 20_000_000})
    wait_for(lambda: consumer.list_topics(topic, timeout=10).topics[topic].error is None, what="the topic")
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    for offset in range(high - 1, low - 1, -1):
        consumer.assign([TopicPartition(topic, 0, offset)])
        message = consume(consumer, 1)[0]
        assert message.offset() == offset and message.value() == updates[offset][1]
        assert message.key() == updates[offset][0] and message.timestamp()[1] == updates[offset][2]
    consumer.close()


def test_saluki_sniffs_and_consumes_a_range(appliance, topic):
    produce(appliance.broker, topic, [(b"", b"m%d" % i, 1_700_000_000_000 + i) for i in range(20)])
    consumer = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": str(uuid.uuid4())})
    metadata = consumer.list_topics(timeout=10)
    assert [str(broker) for broker in metadata.brokers.values()] == [f"{appliance.broker}/1"]
    assert len(metadata.cluster_id) == 22
    partition = metadata.topics[topic].partitions[0]
    assert (partition.leader, partition.replicas, partition.isrs) == (1, [1], [1])
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)
    assert (low, high) == (0, 20)
    consumer.assign([TopicPartition(topic, 0, high - 5)])
    got = consume(consumer, 5)
    assert [message.value() for message in got] == [b"m%d" % i for i in range(15, 20)]
    assert got[0].key() == b"", "an empty key is not null"
    by_time = consumer.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_007)], timeout=10)
    assert by_time[0].offset == 7
    consumer.close()


def test_system_test_probe_produces_to_a_topic_that_does_not_exist(appliance):
    name = f"waitUntilUp-{uuid.uuid4()}"
    producer = kafka.KafkaProducer(bootstrap_servers=appliance.broker)
    assert producer.send(name, b"up?").get(30).offset == 0
    producer.close()
    consumer = kafka.KafkaConsumer(bootstrap_servers=appliance.broker, enable_auto_commit=False)
    partition = kafka.TopicPartition(name, 0)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    consumer.seek(partition, end - 1)
    got = []
    wait_for(lambda: got.extend(sum(consumer.poll(500).values(), [])) or got, what="the probe")
    assert got[0].value == b"up?"
    consumer.close()


def test_production_makes_no_topics(own_appliance):
    running = own_appliance("--set", "kafka.auto_create=false")
    producer = confluent_kafka.Producer({"bootstrap.servers": running.broker, "message.timeout.ms": 3000})
    errors = []
    producer.produce("nowhere", b"x", on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(30) == 0
    assert errors[0].code() in (
        confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART, confluent_kafka.KafkaError._UNKNOWN_TOPIC,
        confluent_kafka.KafkaError._MSG_TIMED_OUT,
    )
    consumer = mantid(running.broker)
    assert "nowhere" not in consumer.list_topics(timeout=10).topics
    consumer.close()
    running.stop()


def test_each_listener_tells_its_own_address(tmp_path, own_appliance):
    running = own_appliance(listen="127.0.0.1:0,[::1]:0,0.0.0.0:0")
    addresses = [line.split()[-1] for line in running.lines if line.startswith("Kafka")]
    assert len(addresses) == 3
    port = addresses[2].rsplit(":", 1)[1]
    dialled = {addresses[0]: addresses[0], addresses[1]: addresses[1], f"127.0.0.5:{port}": f"127.0.0.5:{port}"}
    for address, told in dialled.items():
        admin = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": "g"})
        host = told.rsplit(":", 1)[0].strip("[]")
        brokers = admin.list_topics(timeout=10).brokers.values()
        assert [(broker.host, broker.port) for broker in brokers] == [(host, int(told.rsplit(":", 1)[1]))]
        admin.close()
    running.stop()
