"""What was acknowledged survives kill -9 and a full disk; what was not is refused clearly."""

import os
import subprocess

import confluent_kafka
import pytest
from conftest import sluice, wait_for


def produce(broker, topic, values, **settings):
    """Sends the values; returns those that were acknowledged and those that failed."""
    good, bad = [], []
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, "acks": "all", **settings})
    for value in values:
        producer.produce(
            topic, value, on_delivery=lambda error, m: (bad if error else good).append((m.offset(), m.value()))
        )
        producer.poll(0)
    producer.flush(60)
    return good, bad


def read(broker, topic, count):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": "g", "enable.auto.commit": False})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)])
    got = []
    wait_for(lambda: got.extend(consumer.consume(count, 0.5)) or len(got) >= count, what="all messages")
    consumer.close()
    return [(m.offset(), m.value()) for m in got]


def test_acknowledged_records_survive_kill_9(own_appliance, topic):
    appliance = own_appliance()
    kept = []
    for round_ in range(3):
        good, bad = produce(appliance.broker, topic, [f"{round_}/{i}".encode() for i in range(500)])
        assert len(good) == 500 and not bad
        kept += good
        consumer = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": "kept"})
        consumer.commit(
            offsets=[confluent_kafka.TopicPartition(topic, 0, 100 * (round_ + 1))], asynchronous=False
        )
        consumer.close()
        appliance.kill()
        appliance.start()
        assert read(appliance.broker, topic, len(kept)) == kept
        consumer = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": "kept"})
        (committed,) = consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=30)
        assert committed.offset == 100 * (round_ + 1)
        consumer.close()
    appliance.stop()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 48 MiB, where the tests may mount one."""
    path = tmp_path / "small"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(path)], capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_refuses_writes_serves_reads_and_recovers(own_appliance, small_disk, topic):
    ballast = small_disk / "ballast"
    appliance = own_appliance(name=str(small_disk / "data"))
    good, bad = produce(appliance.broker, topic, [b"before"] * 100)
    assert len(good) == 100 and not bad
    free = os.statvfs(small_disk)
    ballast.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - 400_000))
    _, bad = produce(
        appliance.broker, topic, [os.urandom(50_000) for _ in range(100)],
        **{"message.timeout.ms": 3000, "retries": 1, "retry.backoff.ms": 100},
    )
    assert bad, "a full disk took everything"
    assert len(read(appliance.broker, topic, 100)) >= 100
    ballast.unlink()
    again = []
    wait_for(
        lambda: again.extend(
            produce(appliance.broker, topic, [b"after"], **{"message.timeout.ms": 2000})[0]
        ) or again,
        60, "writing to resume",
    )
    appliance.stop()
