"""A consumer of a group as confluent-kafka has it, and topics for it to read."""

import confluent_kafka
import confluent_kafka.admin
from conftest import wait_for

PARTITIONS = 6


def make_topic(broker, name, partitions=PARTITIONS):
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": broker})
    admin.create_topics([confluent_kafka.admin.NewTopic(name, partitions, 1)])[name].result(30)
    return admin


def fill(broker, topic, count, partitions=PARTITIONS, start=0):
    producer = confluent_kafka.Producer({"bootstrap.servers": broker})
    for index in range(start, start + count):
        producer.produce(topic, str(index).encode(), partition=index % partitions)
    assert producer.flush(30) == 0


class Member:
    """A confluent-kafka consumer in a group, with what it was told and what it read."""

    def __init__(self, broker, group, topic, **settings):
        self.events = []
        self.partitions = set()
        self.values = []
        self.errors = []
        self.consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": broker, "group.id": group, "auto.offset.reset": "earliest",
                "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 200,
                "partition.assignment.strategy": "range",
                **{key.replace("_", "."): value for key, value in settings.items()},
            }
        )
        self.is_cooperative = settings.get("partition_assignment_strategy") == "cooperative-sticky"
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.revoked, on_lost=self.lost)

    def assigned(self, consumer, partitions):
        got = {partition.partition for partition in partitions}
        self.events.append(("assigned", frozenset(got)))
        self.partitions = self.partitions | got if self.is_cooperative else got

    def revoked(self, consumer, partitions):
        gone = {partition.partition for partition in partitions}
        self.events.append(("revoked", frozenset(gone)))
        self.partitions -= gone

    def lost(self, consumer, partitions):
        self.revoked(consumer, partitions)

    def poll(self, seconds=0.05):
        for message in self.consumer.consume(100, seconds):
            if message.error():
                self.errors.append(message.error())
            else:
                self.values.append(int(message.value()))

    def close(self):
        self.consumer.close()


def poll_until(members, condition, what, timeout=60):
    def step():
        for member in members:
            member.poll()
        return condition()

    return wait_for(step, timeout, what)


def is_shared(members, partitions=PARTITIONS):
    sets = [member.partitions for member in members]
    return all(sets) and sum(map(len, sets)) == partitions and len(set().union(*sets)) == partitions
