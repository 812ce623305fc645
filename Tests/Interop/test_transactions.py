"""Transactions and idempotence as confluent-kafka, kafka-python and aiokafka know them, across kills of the broker."""

import asyncio
import subprocess
import sys
import threading

import aiokafka
import confluent_kafka
import confluent_kafka.admin
import kafka
import pytest
from conftest import wait_for

ABORTED = "aborted"


def create(broker, *topics):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker})
    futures = admin.create_topics([confluent_kafka.admin.NewTopic(t, 1, 1) for t in topics])
    for future in futures.values():
        future.result(30)


def transactional(broker, name, **settings):
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": broker, "transactional.id": name, "transaction.timeout.ms": 60000, **settings}
    )
    producer.init_transactions(30)
    return producer


def read(broker, topic, isolation="read_committed"):
    """All values up to the end of the topic as this reader sees it."""
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": broker, "group.id": "reader", "isolation.level": isolation, "check.crcs": True,
            "enable.auto.commit": False, "enable.partition.eof": True,
        }
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_BEGINNING)])
    values = []
    while True:
        message = consumer.poll(30)
        assert message is not None, f"no end of {topic} after {values}"
        if message.error():
            assert message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, message.error()
            consumer.close()
            return values
        values.append(message.value().decode())


def write(producer, topic, values):
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value)
    producer.flush(30)


def test_confluent_commit_and_abort(appliance, topic):
    create(appliance.broker, topic)
    producer = transactional(appliance.broker, topic)
    plain = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    for round in range(5):
        write(producer, topic, [f"commit {round} {i}" for i in range(3)])
        producer.commit_transaction(30)
        write(producer, topic, [f"abort {round} {i}" for i in range(3)])
        plain.produce(topic, f"plain {round}")
        plain.flush(30)
        # What stands behind an open transaction waits for it.
        assert f"plain {round}" not in read(appliance.broker, topic)
        producer.abort_transaction(30)
    committed = read(appliance.broker, topic)
    expected = []
    for round in range(5):
        expected += [f"commit {round} {i}" for i in range(3)] + [f"plain {round}"]
    assert committed == expected
    everything = read(appliance.broker, topic, "read_uncommitted")
    assert len(everything) == 35 and [v for v in everything if not v.startswith("abort")] == expected


def test_confluent_consume_transform_produce(own_appliance, topic):
    appliance = own_appliance()
    source, sink, group = topic + "_in", topic + "_out", topic + "_group"
    create(appliance.broker, source, sink)
    plain = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    for index in range(30):
        plain.produce(source, str(index))
    plain.flush(30)

    def pump(stop_after, commit_last):
        consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": appliance.broker, "group.id": group, "auto.offset.reset": "earliest",
                "enable.auto.commit": False, "session.timeout.ms": 6000,
            }
        )
        consumer.subscribe([source])
        producer = transactional(appliance.broker, topic)
        done = 0
        while done < stop_after:
            messages = consumer.consume(5, 30)
            assert messages and not any(m.error() for m in messages)
            producer.begin_transaction()
            for message in messages:
                producer.produce(sink, f"out {message.value().decode()}")
            producer.send_offsets_to_transaction(
                consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 30
            )
            done += len(messages)
            if done >= stop_after and not commit_last:
                producer.abort_transaction(30)
            else:
                producer.commit_transaction(30)
        consumer.close()
        return done

    pump(10, commit_last=False)
    appliance.kill()
    appliance.start()
    pumped = len(read(appliance.broker, sink))
    pump(30 - pumped, commit_last=True)
    assert read(appliance.broker, sink) == [f"out {i}" for i in range(30)]


def test_confluent_zombie_is_fenced(appliance, topic):
    create(appliance.broker, topic)
    zombie = transactional(appliance.broker, topic)
    write(zombie, topic, ["zombie"])
    heir = transactional(appliance.broker, topic)
    with pytest.raises(confluent_kafka.KafkaException) as caught:
        zombie.commit_transaction(30)
    assert caught.value.args[0].code() == confluent_kafka.KafkaError._FENCED
    assert caught.value.args[0].fatal()
    write(heir, topic, ["heir"])
    heir.commit_transaction(30)
    assert read(appliance.broker, topic) == ["heir"]


def test_confluent_timeout_aborts(appliance, topic):
    create(appliance.broker, topic)
    producer = transactional(appliance.broker, topic, **{"transaction.timeout.ms": 1000, "message.timeout.ms": 1000})
    write(producer, topic, ["lost"])
    plain = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    plain.produce(topic, "plain")
    plain.flush(30)
    wait_for(lambda: read(appliance.broker, topic) == ["plain"], what="the abort")
    with pytest.raises(confluent_kafka.KafkaException):
        producer.commit_transaction(30)
    with pytest.raises(confluent_kafka.KafkaException) as caught:
        transactional(appliance.broker, topic, **{"transaction.timeout.ms": 900001})
    assert caught.value.args[0].code() == confluent_kafka.KafkaError.INVALID_TRANSACTION_TIMEOUT


