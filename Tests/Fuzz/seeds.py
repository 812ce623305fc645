#!/usr/bin/env python3
"""Writes the small seeds of the fuzz targets' corpus with other people's encoders: kafka-python for the batches, and the
golden messages of the schemas. What a fuzzer found is kept beside them by hand, named after what it breaks."""

import json
import pathlib
import struct

from kafka.record.default_records import DefaultRecordBatchBuilder

CORPUS = pathlib.Path(__file__).parent / "corpus"


def write(target: str, name: str, content: bytes) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def batch(codec: int, records: int = 3, transactional: bool = False) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=transactional, producer_id=7 if transactional else -1,
        producer_epoch=0 if transactional else -1, base_sequence=0 if transactional else -1, batch_size=1 << 16)
    for i in range(records):
        builder.append(
            i, timestamp=1700000000000 + i, key=b"key" if i % 2 else None, value=b"value" * 8,
            headers=[("name", b"content")] if i == 1 else [])
    return bytes(builder.build())


def string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()


def array(*items: bytes) -> bytes:
    return struct.pack(">i", len(items)) + b"".join(items)


def record_batches() -> None:
    for codec, name in enumerate(["none", "gzip", "snappy", "lz4", "zstd"]):
        write("FuzzRecordBatch", name, batch(codec))
    write("FuzzRecordBatch", "transactional", batch(0, transactional=True))
    write("FuzzRecordBatch", "two", batch(0, 1) + batch(3, 2))


def kafka_messages() -> None:
    """Bodies behind the choice of message and version, which FuzzKafkaWire.swift explains; names are message-version."""
    records = batch(0, 1)
    partition = struct.pack(">ii", 0, len(records)) + records
    produce = struct.pack(">hhi", -1, 1, 30000) + array(string("t") + array(partition))
    fetch = struct.pack(">iiiib", -1, 500, 1, 1 << 20, 0) + array(string("t") + array(struct.pack(">iqi", 0, 0, 1 << 20)))
    seeds = {
        "produce-3": (0, 3, produce),
        "fetch-4": (2, 4, fetch),
        "fetch-18": (2, 18, struct.pack(">iiibii", 500, 1, 1 << 20, 0, 0, -1) + b"\x02" + b"i" * 16 + b"\x02"
                     + struct.pack(">iiqiqi", 0, 0, 5, -1, -1, 1 << 20) + b"\x02\x00\x10" + b"d" * 16
                     + b"\x01\x08" + struct.pack(">q", 7) + b"\x00\x01\x01\x02\x00\x02\x02c\x01\x0d"
                     + struct.pack(">iq", 3, 4) + b"\x00"),
        "list-offsets-1": (4, 1, struct.pack(">i", -1) + array(string("t") + array(struct.pack(">iq", 0, -1)))),
        "metadata-1": (6, 1, array(string("t"))),
        "metadata-9": (6, 9, b"\x02\x02t\x00\x01\x00\x00\x00"),
        "offset-commit-2": (8, 2, string("g") + struct.pack(">i", 1) + string("m") + struct.pack(">q", -1)
                            + array(string("t") + array(struct.pack(">iq", 0, 5) + string("")))),
        "api-versions-3": (14, 3, b"\x0blibrdkafka\x062.0.2\x00"),
        "create-topics-0": (16, 0, array(string("t") + struct.pack(">ih", 1, 1) + array() + array(string("k") + string("v")))
                            + struct.pack(">i", 1000)),
        "find-coordinator-0": (12, 0, string("g")),
        "frame-metadata": (255, 0, struct.pack(">hhi", 3, 1, 1) + string("client") + array(string("t"))),
    }
    for name, (kind, version, body) in seeds.items():
        write("FuzzKafkaWire", name, bytes([kind, version]) + body)


def schemas() -> None:
    """The golden messages of the schemas' own tests."""
    for message in json.loads((CORPUS.parent.parent / "SchemasTests" / "golden.json").read_text()):
        write("FuzzSchemas", f"{message['id']}-{message['name']}", bytes.fromhex(message["hex"]))


record_batches()
kafka_messages()
schemas()
