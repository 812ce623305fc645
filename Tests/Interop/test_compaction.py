"""Compacted topics: the newest record of each key stays, for every client, while the topic is in use."""

import confluent_kafka
from conftest import sluice, wait_for

SETTINGS = [
    "cleanup.policy=compact", "segment.bytes=10000", "min.cleanable.dirty.ratio=0.01", "max.compaction.lag.ms=100",
    "segment.ms=1000", "delete.retention.ms=86400000",
]


def produce(broker, topic, records, **settings):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, "linger.ms": 0, **settings})
    failed = []
    for key, value in records:
        producer.produce(topic, value, key=key, partition=0, on_delivery=lambda e, _: e and failed.append(e))
        producer.poll(0)
    assert producer.flush(30) == 0 and not failed


def records(broker, topic):
    """Every record from the first offset to the end as it is now."""
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": broker, "group.id": "reader", "enable.auto.commit": False, "check.crcs": True,
            "enable.partition.eof": True,
        }
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)])
    found = []
    while True:
        message = consumer.poll(30)
        assert message is not None, "no end of the partition"
        if message.error():
            assert message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, message.error()
            consumer.close()
            return found
        found.append((message.offset(), message.key(), message.value()))


def test_the_newest_record_of_each_key_stays(own_appliance, topic):
    appliance = own_appliance()
    sluice("topic", "create", topic, *[word for s in SETTINGS for word in ("--config", s)], broker=appliance.broker)
    sent = []
    for codec in ("none", "lz4", "gzip", "snappy", "zstd"):
        batch = [(f"key {i % 10}", f"{codec} {i}" + "x" * 100) for i in range(400)]
        produce(appliance.broker, topic, batch, **{"compression.type": codec, "batch.num.messages": 7})
        sent += batch
    produce(appliance.broker, topic, [("key 3", None)], **{"enable.idempotence": True})
    before = [
        (offset, key.encode(), value and value.encode()) for offset, (key, value) in enumerate([*sent, ("key 3", None)])
    ]
    after = wait_for(
        lambda: (found := records(appliance.broker, topic)) and len(found) < 300 and found, 60, "compaction"
    )
    assert set(after) <= set(before), "nothing but what was sent, where it was"
    assert [offset for offset, _, _ in after] == sorted({offset for offset, _, _ in after})
    newest = {key: value for _, key, value in before}
    assert {key: value for _, key, value in after} == newest
    # The same after a kill, with the idempotent producer's sequence known.
    appliance.kill()
    appliance.start()
    assert {key: value for _, key, value in records(appliance.broker, topic)} == newest
    produce(appliance.broker, topic, [("key 3", "again")], **{"enable.idempotence": True})
    assert records(appliance.broker, topic)[-1][1:] == (b"key 3", b"again")
    appliance.stop()
    assert "intact" in sluice("log", "verify", str(appliance.directory)).stderr
