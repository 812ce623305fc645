"""Administrators' calls of kafka-python, confluent-kafka, aiokafka and kcat: settings, topics, partitions, records, the cluster."""

import asyncio

import aiokafka.admin
import confluent_kafka
import confluent_kafka.admin as ca
import kafka
import kafka.admin as ka
import kafka.errors
import pytest


@pytest.fixture
def python_admin(appliance):
    admin = ka.KafkaAdminClient(bootstrap_servers=appliance.broker)
    yield admin
    admin.close()


@pytest.fixture
def confluent_admin(appliance):
    return ca.AdminClient({"bootstrap.servers": appliance.broker})


def produce(broker, topic, count):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker})
    for index in range(count):
        producer.produce(topic, f"{index}".encode(), partition=0)
    assert producer.flush(30) == 0


def confluent_code(future):
    with pytest.raises(confluent_kafka.KafkaException) as refused:
        future.result(30)
    return refused.value.args[0].code()


def test_kafka_python_settings(appliance, python_admin, topic):
    python_admin.create_topics([ka.NewTopic(topic, 1, 1, topic_configs={"retention.ms": "1000000"})])
    resource = ka.ConfigResource("TOPIC", topic, {"cleanup.policy": ("APPEND", "compact"), "segment.ms": "5000"})
    assert python_admin.alter_configs([resource]) == {"topic": {topic: "OK"}}
    shown = python_admin.describe_configs([ka.ConfigResource("TOPIC", topic)], include_synonyms=True)["topic"][topic]
    assert {name: config["value"] for name, config in shown.items()} == {
        "cleanup.policy": "delete,compact", "retention.ms": "1000000", "segment.ms": "5000"}
    assert shown["segment.ms"]["config_source"] == "DYNAMIC_TOPIC_CONFIG"
    assert [s["source"] for s in shown["segment.ms"]["synonyms"]] == ["DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"]
    python_admin.alter_configs([ka.ConfigResource("TOPIC", topic, {"segment.ms": ("DELETE", None)})])
    # The old request replaces everything: the client sends along what is set.
    python_admin.alter_configs([ka.ConfigResource("TOPIC", topic, {"segment.bytes": "1048576"})], incremental=False)
    shown = python_admin.describe_configs([ka.ConfigResource("TOPIC", topic)])["topic"][topic]
    assert set(shown) == {"cleanup.policy", "retention.ms", "segment.bytes"}
    with pytest.raises(ValueError):
        python_admin.alter_configs([ka.ConfigResource("TOPIC", topic, {"no.such.key": "1"})])
    refused = python_admin.alter_configs(
        [ka.ConfigResource("TOPIC", topic, {"no.such.key": "1"})], raise_on_unknown=False)
    assert "no.such.key" in refused["topic"][topic]


def test_kafka_python_broker_settings(appliance, python_admin):
    broker = ka.ConfigResource("BROKER", "1")
    everything = python_admin.describe_configs([broker], config_filter="all")["broker"]["1"]
    assert everything["num.partitions"]["read_only"] and not everything["message.max.bytes"]["read_only"]
    assert everything["log.dirs"]["config_source"] == "STATIC_BROKER_CONFIG"
    change = ka.ConfigResource("BROKER", "1", {"log.retention.minutes": "30"})
    assert python_admin.alter_configs([change]) == {"broker": {"1": "OK"}}
    assert python_admin.describe_configs([broker])["broker"]["1"]["log.retention.minutes"]["value"] == "30"
    python_admin.reset_configs([ka.ConfigResource("BROKER", "1", ["log.retention.minutes"])])
    assert "log.retention.minutes" not in python_admin.describe_configs([broker])["broker"]["1"]
    listed = python_admin.list_config_resources()
    assert "1" in str(listed)


def test_confluent_settings(appliance, confluent_admin, topic):
    confluent_admin.create_topics([ca.NewTopic(topic, 1, 1)])[topic].result(30)
    entry = ca.ConfigEntry("retention.ms", "5000", incremental_operation=ca.AlterConfigOpType.SET)
    resource = ca.ConfigResource(ca.ResourceType.TOPIC, topic, incremental_configs=[entry])
    confluent_admin.incremental_alter_configs([resource])[resource].result(30)
    described = confluent_admin.describe_configs([ca.ConfigResource(ca.ResourceType.TOPIC, topic)])
    configs = next(iter(described.values())).result(30)
    assert configs["retention.ms"].value == "5000"
    assert configs["retention.ms"].source == ca.ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    broker = ca.ConfigResource(ca.ResourceType.BROKER, "1")
    configs = next(iter(confluent_admin.describe_configs([broker]).values())).result(30)
    assert configs["num.partitions"].is_read_only and configs["node.id"].value == "1"
    bad = ca.ConfigResource(
        ca.ResourceType.TOPIC, topic,
        incremental_configs=[ca.ConfigEntry("x", "1", incremental_operation=ca.AlterConfigOpType.SET)])
    code = confluent_code(confluent_admin.incremental_alter_configs([bad])[bad])
    assert code == confluent_kafka.KafkaError.INVALID_CONFIG
    gone = ca.ConfigResource(
        ca.ResourceType.TOPIC, topic + "_no",
        incremental_configs=[ca.ConfigEntry("flush.ms", "1", incremental_operation=ca.AlterConfigOpType.SET)])
    code = confluent_code(confluent_admin.incremental_alter_configs([gone])[gone])
    assert code == confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART


