"""Messages may claim any schema: services count what they cannot use, but never under a name that a message chose."""

import re
import urllib.request

import confluent_kafka
from conftest import sluice, wait_for
from streaming_data_types import serialise_f144

MESSAGES = 300


def metrics(appliance):
    """Each series with its value."""
    with urllib.request.urlopen(f"http://{appliance.console}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


def test_series_do_not_grow(own_appliance):
    appliance = own_appliance()
    sluice("topic", "set", "SERIES", broker=appliance.broker)
    topics = [f"SERIES_{name}" for name in ["events", "runInfo", "sampleEnv", "monitorHistograms", "forwarderStatus"]]
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker, "linger.ms": 5})

    def send(values):
        for topic in topics:
            for value in values:
                producer.produce(topic, value)
        assert producer.flush(30) == 0

    read = 'sluice_hist_messages_total{topic="SERIES_events"}'
    def is_read():
        # The histogrammer begins behind what there was before it.
        send([serialise_f144("pv", 1.0, 1)])
        return metrics(appliance).get(read, 0) >= 1

    wait_for(is_read, what="the histogrammer's first message")
    before = metrics(appliance)
    send([bytes([8, 0, 0, 0]) + b"z%03d" % number + bytes([0xFF] * 8) for number in range(MESSAGES)])
    wait_for(lambda: metrics(appliance)[read] >= before[read] + MESSAGES, what="all messages")
    grown = sorted(set(metrics(appliance)) - set(before))
    assert grown == [], grown
    assert not re.search(r"schema z\d\d\d", appliance.log_path.read_text())
    # People are told what the messages claim to be.
    line = sluice("consume", "SERIES_events", "-o", "-1", broker=appliance.broker).stdout
    assert "no decoder for messages of schema z299: 0x" in line
    counted = sluice("count", "SERIES_events", "-o", "beginning", broker=appliance.broker).stdout.splitlines()
    assert [line.split()[0] for line in counted] == ["SCHEMA", "bytes", "f144", "all"]
