"""The tools that read log files without a broker: what they list, and that they change nothing."""

import hashlib
import json
import pathlib

import confluent_kafka
from conftest import sluice


def produce(broker, topic, count, **settings):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, "linger.ms": 0, **settings})
    for index in range(count):
        producer.produce(topic, f"value {index}", key=f"key {index}", headers={"h": b"x"}, timestamp=1000 + index)
        producer.flush(30)


def digests(directory):
    files = sorted(path for path in pathlib.Path(directory).rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_dump_shows_batches_and_records(own_appliance, topic):
    appliance = own_appliance()
    produce(appliance.broker, topic, 5, **{"compression.type": "lz4"})
    directory = appliance.directory / "topics" / f"{topic}-0"
    live = sluice("log", "dump", str(directory), "--format", "json")
    assert "is writing there" in live.stderr
    appliance.stop()
    before = digests(appliance.directory)
    batches = [json.loads(line) for line in sluice("log", "dump", str(directory), "--format", "json").stdout.splitlines()]
    records = [record for batch in batches for record in batch["records"]]
    assert [record["offset"] for record in records] == list(range(5))
    assert [record["key"] for record in records] == [f"key {index}" for index in range(5)]
    assert [record["value"] for record in records] == [f"value {index}" for index in range(5)]
    assert [record["timestamp"] for record in records] == [1000 + index for index in range(5)]
    assert records[0]["headers"] == [{"name": "h", "value": "x"}]
    assert [batch["base_offset"] for batch in batches] == list(range(5))
    text = sluice("log", "dump", str(directory / f"{0:020}.log"), "--from", "3", "-n", "1").stdout
    assert "value 3" in text and "value 2" not in text and "value 4" not in text
    (segment,) = json.loads(sluice("log", "segments", str(directory), "--format", "json").stdout)
    assert segment["base_offset"] == 0 and segment["next_offset"] == 5
    assert segment["bytes"] == (directory / f"{0:020}.log").stat().st_size
    assert digests(appliance.directory) == before


def test_verify_names_the_damage(own_appliance, topic):
    appliance = own_appliance()
    produce(appliance.broker, topic, 5)
    appliance.stop()
    data = appliance.directory
    assert sluice("log", "verify", str(data)).stderr.startswith("intact")
    path = data / "topics" / f"{topic}-0" / f"{0:020}.log"
    content = bytearray(path.read_bytes())
    content[len(content) // 5 * 2 + 70] ^= 1
    path.write_bytes(content)
    before = digests(data)
    done = sluice("log", "verify", str(data), "--format", "json", check=False)
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)
    assert (finding["finding"], finding["topic"], finding["first_offset"], finding["next_offset"]) == (
        "damaged", topic, 2, 3,
    )
    dump = sluice("log", "dump", str(path), check=False)
    assert dump.returncode == 1 and "value 1" in dump.stdout and "value 3" in dump.stdout
    assert digests(data) == before
    assert sluice("log", "verify", str(data / "nowhere"), check=False).returncode == 4


def test_dump_reads_what_the_broker_keeps_for_itself(own_appliance, topic):
    appliance = own_appliance()
    sluice("topic", "create", topic, "--config", "retention.ms=7200000", broker=appliance.broker)
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker, "transactional.id": "my-id"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"x")
    consumer = confluent_kafka.Consumer({"bootstrap.servers": appliance.broker, "group.id": "my-group"})
    consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, 0, 7)], asynchronous=False)
    consumer.close()
    producer.commit_transaction(30)
    appliance.stop()

    def dump(name):
        directory = appliance.directory / "topics" / f"{name}-0"
        lines = sluice("log", "dump", str(directory), "--format", "json").stdout.splitlines()
        return [record for line in lines for record in json.loads(line)["records"]]

    (offset,) = [record for record in dump("__consumer_offsets") if record["kind"] == "committed_offset"]
    assert offset["key"] == {"group": "my-group", "topic": topic, "partition": 0}
    assert offset["value"]["offset"] == 7
    states = [record["value"]["state"] for record in dump("__transaction_state") if record["kind"] == "transaction"]
    assert states[0] == "Empty" and states[-1] == "CompleteCommit"
    (made,) = [
        record for record in dump("__cluster_metadata")
        if record["kind"] == "topic" and record["value"] and record["value"]["name"] == topic
    ]
    assert made["value"]["settings"] == {"retention.ms": "7200000"} and made["value"]["partitions"] == 1
    path = appliance.directory / "topics" / "__consumer_offsets-0" / f"{0:020}.log"
    text = sluice("log", "dump", str(path)).stdout
    assert f'committed_offset {{"group":"my-group","topic":"{topic}","partition":0}}' in text