COMMITTER = """
import sys, confluent_kafka
broker, topic = sys.argv[1:]
producer = confluent_kafka.Producer({"bootstrap.servers": broker, "transactional.id": topic})
producer.init_transactions(30)
for number in range(1000000):
    producer.begin_transaction()
    for part in range(3):
        producer.produce(topic, f"{number} {part}")
    if number % 3 == 2:
        producer.abort_transaction(30)
    else:
        print("begin", number, flush=True)
        producer.commit_transaction(30)
        print("done", number, flush=True)
"""


def test_kill_9_during_commits_leaves_whole_transactions(own_appliance, topic):
    """The broker dies between EndTxn and its answer, again and again: every transaction is there wholly or not at all."""
    appliance = own_appliance()
    create(appliance.broker, topic)
    acknowledged, begun = set(), set()
    for round in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", COMMITTER, appliance.broker, topic + str(round)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        create(appliance.broker, topic + str(round))
        enough = threading.Event()

        def follow():
            for line in child.stdout:
                word, number = line.split()
                (acknowledged if word == "done" else begun).add((round, int(number)))
                if int(number) > 20:
                    enough.set()

        thread = threading.Thread(target=follow)
        thread.start()
        assert enough.wait(60)
        appliance.kill()
        child.kill()
        child.wait()
        thread.join()
        child.stdout.close()
        appliance.start()
        # The transaction that was open is given up once its producer's successor begins.
        transactional(appliance.broker, topic + str(round))
        values = read(appliance.broker, topic + str(round))
        numbers = [int(v.split()[0]) for v in values]
        assert values == [f"{n} {p}" for n in dict.fromkeys(numbers) for p in range(3)]
        seen = {(round, n) for n in numbers}
        assert {a for a in acknowledged if a[0] == round} <= seen <= {b for b in begun if b[0] == round}
        assert not any(n % 3 == 2 for n in numbers)


def test_idempotent_producer_across_kill_9(own_appliance, topic):
    """A producer that lives through kills of the broker writes every record once and in order."""
    appliance = own_appliance()
    create(appliance.broker, topic)
    producer = confluent_kafka.Producer(
        {
            "bootstrap.servers": appliance.broker, "enable.idempotence": True, "linger.ms": 1,
            "batch.num.messages": 20, "message.timeout.ms": 60000, "reconnect.backoff.max.ms": 200,
        }
    )
    failures, delivered = [], []

    def report(error, message):
        (failures if error else delivered).append(error or message.value())

    count = 0
    appliance.listen = appliance.broker
    for _ in range(4):
        for _ in range(1500):
            producer.produce(topic, str(count), on_delivery=report)
            count += 1
        target = len(delivered) + 200
        wait_for(lambda: producer.poll(0.01) is not None and len(delivered) >= target, what="some deliveries")
        appliance.kill()
        producer.poll(0)
        appliance.start()
    assert producer.flush(60) == 0
    assert not failures and len(delivered) == count
    assert read(appliance.broker, topic) == [str(i) for i in range(count)]


def test_kafka_python_transactions(appliance, topic):
    create(appliance.broker, topic)
    producer = kafka.KafkaProducer(bootstrap_servers=appliance.broker, transactional_id=topic)
    producer.init_transactions()
    for outcome in ("one", ABORTED, "two"):
        producer.begin_transaction()
        producer.send(topic, outcome.encode()).get(30)
        if outcome == ABORTED:
            producer.abort_transaction()
        else:
            producer.commit_transaction()
    producer.close()
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=appliance.broker, isolation_level="read_committed", auto_offset_reset="earliest",
        enable_auto_commit=False, group_id=topic,
    )
    partition = kafka.TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    values = []
    wait_for(
        lambda: values.extend(r.value for rs in consumer.poll(200).values() for r in rs) or len(values) >= 2,
        what="the committed records",
    )
    assert values == [b"one", b"two"]
    assert consumer.position(partition) >= 5
    consumer.close()


def test_aiokafka_transactions(appliance, topic):
    create(appliance.broker, topic)

    async def run():
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers=appliance.broker, transactional_id=topic)
        await producer.start()
        async with producer.transaction():
            await producer.send_and_wait(topic, b"one")
        with pytest.raises(ValueError):
            async with producer.transaction():
                await producer.send_and_wait(topic, ABORTED.encode())
                raise ValueError
        async with producer.transaction():
            await producer.send_and_wait(topic, b"two")
            partition = aiokafka.TopicPartition(topic, 0)
            await producer.send_offsets_to_transaction({partition: 1}, topic + "-group")
        await producer.stop()
        consumer = aiokafka.AIOKafkaConsumer(
            topic, bootstrap_servers=appliance.broker, isolation_level="read_committed", auto_offset_reset="earliest",
            group_id=topic + "-reader", enable_auto_commit=False,
        )
        await consumer.start()
        values = [(await asyncio.wait_for(consumer.getone(), 30)).value for _ in range(2)]
        await consumer.stop()
        return values

    assert asyncio.run(run()) == [b"one", b"two"]
    reader = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": topic + "-group"})
    assert reader.committed([confluent_kafka.TopicPartition(topic, 0)], 30)[0].offset == 1
    reader.close()
