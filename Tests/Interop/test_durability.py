"""What was acknowledged survives kill -9, power cuts and a full disk; what was not is refused clearly."""

import array
import fcntl
import json
import os
import random
import signal
import subprocess
import threading
import urllib.request

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


class Load:
    """Producers that send one numbered value after another until they are stopped, and what they were promised."""

    def __init__(self, broker, topic):
        self.topic = topic
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        # (partition, offset) -> value, by producer
        self.acknowledged = {}
        self.committed = 0
        self.threads = [
            threading.Thread(target=self.produce, args=(broker, name, settings))
            for name, settings in {
                "idempotent": {"acks": "all", "enable.idempotence": True},
                "all": {"acks": "all", "compression.type": "lz4"},
                "one": {"acks": 1},
            }.items()
        ] + [threading.Thread(target=self.commit, args=(broker,))]
        for thread in self.threads:
            thread.start()

    def produce(self, broker, name, settings):
        mine = self.acknowledged[name] = {}
        producer = confluent_kafka.Producer(
            {
                "bootstrap.servers": broker, "linger.ms": 1, "queue.buffering.max.messages": 2000,
                "message.timeout.ms": 60_000, "reconnect.backoff.max.ms": 200, **settings,
            }
        )

        def delivered(error, message):
            if error is None:
                with self.lock:
                    mine[(message.partition(), message.offset())] = message.value()

        number = 0
        while not self.stopping.is_set():
            try:
                producer.produce(self.topic, f"{name} {number}".encode(), partition=number % 2, on_delivery=delivered)
                number += 1
            except BufferError:
                producer.poll(0.05)
            producer.poll(0)
        assert producer.flush(60) == 0

    def commit(self, broker):
        """A group that commits ever larger offsets, and remembers the last one that was taken."""
        consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": "load"})
        offset = 0
        while not self.stopping.is_set():
            offset += 1
            try:
                consumer.commit(
                    offsets=[confluent_kafka.TopicPartition(self.topic, 0, offset)], asynchronous=False
                )
                self.committed = offset
            except confluent_kafka.KafkaException:
                pass
        consumer.close()

    def count(self):
        with self.lock:
            return sum(map(len, self.acknowledged.values()))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def contents(broker, topic, partition):
    """Every record of a partition, by offset, read to the end as it is now."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": broker, "group.id": "reader", "enable.auto.commit": False, "check.crcs": True}
    )
    low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, partition), timeout=30)
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, low)])
    found = []
    while len(found) < high - low:
        messages = consumer.consume(10_000, 10)
        assert messages, f"{len(found)} of {high - low} records"
        for message in messages:
            assert message.error() is None, message.error()
            found.append((message.offset(), message.value()))
    consumer.close()
    assert [offset for offset, _ in found] == list(range(low, high)), "offsets without gaps, each once"
    return dict(found)


def committed(broker, topic):
    """What the group has committed; 0 for nothing."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": "load"})
    (position,) = consumer.committed([confluent_kafka.TopicPartition(topic, 0)], timeout=30)
    consumer.close()
    return max(position.offset, 0)


def check(broker, load, names):
    """Returns how many of the acknowledged records of these producers are not there; everything else must be right."""
    found = [contents(broker, load.topic, partition) for partition in range(2)]
    lost = 0
    for name in names:
        for (partition, offset), value in load.acknowledged[name].items():
            there = found[partition].get(offset)
            assert there in (None, value), f"{name}: {there} where {value} was acknowledged"
            lost += there is None
    for records in found:
        mine = [value for _, value in sorted(records.items()) if value.startswith(b"idempotent ")]
        numbers = [int(value.split()[1]) for value in mine]
        assert numbers == sorted(set(numbers)), "the idempotent producer's records are there once and in order"
        for value in records.values():
            assert value.split()[0] in (b"idempotent", b"all", b"one"), value
    return lost