def test_aiokafka_settings(appliance, topic):
    async def go():
        admin = aiokafka.admin.AIOKafkaAdminClient(bootstrap_servers=appliance.broker)
        await admin.start()
        try:
            await admin.create_topics([aiokafka.admin.NewTopic(topic, 1, 1)])
            kind = aiokafka.admin.config_resource.ConfigResourceType.TOPIC
            resource = aiokafka.admin.config_resource.ConfigResource(kind, topic, {"flush.ms": "7"})
            altered = await admin.alter_configs([resource])
            assert altered[0].resources[0][0] == 0
            asked = aiokafka.admin.config_resource.ConfigResource(kind, topic, {"flush.ms": None})
            described = await admin.describe_configs([asked])
            assert described[0].resources[0][4][0][:2] == ("flush.ms", "7")
            await admin.create_partitions({topic: aiokafka.admin.NewPartitions(3)})
            assert len((await admin.describe_topics([topic]))[0]["partitions"]) == 3
        finally:
            await admin.close()

    asyncio.run(go())


def test_partitions_and_records(appliance, python_admin, confluent_admin, topic):
    python_admin.create_topics([ka.NewTopic(topic, 1, 1)])
    produce(appliance.broker, topic, 10)
    python_admin.create_partitions({topic: 3})
    with pytest.raises(kafka.errors.InvalidPartitionsError):
        python_admin.create_partitions({topic: 2})
    deleted = python_admin.delete_records({kafka.TopicPartition(topic, 0): 4})
    assert deleted[kafka.TopicPartition(topic, 0)]["low_watermark"] == 4
    partition = confluent_kafka.TopicPartition(topic, 0, confluent_kafka.OFFSET_END)
    result = confluent_admin.delete_records([partition])[confluent_kafka.TopicPartition(topic, 0)].result(30)
    assert result.low_watermark == 10
    partition.offset = 11
    code = confluent_code(confluent_admin.delete_records([partition])[confluent_kafka.TopicPartition(topic, 0)])
    assert code == confluent_kafka.KafkaError.OFFSET_OUT_OF_RANGE
    described = python_admin.describe_topic_partitions([topic])
    assert len(described["topics"][0]["partitions"]) == 3


def test_deleted_records_stay_deleted(own_appliance):
    running = own_appliance()
    admin = ka.KafkaAdminClient(bootstrap_servers=running.broker)
    admin.create_topics([ka.NewTopic("T", 1, 1)])
    produce(running.broker, "T", 10)
    admin.delete_records({kafka.TopicPartition("T", 0): 6})
    admin.alter_configs([ka.ConfigResource("BROKER", "1", {"message.max.bytes": "2000"})])
    admin.close()
    running.kill()
    running.start()
    consumer = kafka.KafkaConsumer(bootstrap_servers=running.broker)
    partition = kafka.TopicPartition("T", 0)
    assert consumer.beginning_offsets([partition]) == {partition: 6}
    assert consumer.end_offsets([partition]) == {partition: 10}
    consumer.close()
    producer = confluent_kafka.Producer({"bootstrap.servers": running.broker})
    failures = []
    producer.produce("T", b"x" * 5000, on_delivery=lambda error, message: failures.append(error))
    assert producer.flush(30) == 0
    assert failures[0].code() == confluent_kafka.KafkaError.MSG_SIZE_TOO_LARGE


def test_replication_is_refused_when_told(own_appliance):
    running = own_appliance("--set", "kafka.clamp_replication=false")
    admin = ca.AdminClient({"bootstrap.servers": running.broker})
    code = confluent_code(admin.create_topics([ca.NewTopic("T", 1, 3)])["T"])
    assert code == confluent_kafka.KafkaError.INVALID_REPLICATION_FACTOR
    admin.create_topics([ca.NewTopic("T", 1, 1)])["T"].result(30)


def test_cluster(appliance, python_admin, confluent_admin, topic):
    python_admin.create_topics([ka.NewTopic(topic, 2, 1)])
    cluster = confluent_admin.describe_cluster(include_authorized_operations=True).result(30)
    assert cluster.controller.id == 1 and len(cluster.nodes) == 1
    assert ca.AclOperation.CREATE in cluster.authorized_operations
    assert python_admin.describe_cluster()["controller_id"] == 1
    directory = python_admin.describe_log_dirs()[0]["log_dirs"][0]
    assert directory["log_dir"] == str(appliance.directory.resolve())
    assert topic in [t["name"] for t in directory["topics"]] and directory["total_bytes"] > directory["usable_bytes"] > 0
    quorum = python_admin.describe_metadata_quorum()
    assert "1" in str(quorum)
    elected = python_admin.elect_leaders(0, {topic: [0, 1]})
    codes = [p.error_code for r in elected.replica_election_results for p in r.partition_result]
    assert codes == [84, 84]
    assert python_admin.list_partition_reassignments() == {}
    moved = python_admin.alter_partition_reassignments({kafka.TopicPartition(topic, 0): [1]})
    assert moved is not None
    elected = confluent_admin.elect_leaders(
        confluent_kafka.ElectionType.PREFERRED, [confluent_kafka.TopicPartition(topic, 0)]).result(30)
    assert elected[confluent_kafka.TopicPartition(topic, 0)].code() == confluent_kafka.KafkaError.ELECTION_NOT_NEEDED
    topics = confluent_admin.describe_topics(
        confluent_kafka.TopicCollection([topic]), include_authorized_operations=True)
    assert len(topics[topic].result(30).partitions) == 2
