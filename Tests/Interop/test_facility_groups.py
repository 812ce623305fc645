"""The groups of the facility's programs, with their own settings as far as groups matter."""

import uuid

import confluent_kafka
from conftest import wait_for
from group_members import Member, fill, make_topic, poll_until


def test_event_aggregator(own_appliance, topic):
    """A fixed group, commits by itself every five seconds, large fetches; goes on where it was."""
    appliance = own_appliance()
    make_topic(appliance.broker, topic, 3)
    settings = {
        "enable_auto_commit": True, "auto_commit_interval_ms": 5000, "fetch_min_bytes": 1 << 20,
        "fetch_wait_max_ms": 500, "fetch_message_max_bytes": 64 << 20, "queued_max_messages_kbytes": 2097151,
    }
    group = "kafka-event-aggregator-demo"
    first = Member(appliance.broker, group, topic, **settings)
    fill(appliance.broker, topic, 30, 3)
    poll_until([first], lambda: len(first.values) == 30, "all events")
    # Closing commits what was read.
    first.close()
    appliance.listen = appliance.broker
    appliance.kill()
    appliance.start()
    fill(appliance.broker, topic, 3, 3, start=30)
    second = Member(appliance.broker, group, topic, **settings)
    poll_until([second], lambda: len(second.values) >= 3, "the new events")
    assert sorted(second.values) == [30, 31, 32]
    second.close()
    appliance.stop()


def test_file_writer_pool(appliance, topic):
    """Idle writers share a group; one takes a job, commits it at once, leaves the pool, and the other takes the next."""
    make_topic(appliance.broker, topic, 1)
    group = "kafka-to-nexus-worker-pool"
    writers = [Member(appliance.broker, group, topic) for _ in range(2)]
    poll_until(writers, lambda: any(writer.partitions for writer in writers), "the pool")
    for job in range(4):
        fill(appliance.broker, topic, 1, 1, start=job)
        poll_until(writers, lambda: any(writer.values for writer in writers), f"job {job}")
        (taken,) = [writer for writer in writers if writer.values]
        assert taken.values == [job]
        taken.consumer.commit(asynchronous=False)
        taken.close()
        writers.remove(taken)
        writers.append(Member(appliance.broker, group, topic))
    for writer in writers:
        writer.close()


def test_saluki_assigns_and_subscribes(appliance, topic):
    """A group of a random name: watermarks, then an assignment by hand, then a subscription on top of it."""
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 10, 1)
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": appliance.broker, "group.id": str(uuid.uuid4()), "auto.offset.reset": "latest"}
    )
    low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=10)
    assert (low, high) == (0, 10)
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 5)])
    message = wait_for(lambda: consumer.poll(0.5), what="a message")
    assert message.value() == b"5"
    consumer.subscribe([topic])
    wait_for(lambda: consumer.poll(0.2) is None and consumer.assignment(), what="the group's assignment")
    consumer.close()


def test_forwarder_hears_of_new_configurations(appliance, topic):
    """A random group from the end on."""
    make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 5, 1)
    member = Member(appliance.broker, str(uuid.uuid4()), topic, auto_offset_reset="latest", enable_auto_commit=True)
    poll_until([member], lambda: member.partitions, "the assignment")
    member.consumer.position([confluent_kafka.TopicPartition(topic, 0)])
    number = 5

    def heard():
        nonlocal number
        fill(appliance.broker, topic, 1, 1, start=number)
        number += 1
        return member.values

    poll_until([member], heard, "a new configuration")
    assert min(member.values) >= 5
    member.close()


def test_mantid_reads_beside_other_listeners_of_its_name(appliance, topic):
    """Every listener calls itself `mantid` and assigns partitions itself: no group comes of it."""
    admin = make_topic(appliance.broker, topic, 1)
    fill(appliance.broker, topic, 10, 1)
    listeners = [
        confluent_kafka.Consumer(
            {
                "bootstrap.servers": appliance.broker, "group.id": "mantid", "session.timeout.ms": 10000,
                "enable.auto.commit": False, "enable.auto.offset.store": False,
                "fetch.wait.max.ms": 299000, "socket.timeout.ms": 300000, "fetch.max.bytes": 200000000,
                "message.max.bytes": 200000000, "receive.message.max.bytes": 200000512,
            }
        )
        for _ in range(3)
    ]
    for listener in listeners:
        assert topic in listener.list_topics(timeout=30).topics
        low, high = listener.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=30)
        assert low == 0 and high >= 10
        listener.assign([confluent_kafka.TopicPartition(topic, 0, 8)])
        message = wait_for(lambda: listener.poll(1), what="a message")
        assert message.value() == b"8"
        listener.seek(confluent_kafka.TopicPartition(topic, 0, 2))
        # The next data end the long poll that is under way; librdkafka seeks only then.
        fill(appliance.broker, topic, 1, 1)
        wait_for(lambda: (m := listener.poll(1)) is not None and m.value() == b"2", what="the message sought")
    assert "mantid" not in {group.group_id for group in admin.list_consumer_groups().result(30).valid}
    for listener in listeners:
        listener.close()