def test_nothing_acknowledged_is_lost_by_kill_9_under_load(own_appliance, topic):
    appliance = own_appliance()
    sluice("topic", "create", topic, "--partitions", "2", broker=appliance.broker)
    load = Load(appliance.broker, topic)
    chance = random.Random(1)
    try:
        for round_ in range(5):
            before = load.count()
            target = before + chance.randrange(500, 5000)
            wait_for(lambda: load.count() >= target, 60, f"progress in round {round_}")
            known = load.committed
            appliance.kill()
            appliance.start()
            assert committed(appliance.broker, topic) >= known, "a committed offset went back"
        wait_for(lambda: load.count() >= target + 100, 60, "progress after the last round")
    finally:
        load.stop()
    assert check(appliance.broker, load, ["idempotent", "all", "one"]) == 0
    assert committed(appliance.broker, topic) >= load.committed
    appliance.stop()


class Disk:
    """A file system in a file, whose power can be cut."""

    # _IOR('X', 125, __u32) with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk, not even the journal.
    SHUTDOWN, NO_FLUSH = 0x8004587D, 2

    def __init__(self, directory):
        self.image = directory / "disk.img"
        self.path = directory / "disk"
        # Beside the file system: an open file would keep it from being unmounted.
        self.log = directory / "appliance.log"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(512 << 20)
        for command in [["mkfs.ext4", "-q", "-F", str(self.image)], self.mounting]:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"needs the right to mount a file system: {done.stderr.strip()}")

    @property
    def mounting(self):
        return ["mount", "-o", "loop", str(self.image), str(self.path)]

    def shut_down(self):
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, self.SHUTDOWN, array.array("I", [self.NO_FLUSH]))
        finally:
            os.close(descriptor)

    def cut_power(self, appliance):
        """The machine loses its power, and comes back with what the disk has."""
        # Stopped first: a sync that races with the end of the file system could be reported as done.
        appliance.process.send_signal(signal.SIGSTOP)
        self.shut_down()
        appliance.kill()
        self.unmount()
        subprocess.run(self.mounting, check=True)

    def unmount(self):
        wait_for(
            lambda: subprocess.run(["umount", str(self.path)], capture_output=True).returncode == 0, 30, "umount"
        )


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path)
    yield disk
    subprocess.run(["umount", "-l", str(disk.path)], capture_output=True)


def power_cut_round(appliance, disk, topic, chance):
    load = Load(appliance.broker, topic)
    try:
        wait_for(lambda: load.count() >= chance.randrange(2000, 6000), 60, "progress before the power cut")
        known = load.committed
        disk.cut_power(appliance)
        appliance.start()
        assert committed(appliance.broker, topic) >= known, "a committed offset went back"
        target = load.count() + 100
        wait_for(lambda: load.count() >= target, 60, "progress after the power cut")
    finally:
        load.stop()
    return load


def test_nothing_durable_is_lost_when_the_power_is_cut(own_appliance, disk, topic):
    appliance = own_appliance(name=str(disk.path / "data"), log=disk.log)
    chance = random.Random(2)
    for round_ in range(3):
        sluice("topic", "create", f"{topic}_{round_}", "--partitions", "2", broker=appliance.broker)
        load = power_cut_round(appliance, disk, f"{topic}_{round_}", chance)
        assert check(appliance.broker, load, ["idempotent", "all"]) == 0
    appliance.stop()


