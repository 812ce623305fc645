"""Frames and batches that no client sends: a closed connection or Kafka's error, never harm to others."""

import socket
import struct

import pytest
from conftest import sluice


def exchange(address, payload, timeout=5):
    """Sends bytes; returns what came back until the broker closed or fell silent."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        connection.sendall(payload)
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except ConnectionResetError:
            pass
        except TimeoutError:
            return got, False
        return got, True


def frame(key, version, body, correlation=7):
    head = struct.pack(">hhih", key, version, correlation, -1)
    return struct.pack(">i", len(head) + len(body)) + head + body


@pytest.mark.parametrize(
    "payload",
    [
        struct.pack(">i", -1), struct.pack(">i", 0), struct.pack(">i", 2**31 - 1), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        frame(9999, 0, b""), frame(3, 99, b""), frame(3, 1, struct.pack(">i", 2**31 - 1)),
        frame(0, 3, b"\xff" * 40), frame(1, 4, struct.pack(">iiii", -1, 100, 1, 1)),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_nonsense_closes_its_connection_only(appliance, payload):
    before = appliance.memory_bytes()
    got, closed = exchange(appliance.broker, payload)
    assert closed and got == b""
    assert appliance.memory_bytes() < before + (32 << 20)
    assert sluice("topic", "list", broker=appliance.broker).returncode == 0


def test_unknown_version_of_api_versions_is_answered_in_version_0(appliance):
    host, port = appliance.broker.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(frame(18, 99, b"\x00"))
        size = struct.unpack(">i", connection.recv(4))[0]
        body = b""
        while len(body) < size:
            body += connection.recv(size - len(body))
    correlation, error, count = struct.unpack(">ihi", body[:10])
    assert (correlation, error) == (7, 35)
    assert len(body) == 10 + 6 * count and count > 10


def test_claimed_lengths_are_not_allocated(appliance):
    """Twenty connections that each announce 90 MiB and send nothing."""
    host, port = appliance.broker.rsplit(":", 1)
    before = appliance.memory_bytes()
    connections = []
    for _ in range(20):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(struct.pack(">i", 90 << 20) + b"\0" * 1000)
        connections.append(connection)
    assert sluice("topic", "list", broker=appliance.broker).returncode == 0
    assert appliance.memory_bytes() < before + (16 << 20)
    for connection in connections:
        connection.close()


def test_a_wrong_crc_is_refused_and_appends_nothing(appliance, topic):
    sluice("topic", "create", topic, broker=appliance.broker)
    record = b"\x0e\x00\x00\x00\x01\x02\x78\x00"
    body = struct.pack(">hiqqqhii", 0, 0, 1700000000000, 1700000000000, -1, -1, -1, 1) + record
    batch = struct.pack(">qiibI", 0, 9 + len(body), -1, 2, 0xDEADBEEF) + body
    name = topic.encode()
    request = struct.pack(">hhii", -1, 1, 5000, 1) + struct.pack(">h", len(name)) + name
    request += struct.pack(">iii", 1, 0, len(batch)) + batch
    host, port = appliance.broker.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(frame(0, 3, request))
        size = struct.unpack(">i", connection.recv(4))[0]
        answer = connection.recv(size)
    error = struct.unpack(">h", answer[4 + 4 + 2 + len(name) + 4 + 4 :][:2])[0]
    assert error == 2
    rows = sluice("topic", "describe", topic, "--format", "json", broker=appliance.broker).stdout
    assert '"next_offset":0' in rows.replace(" ", "")
