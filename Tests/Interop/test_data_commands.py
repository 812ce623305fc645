"""The commands that carry data by hand, checked with other people's clients."""

import json
import pathlib
import signal
import subprocess
import time

import confluent_kafka
import pytest
from conftest import BINARY, Appliance, environment, read_lines_until, sluice, wait_for
from streaming_data_types import deserialise_ev44, deserialise_f144, serialise_f144, serialise_pl72
from streaming_data_types.eventdata_ev44 import serialise_ev44
from streaming_data_types.run_stop_6s4t import serialise_6s4t

START = 1_700_000_000_000


def produce(broker, topic, values, partition=0, key=None, headers=None, step=1000):
    """Sends values with times START, START + step..."""
    producer = confluent_kafka.Producer({"bootstrap.servers": broker})
    for index, value in enumerate(values):
        producer.produce(
            topic, value, key=key, partition=partition, headers=headers, timestamp=START + index * step
        )
    assert producer.flush(30) == 0


def records(broker, topic, count, partitions=(0,)):
    """The first `count` records of a topic, by another client."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": broker, "group.id": f"check-{time.monotonic_ns()}"})
    consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in partitions])
    found = []
    while len(found) < count:
        batch = consumer.consume(count - len(found), timeout=20)
        assert batch, f"only {len(found)} of {count} records"
        found += batch
    consumer.close()
    return found


def facts(message):
    return (message.partition(), message.timestamp()[1], message.key(), message.value(), message.headers())


def create(broker, topic, partitions=1):
    sluice("topic", "create", topic, "--partitions", str(partitions), broker=broker)


def consumed(broker, topic, *flags, **keywords):
    lines = sluice("consume", topic, "--format", "json", *flags, broker=broker, **keywords).stdout.splitlines()
    return [json.loads(line) for line in lines]


# --- consume

def test_consume_starts_anywhere(appliance, topic):
    broker = appliance.broker
    create(broker, topic)
    produce(broker, topic, [str(n).encode() for n in range(10)])

    def values(*where):
        flags = [flag for text in where for flag in ("-o", text)]
        return "".join(row["value"] for row in consumed(broker, topic, *flags))

    assert values() == values("beginning") == "0123456789"
    assert values("end") == ""
    assert values("4") == "456789" and values("-3") == "789" and values("+8") == "89"
    assert values("2:5") == "234" and values(":3") == "012" and values("7:+2") == "78"
    assert values(f"@{START + 3000}") == "3456789" and values(f"@{START + 3000}:{START + 6000}") == "345"
    assert values("@2023-11-14T22:13:25") == "56789"
    assert values(f"s@{START + 1}", f"e@{START + 3000}") == "12"
    assert values("@-1h") == ""
    kcat = subprocess.run(
        ["kcat", "-C", "-b", broker, "-t", topic, "-o", "4", "-e", "-q", "-f", "%p %o %T %S %s\n"],
        capture_output=True, text=True, timeout=30,
    )
    ours = sluice("consume", topic, "-o", "4", "-f", r"%p %o %T %S %s\n", broker=broker)
    assert ours.stdout == kcat.stdout != ""


def test_consume_reads_a_run(appliance):
    broker = appliance.broker
    produce(
        broker, "HANDRUN_runInfo",
        [
            serialise_pl72("job-1", "f.nxs", start_time=START + 2000, run_name="12", instrument_name="HANDRUN"),
            serialise_6s4t("job-1", run_name="12", service_id="", command_id="c", stop_time=START + 5000),
        ],
    )
    produce(broker, "HANDRUN_events", [str(n).encode() for n in range(10)])
    assert [row["value"] for row in consumed(broker, "HANDRUN_events", "-o", "run:12")] == list("2345")
    assert [row["value"] for row in consumed(broker, "HANDRUN_events", "-o", "run:last")] == list("2345")
    missing = sluice("consume", "HANDRUN_events", "-o", "run:13", broker=broker, check=False)
    assert missing.returncode == 4 and "run 13" in missing.stderr


def test_consume_filters_by_schema_and_field(appliance, topic):
    broker = appliance.broker
    create(broker, topic)
    events = [
        serialise_ev44(name, number, [START * 1_000_000], [0], [1, 2, 3], [4, 5, 6])
        for number, name in enumerate(["det1", "det2", "det1"])
    ]
    produce(broker, topic, [*events, serialise_f144("det1", 4.5, START * 1_000_000), b"just text", bytes([0, 1, 255])])
    assert [row["schema"] for row in consumed(broker, topic)] == ["ev44"] * 3 + ["f144", "text", "bytes"]
    assert [row["offset"] for row in consumed(broker, topic, "--schema", "ev44")] == [0, 1, 2]
    assert [row["offset"] for row in consumed(broker, topic, "--schema", "text,f144")] == [3, 4]
    for condition, offsets in [
        ('source_name=="det1"', [0, 2, 3]),
        ('source_name == "det1" and message_id > 0', [2]),
        ("value > 4", [3]),
        ("record.schema == bytes or record.offset < 1", [0, 5]),
        ("not source_name", [4, 5]),
    ]:
        assert [row["offset"] for row in consumed(broker, topic, "--where", condition)] == offsets, condition
    text = sluice("consume", topic, "-o", "4", broker=broker).stdout.splitlines()
    assert "text" in text[0] and "just text" in text[0] and "bytes" in text[1] and "0x0001ff" in text[1]
    cut = sluice("consume", topic, "--where", "source_nam == 1", broker=broker, check=False)
    assert cut.returncode == 2 and "at character 1: field source_nam: no schema has such a field" in cut.stderr
    assert len(cut.stderr.strip().splitlines()) == 1


def test_a_cut_message_is_told_and_shown(appliance, topic):
    create(appliance.broker, topic)
    whole = serialise_f144("pv", 1.5, START * 1_000_000)
    produce(appliance.broker, topic, [whole[:-20]])
    line = sluice("consume", topic, broker=appliance.broker).stdout
    assert "f144" in line and "malformed f144 message" in line and "0x" in line
    assert consumed(appliance.broker, topic)[0]["error"].startswith("malformed f144 message")


def test_partitions_keys_and_headers(appliance, topic):
    broker = appliance.broker
    create(broker, topic, 3)
    for partition in range(3):
        produce(broker, topic, [b"v"], partition, key=f"k{partition}", headers=[("run", b"12"), ("none", None)])
    rows = consumed(broker, topic, "-p", "0,2")
    assert sorted((row["partition"], row["key"]) for row in rows) == [(0, "k0"), (2, "k2")]
    assert rows[0]["headers"] == [{"key": "run", "value": "12"}, {"key": "none", "value": None}]
    assert len(consumed(broker, topic, "--where", "record.header.run == 12 and record.key == k1")) == 1
    gone = sluice("consume", topic, "-p", "3", broker=broker, check=False)
    assert gone.returncode == 4 and "no partition 3" in gone.stderr


# --- mistakes

@pytest.mark.parametrize("words", [
    ["consume", "nothing"], ["count", "nothing", "-o", "beginning"], ["sniff", "nothing"], ["bury", "nothing", "x.sluice"],
    ["play", "nothing", "other"], ["topic", "config", "nothing"], ["topic", "describe", "nothing"],
    ["group", "describe", "nothing"], ["group", "seek", "nothing", "--to", "end"],
])
def test_what_does_not_exist_is_exit_code_4(appliance, tmp_path, words):
    words = [str(tmp_path / word) if word.endswith(".sluice") else word for word in words]
    done = sluice(*words, broker=appliance.broker, check=False)
    assert done.returncode == 4 and "nothing" in done.stderr and done.stdout == "", done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_topic_that_was_meant_is_named(appliance, topic):
    create(appliance.broker, topic)
    for words in [["consume", topic[:-1]], ["topic", "describe", topic + "x"], ["topic", "config", topic[1:]]]:
        done = sluice(*words, broker=appliance.broker, check=False)
        assert done.returncode == 4 and f"{words[-1]} does not exist; did you mean {topic}?" in done.stderr, done


def test_no_broker_is_exit_code_3():
    done = sluice("consume", "127.0.0.1:1/topic", check=False)
    assert done.returncode == 3 and "127.0.0.1:1" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_offsets_out_of_range_are_exit_code_4(appliance, topic):
    create(appliance.broker, topic)
    produce(appliance.broker, topic, [b"a"])
    done = sluice("consume", topic, "-o", "5", broker=appliance.broker, check=False)
    assert done.returncode == 4 and "offset 5" in done.stderr and "0 to 1" in done.stderr
    for bad in ("five", "3:1", "@yesteryear"):
        done = sluice("consume", topic, "-o", bad, broker=appliance.broker, check=False)
        assert done.returncode == 2 and bad in done.stderr


def test_properties_reach_librdkafka(appliance, topic):
    done = sluice("topic", "list", "-X", "no.such.property=1", broker=appliance.broker, check=False)
    assert done.returncode == 2 and "no.such.property" in done.stderr
    debug = sluice("topic", "list", "-X", "debug=broker", broker=appliance.broker)
    assert "127.0.0.1" in debug.stderr
    secret = sluice(
        "topic", "list", "-X", "security.protocol=SSL", "-X", "enable.ssl.certificate.verification=false",
        broker=appliance.broker, check=False,
    )
    assert secret.returncode in (3, 5), secret.stderr


# --- produce, decode, encode

def test_produce_lines_keys_files_and_json(appliance, topic, tmp_path):
    broker = appliance.broker
    create(broker, topic)
    sluice("produce", topic, "-K", ":", "-H", "a=b", "-t", str(START), broker=broker, input="k1:v1\nk2:v2:x\nplain")
    path = tmp_path / "value"
    path.write_bytes(b"\x00\xff\n")
    sluice("produce", topic, str(path), "-k", "file", broker=broker)
    sluice("produce", topic, "-k", "gone", "--tombstone", broker=broker)
    sluice("produce", topic, "-D", "\\0", broker=broker, input="x\ny\0z")
    found = records(broker, topic, 7)
    assert [(m.key(), m.value()) for m in found] == [
        (b"k1", b"v1"), (b"k2", b"v2:x"), (None, b"plain"), (b"file", b"\x00\xff\n"), (b"gone", None), (None, b"x\ny"),
        (None, b"z"),
    ]
    assert found[0].headers() == [("a", b"b")] and found[0].timestamp()[1] == START


def test_produce_creates_a_topic_and_nobody_else_does(appliance, topic):
    for words in (["consume", topic], ["sniff", topic], ["count", topic, "-n", "1"]):
        assert sluice(*words, broker=appliance.broker, check=False).returncode == 4, words
    sluice("produce", topic, broker=appliance.broker, input="a\nb\n")
    assert [m.value() for m in records(appliance.broker, topic, 2)] == [b"a", b"b"]


def test_produce_and_encode_by_schema(appliance, topic):
    broker = appliance.broker
    create(broker, topic)
    message = {"source_name": "IN:TEMP", "timestamp_iso": "2023-11-14T22:13:20Z", "value_type": "Double", "value": 4.5}
    sluice("produce", topic, "--schema", "f144", "--json", json.dumps(message), broker=broker)
    decoded = deserialise_f144(records(broker, topic, 1)[0].value())
    assert decoded.source_name == "IN:TEMP" and decoded.value == 4.5
    assert decoded.timestamp_unix_ns == START * 1_000_000
    wrong = sluice("produce", topic, "--schema", "f144", "--json", '{"source_nam": "x"}', broker=broker, check=False)
    assert wrong.returncode == 1 and "source_nam" in wrong.stderr
    assert len(wrong.stderr.strip().splitlines()) == 1
    raw = sluice("encode", "--schema", "f144", "--json", json.dumps(message), text=False).stdout
    assert deserialise_f144(raw).value == 4.5
    digits = sluice("encode", "--json", json.dumps({"schema": "f144", **message}), "--to", "hex").stdout.strip()
    assert bytes.fromhex(digits) == raw


def test_decode_reads_what_others_encode(tmp_path):
    raw = serialise_ev44("det1", 7, [START * 1_000_000], [0], list(range(100)), list(range(100)))
    shown = json.loads(sluice("decode", "--hex", raw.hex()).stdout)
    assert shown["schema"] == "ev44" and shown["time_of_flight"] == list(range(100))
    path = tmp_path / "message"
    path.write_bytes(raw)
    assert json.loads(sluice("decode", str(path)).stdout) == shown
    again = sluice("encode", text=False, input=json.dumps(shown).encode()).stdout
    assert deserialise_ev44(again).pixel_id.tolist() == list(range(100))
    for bad, code, text in [
        (["--hex", raw[:-40].hex()], 1, "malformed ev44"), (["--hex", "zz"], 2, "--hex"),
        (["--base64", "AAAA"], 1, "identifier"), (["/nonexistent"], 4, "/nonexistent"),
        (["--hex", raw.hex(), "--schema", "f144"], 1, "ev44"),
    ]:
        done = sluice("decode", *bad, check=False)
        assert done.returncode == code and text in done.stderr and done.stdout == "", done.stderr
    assert sluice("encode", "--json", "{", "--schema", "ev44", check=False).returncode == 1
    assert sluice("encode", "--json", "{}", check=False).returncode == 2


def test_every_schema_is_shown_and_its_example_encodes():
    listed = json.loads(sluice("schema", "list", "--format", "json").stdout)
    assert len(listed) >= 12
    for row in listed:
        shown = sluice("schema", "show", row["schema"]).stdout
        example = shown.split("--json '")[1].rsplit("'", 1)[0]
        raw = sluice("encode", "--schema", row["schema"], "--json", example, text=False).stdout
        assert raw[4:8].decode() == row["schema"]
        assert json.loads(sluice("decode", text=False, input=raw).stdout)["schema"] == row["schema"]
    missing = sluice("schema", "show", "ev45", check=False)
    assert missing.returncode == 2 and "ev44" in missing.stderr


# --- sniff, count

def test_sniff_shows_what_there_is(appliance, topic):
    broker = appliance.broker
    create(broker, topic, 2)
    produce(broker, topic, [serialise_f144("pv", 1.0, 1), b"text"])
    found = json.loads(sluice("sniff", topic, "-i", "0s", "--format", "json", broker=broker).stdout)
    host, port = broker.split(":")
    assert [(b["host"], b["port"]) for b in found["brokers"]] == [(host, int(port))]
    listed = subprocess.run(["kcat", "-L", "-J", "-b", broker], capture_output=True, text=True, timeout=30)
    assert found["controller"] == json.loads(listed.stdout)["controllerid"]
    first, second = found["topics"][0]["partitions"]
    assert (first["low"], first["high"], first["schemas"]) == (0, 2, ["f144", "text"])
    assert first["newest"] == START + 1000 and second["messages"] == 0
    table = sluice("sniff", broker=broker).stdout
    assert f"Cluster  {found['cluster']}" in table and topic in table


def test_count_tells_events(appliance, topic):
    broker = appliance.broker
    create(broker, topic, 2)
    event = serialise_ev44("det1", 7, [1], [0], list(range(50)), list(range(50)))
    produce(broker, topic, [event] * 3)
    produce(broker, topic, [event, b"text"], partition=1)
    rows = json.loads(sluice("count", topic, "-o", "beginning", "--format", "json", broker=broker).stdout)
    assert {row["schema"]: (row["messages"], row["events"]) for row in rows} == {
        "ev44": (4, 200), "text": (1, 0), "all": (5, 200)
    }
    live = subprocess.Popen(
        [BINARY, "count", topic, "-i", "200ms", "-n", "40", "--broker", broker, "--format", "json"],
        stdout=subprocess.PIPE, env=environment(),
    )
    read_lines_until(live, "all")
    produce(broker, topic, [event] * 4)
    line = read_lines_until(live, '"events":200')[-1]
    assert [row["messages"] for row in json.loads(line) if row["schema"] == "ev44"] == [4]
    live.send_signal(signal.SIGINT)
    assert live.wait(30) == 130
    live.stdout.close()


# --- play, bury, dig, mirror, howl

def test_play_copies_everything(appliance, topic):
    broker = appliance.broker
    create(broker, topic, 2)
    for partition in range(2):
        produce(broker, topic, [b"a", None, b""], partition, key=b"\x00k", headers=[("h", b"\xff"), ("n", None)])
    sluice("play", topic, f"{topic}_copy", broker=broker)
    partitions = (0, 1)
    original = sorted(map(repr, map(facts, records(broker, topic, 6, partitions))))
    copy = sorted(map(repr, map(facts, records(broker, f"{topic}_copy", 6, partitions))))
    assert copy == original
    sluice("play", topic, f"{topic}_range", "-p", "1", "-o", "1:2", "--to-partition", "0", "--loop", "3", broker=broker)
    assert [m.value() for m in records(broker, f"{topic}_range", 3)] == [None] * 3
    create(broker, f"{topic}_small", 1)
    small = sluice("play", topic, f"{topic}_small", broker=broker, check=False)
    assert small.returncode == 4 and "--to-partition" in small.stderr


def test_play_keeps_the_pace(appliance, topic):
    broker = appliance.broker
    create(broker, topic, 2)
    produce(broker, topic, [b"0", b"2", b"4"], 0, step=200)
    produce(broker, topic, [b"1", b"3"], 1, step=200)
    begun = time.monotonic()
    sluice("play", topic, f"{topic}_copy", "--speed", "1", "--times", "shifted", broker=broker)
    assert time.monotonic() - begun >= 0.4
    copies = records(broker, f"{topic}_copy", 5, (0, 1))
    times = sorted(m.timestamp()[1] for m in copies)
    assert times[-1] - times[0] == 400 and abs(times[0] - time.time() * 1000) < 60_000
    begun = time.monotonic()
    sluice("play", topic, f"{topic}_looped", "--speed", "4x", "--loop", "3", broker=broker)
    assert time.monotonic() - begun >= 0.3
    assert len(records(broker, f"{topic}_looped", 15, (0, 1))) == 15


def test_bury_and_dig_lose_nothing(appliance, own_appliance, topic, tmp_path):
    broker = appliance.broker
    create(broker, topic, 3)
    for partition in range(3):
        produce(broker, topic, [b"x" * 5000, None, b"", bytes(range(256))], partition, b"k", [("h", b"1"), ("n", None)])
    path = tmp_path / "saved.sluice"
    done = sluice("bury", topic, str(path), broker=broker)
    assert "buried 12 messages" in done.stderr and path.stat().st_size < 15_000
    again = sluice("bury", topic, str(path), broker=broker, check=False)
    assert again.returncode == 1 and "exists already" in again.stderr
    checked = json.loads(sluice("dig", str(path), "--check", "--format", "json").stdout)
    assert [(row["partition"], row["messages"], row["last_offset"]) for row in checked] == [(p, 4, 3) for p in range(3)]
    other = own_appliance(name="elsewhere")
    sluice("dig", str(path), f"{other.broker}/{topic}")
    original = sorted(map(repr, map(facts, records(broker, topic, 12, range(3)))))
    assert sorted(map(repr, map(facts, records(other.broker, topic, 12, range(3))))) == original

    whole = path.read_bytes()
    for name, content, text in [
        ("cut", whole[:-10], "is cut"), ("damaged", whole[:100] + b"\x00" + whole[101:], "damaged"),
        ("foreign", b"something else", "not an archive"),
    ]:
        bad = tmp_path / name
        bad.write_bytes(content)
        refused = sluice("dig", str(bad), f"{topic}_{name}", broker=broker, check=False)
        assert refused.returncode == 1 and text in refused.stderr and str(bad) in refused.stderr
        assert sluice("topic", "describe", f"{topic}_{name}", broker=broker, check=False).returncode == 4
    assert sluice("dig", str(tmp_path / "no"), broker=broker, check=False).returncode == 4


def test_mirror_goes_on_where_it_was(appliance, own_appliance, topic):
    source, target = appliance.broker, own_appliance(name="mirror").broker
    create(source, topic, 2)
    produce(source, topic, [b"1", b"2"], 1, key=b"k")
    flags = ["--topics", topic, "--from", "beginning", "--once", "--group", f"{topic}-mirror"]
    assert "copied 2 messages" in sluice("mirror", source, target, *flags).stderr
    assert "copied 0 messages" in sluice("mirror", source, target, *flags).stderr
    produce(source, topic, [b"3"], 0)
    assert "copied 1 messages" in sluice("mirror", source, target, *flags).stderr
    assert sorted(m.value() for m in records(target, topic, 3, (0, 1))) == [b"1", b"2", b"3"]


def test_howl_sends_what_saluki_does(appliance):
    broker = appliance.broker
    flags = ["-e", "10", "-m", "2", "-f", "100", "--frames-per-run", "3", "--frames", "6", "--det-min", "5", "--det-max", "7"]
    done = sluice("howl", "HOWL", *flags, broker=broker)
    assert "Each ev44 is 184 bytes" in done.stderr and "sent 6 frames, 120 events, 2 runs" in done.stderr
    events = records(broker, "HOWL_rawEvents", 18)
    assert [m.value()[4:8] for m in events] == [b"pu00", b"ev44", b"ev44"] * 6
    assert all(m.key() == b"" for m in events)
    decoded = deserialise_ev44(events[1].value())
    assert set(decoded.pixel_id.tolist()) <= {5, 6, 7} and len(decoded.time_of_flight) == 10
    # The file writer answers in the same topic.
    kinds = [row["schema"] for row in consumed(broker, "HOWL_runInfo", "--schema", "pl72,6s4t")]
    assert kinds.count("6s4t") == 2 and kinds.count("pl72") >= 2


# --- saluki

def test_salukis_own_words(appliance, topic, tmp_path):
    broker = appliance.broker
    create(broker, topic)
    produce(broker, topic, [serialise_f144("pv", float(n), n) for n in range(5)], key=b"\x01\x02")
    address = f"{broker}/{topic}"
    last = sluice("saluki", "consume", address, "--last", "2", "--key").stdout.splitlines()
    assert last[0].startswith("[partition=0 key=[1, 2]] LogDataF144(f144_LogData { source_name: \"pv\"")
    assert len(last) == 3 and last[2] == "Reached 2 messages, exiting"
    terse = sluice("saluki", "listen", address, "-o", "1", "-m", "1", "-f", "f144", "--terse").stdout
    assert terse.startswith("[partition=0] f144 (")
    clash = sluice("saluki", "consume", address, "-l", "1", "-m", "1", check=False)
    assert clash.returncode == 2 and "--last" in clash.stderr
    sniffed = sluice("saluki", "sniff", address).stdout
    assert "Brokers (1):" in sniffed and "Low watermark: 0  High watermark: 5 (messages: 5)" in sniffed
    sluice("saluki", "play", address, f"{address}_copy", "-o", "1:3")
    assert len(records(broker, f"{topic}_copy", 3)) == 3
    path = tmp_path / "s.sluice"
    sluice("saluki", "bury", address, str(path), "-p", "0", "-o", "0:1")
    sluice("saluki", "dig", f"{address}_dug", str(path))
    assert len(records(broker, f"{topic}_dug", 2)) == 2
    counter = subprocess.Popen(
        [BINARY, "saluki", "count", address, "--message-interval", "0.1"], stdout=subprocess.PIPE, env=environment()
    )
    assert "Mbit/s (since program start: average" in read_lines_until(counter, "Mbit/s")[-1]
    counter.send_signal(signal.SIGINT)
    assert counter.wait(30) == 130
    counter.stdout.close()


# --- pipes

def test_a_reader_that_goes_away_is_no_error(appliance, topic):
    create(appliance.broker, topic)
    produce(appliance.broker, topic, [b"x" * 1000] * 2000)
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {BINARY} consume {topic} --broker {appliance.broker} | head -1"],
        capture_output=True, text=True, timeout=60, env=environment(),
    )
    assert done.returncode == 0 and done.stderr == "" and len(done.stdout.splitlines()) == 1


def test_arrays_are_shortened_unless_all_is_wanted(appliance, topic):
    create(appliance.broker, topic)
    produce(appliance.broker, topic, [serialise_ev44("det1", 7, [1], [0], list(range(1000)), list(range(1000)))])
    (short,), (full,) = consumed(appliance.broker, topic), consumed(appliance.broker, topic, "--full")
    assert short["value"]["time_of_flight"] == list(range(8)) and short["value"]["time_of_flight_count"] == 1000
    assert full["value"]["time_of_flight"] == list(range(1000)) and "time_of_flight_count" not in full["value"]
    assert "reference_time_iso" in full["value"]