def test_the_relaxed_mode_loses_what_it_acknowledged(own_appliance, disk, topic):
    """The counter-proof: the power cut is real, and what saves the records is the sync before the answer."""
    appliance = own_appliance("--set", "data.durability=relaxed", name=str(disk.path / "data"), log=disk.log)
    chance = random.Random(3)
    lost = 0
    for round_ in range(5):
        name = f"{topic}_{round_}"
        sluice("topic", "create", name, "--config", "retention.ms=7000000", broker=appliance.broker)
        kept = {}
        producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker, "acks": "all", "linger.ms": 0})

        def delivered(error, message):
            if error is None:
                kept[(message.partition(), message.offset())] = message.value()

        count = chance.randrange(500, 1500)
        for number in range(count):
            producer.produce(name, f"one {number}".encode(), partition=0, on_delivery=delivered)
            producer.poll(0)
        wait_for(lambda: producer.poll(0.001) is not None and len(kept) >= count, 30, "answers")
        disk.cut_power(appliance)
        appliance.start()
        # Records alone are at risk: the topic and its settings were on the disk before they were answered.
        assert "7000000" in sluice("topic", "config", name, broker=appliance.broker).stdout
        found = contents(appliance.broker, name, 0)
        lost += sum(offset not in found for _, offset in kept)
        if lost:
            break
    assert lost, "acknowledged records survived without a sync: the power was not cut"
    appliance.stop()


def test_a_failed_sync_ends_the_process_with_a_message(own_appliance, topic):
    appliance = own_appliance()
    good, bad = produce(appliance.broker, topic, [b"before"] * 10)
    assert len(good) == 10 and not bad
    tracer = subprocess.Popen(
        [
            "strace", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO", "-p",
            str(appliance.process.pid),
        ],
        stderr=subprocess.PIPE, text=True,
    )
    line = tracer.stderr.readline()
    if "attached" not in line:
        tracer.kill()
        pytest.skip(f"needs the right to trace a process: {line.strip()}")
    good, bad = produce(appliance.broker, topic, [b"after"] * 10, **{"message.timeout.ms": 3000})
    assert not good, "an acknowledgement without a sync"
    assert appliance.process.wait(timeout=30) not in (0, None)
    tracer.wait(timeout=30)
    text = appliance.log_path.read_text()
    assert "can no longer be trusted" in text
    appliance.process.stdout.close()
    appliance.start()
    assert read(appliance.broker, topic, 10)[:10] == [(offset, b"before") for offset in range(10)]
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


def test_a_flipped_bit_costs_its_batch_and_is_told(own_appliance, topic):
    appliance = own_appliance()
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker, "linger.ms": 0})
    for number in range(9):
        producer.produce(topic, f"value {number}".encode())
        assert producer.flush(30) == 0
    appliance.stop()
    path = appliance.directory / "topics" / f"{topic}-0" / f"{0:020}.log"
    content = bytearray(path.read_bytes())
    batch = len(content) // 9
    # A value in the third batch, and the base offset of the sixth, which no checksum covers.
    content[batch * 2 + 70] ^= 4
    content[batch * 5 + 7] ^= 16
    path.write_bytes(content)
    appliance.start()
    # This client does not look at checksums: what it gets is right all the same.
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": appliance.broker, "group.id": "g", "enable.auto.commit": False, "check.crcs": False,
    })
    found, errors = {}, []
    for start in range(9):
        consumer.assign([confluent_kafka.TopicPartition(topic, 0, start)])
        message = wait_for(lambda: consumer.poll(1), what=f"an answer at {start}")
        if message.error():
            errors.append((start, message.error().code()))
        else:
            found[start] = (message.offset(), message.value())
    consumer.close()
    assert found == {n: (n, f"value {n}".encode()) for n in range(9) if n not in (2, 5)}
    assert [start for start, _ in errors] == [2, 5]
    assert appliance.log_path.read_text().count("cannot be read") + appliance.log_path.read_text().count("damaged") >= 2
    metrics = urllib.request.urlopen(f"http://{appliance.console}/metrics").read().decode()
    assert f'sluice_partition_damaged_ranges{{partition="0",topic="{topic}"}} 2' in metrics
    appliance.stop()
    verified = sluice("log", "verify", str(appliance.directory), "--format", "json", check=False)
    assert verified.returncode == 1
    assert [row["first_offset"] for row in json.loads(verified.stdout) if row["finding"] == "damaged"] == [2, 5]
