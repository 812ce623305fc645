"""The commands, as a person types them: output, exit codes, mistakes."""

import json
import os
import pathlib
import pty
import signal
import socket
import subprocess

import confluent_kafka
import pytest
from conftest import BINARY, ROOT, environment, read_lines_until, sluice, wait_for
from streaming_data_types import serialise_f144


def commands():
    """The words of every command in the overview."""
    overview = sluice("help").stdout.split("Commands (each")[1].splitlines()
    return [line[2:].split("  ")[0].split() for line in overview if line.startswith("  ")]


def test_every_command_has_help_with_an_example():
    assert len(commands()) >= 12
    for words in commands():
        page = sluice(*words, "--help").stdout
        assert "Example: " in page and "sluice " + " ".join(words) in page, page
        assert sluice("help", *words).stdout == page


def test_the_readme_names_every_command():
    table = (ROOT / "README.md").read_text().split("## Commands")[1].split("\n## ")[0]
    for first, *rest in commands():
        assert f"`{first}" in table and (first == "saluki" or all(word in table for word in rest)), [first, *rest]


@pytest.mark.parametrize(
    "arguments, code, text",
    [
        ([], 2, "sluice demo"),
        (["cosnume", "x"], 2, "did you mean `sluice consume`?"),
        (["up", "--lisen", "x"], 2, "did you mean --listen?"),
        (["consume"], 2, "missing an operand"),
        (["-b", "127.0.0.1:1", "consume", "x"], 2, "flags come behind the command"),
        (["topic", "list", "--broker", "nowhere.invalid:9092"], 3, "there is no host of that name"),
        (["topic", "lst"], 2, "did you mean `sluice topic list`?"),
        (["demo", "--duration", "soon"], 2, "--duration must be a duration"),
        (["up", "--set", "kafka.lisen=x"], 2, "did you mean kafka.listen?"),
        (["topic", "list", "--broker", "127.0.0.1:1"], 3, "127.0.0.1:1"),
        (["config", "check", "/nonexistent.toml"], 4, "/nonexistent.toml"),
        (["replay", "README.md", "--instrument", "X"], 1, "README.md"),
        (["replay", "/nonexistent.nxs", "--instrument", "X"], 4, "/nonexistent.nxs"),
        (["status", "--console", "127.0.0.1:1"], 3, "127.0.0.1:1"),
        (["status", "--console", "nonsense"], 2, "nonsense"),
    ],
)
def test_mistakes_get_one_clear_line(arguments, code, text):
    done = sluice(*arguments, check=False)
    assert done.returncode == code, done.stderr
    assert text in done.stderr
    assert done.stdout == ""


def test_config_shows_origins(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('[kafka]\nlisten = "127.0.0.1:7"\n')
    shown = sluice("config", "show", "--config", str(path), "--set", "source.rate=5").stdout
    assert 'kafka.listen = ["127.0.0.1:7"]' in shown and f"{path}, line 2" in shown
    assert "flag --set" in shown and "default" in shown
    path.write_text('[kafka]\nlistn = "x"\n')
    broken = sluice("config", "check", str(path), check=False)
    assert broken.returncode == 1 and "line 2" in broken.stderr and "kafka.listen" in broken.stderr
    assert sluice("config", "check", "config/sluice.toml").returncode == 0


def test_version():
    assert sluice("version").stdout.startswith("sluice ")
    assert "version" in json.loads(sluice("version", "--format", "json").stdout)


def on_terminal(*words, **variables):
    """What a command writes when a person runs it, who has not asked for plain text."""
    clean = {name: value for name, value in environment(TERM="xterm").items() if name != "NO_COLOR"}
    outer, inner = pty.openpty()
    child = subprocess.Popen([BINARY, *words], stdout=inner, stderr=inner, env={**clean, **variables}, cwd=ROOT)
    os.close(inner)
    text = b""
    while True:
        try:
            text += os.read(outer, 1 << 16)
        except OSError:
            break
    os.close(outer)
    assert child.wait(30) == 0
    return text.decode()


def test_colours_are_for_terminals_that_want_them():
    words = ["schema", "list"]
    plain = sluice(*words).stdout
    coloured = on_terminal(*words)
    assert "\x1b[" in coloured and "\x1b[" not in plain
    assert on_terminal(*words, NO_COLOR="1").replace("\r\n", "\n") == plain
    assert "\x1b[" not in on_terminal(*words, TERM="dumb")


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "schema", "list"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr == "sluice: cannot write the output: No space left on device\n"


def test_topics_messages_and_pipes(appliance, topic):
    broker = appliance.broker
    sluice("topic", "create", topic, "--partitions", "2", broker=broker)
    again = sluice("topic", "create", topic, broker=broker, check=False)
    assert again.returncode == 1 and "exists" in again.stderr
    assert topic in [row["name"] for row in json.loads(sluice("topic", "list", "--format", "json", broker=broker).stdout)]
    sluice("produce", topic, "-p", "1", "-k", "key", broker=broker, input="a\nb\nc\n")
    lines = sluice("consume", topic, "--format", "json", broker=broker).stdout.splitlines()
    assert [json.loads(line)["value"] for line in lines] == ["a", "b", "c"]
    assert json.loads(lines[0])["key"] == "key" and json.loads(lines[2])["offset"] == 2
    assert sluice("consume", topic, "-o", "-1", "--format", "raw", broker=broker).stdout == "c"
    assert "1:1 " in sluice("consume", f"{broker}/{topic}", "-p", "1", "-o", "1", "-n", "1").stdout
    pipe = subprocess.run(
        f"{BINARY} consume {topic} --broker {broker} | head -1", shell=True, capture_output=True, text=True,
        timeout=60, env=environment(),
    )
    assert pipe.returncode == 0 and pipe.stderr == ""
    sluice("topic", "delete", topic, broker=broker)
    gone = sluice("consume", topic, broker=broker, check=False)
    assert gone.returncode == 4 and topic in gone.stderr


def test_consume_decodes_and_follows(appliance, topic):
    producer = confluent_kafka.Producer({"bootstrap.servers": appliance.broker})
    producer.produce(topic, serialise_f144("pv", 1.5, 1700000000000000000))
    assert producer.flush(30) == 0
    follower = subprocess.Popen(
        [BINARY, "consume", topic, "--follow", "-o", "beginning", "--broker", appliance.broker, "--format", "json"],
        stdout=subprocess.PIPE, env=environment(),
    )
    first = json.loads(read_lines_until(follower, "pv")[0])
    assert first["schema"] == "f144"
    assert first["value"]["source_name"] == "pv" and first["value"]["timestamp"] == 1700000000000000000
    producer.produce(topic, b"not a flatbuffer")
    assert producer.flush(30) == 0
    second = json.loads(read_lines_until(follower, "not a")[0])
    assert second["schema"] == "text" and second["value"] == "not a flatbuffer"
    follower.send_signal(signal.SIGINT)
    assert follower.wait(30) == 130
    follower.stdout.close()


def test_status_tells_when_it_is_ready(appliance):
    assert sluice("status", "--console", appliance.console).returncode == 0
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % unused.getsockname()[1]
        assert sluice("status", "--console", address, "--wait", "200ms", check=False).returncode == 3


def test_run_start_and_stop_by_hand(appliance):
    broker = appliance.broker
    assert sluice("run", "status", "--instrument", "HAND", broker=broker, check=False).returncode == 4
    sluice("run", "start", "--instrument", "HAND", "--title", "by hand", broker=broker)
    shown = json.loads(sluice("run", "status", "--instrument", "HAND", "--format", "json", broker=broker).stdout)
    assert shown["running"] is True
    statuses = wait_for(
        lambda: sluice("consume", "HAND_runInfo", "--schema", "x5f2", "--format", "json", broker=broker).stdout,
        what="a status of the file writer",
    ).splitlines()
    version = sluice("version").stdout.split()[1]
    assert json.loads(statuses[0])["value"]["software_version"] == version
    sluice("run", "stop", "--instrument", "HAND", broker=broker)
    shown = json.loads(sluice("run", "status", "--instrument", "HAND", "--format", "json", broker=broker).stdout)
    assert shown["running"] is False
    again = sluice("run", "stop", "--instrument", "HAND", broker=broker, check=False)
    assert again.returncode == 1 and "HAND" in again.stderr


def test_a_busy_port_and_a_locked_directory_are_named(appliance, tmp_path):
    port = sluice(
        "up", "--data", str(tmp_path / "d"), "--listen", appliance.broker, "--console", "127.0.0.1:0", check=False
    )
    number = appliance.broker.split(":")[1]
    assert port.returncode == 1 and f"port {number} is in use on 127.0.0.1" in port.stderr
    lock = sluice(
        "up", "--data", str(appliance.directory), "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", check=False
    )
    assert lock.returncode == 1 and str(appliance.process.pid) in lock.stderr
    blocked = tmp_path / "file"
    blocked.write_text("")
    unusable = sluice("up", "--data", str(blocked / "x"), "--listen", "127.0.0.1:0", check=False)
    assert unusable.returncode == 1 and str(blocked) in unusable.stderr and "data directory" in unusable.stderr


def test_every_flag_of_up_that_is_wrong_is_told_before_anything_starts(tmp_path):
    target = tmp_path / "never"
    done = sluice("up", "--data", str(target), "--listen", "nonsense", check=False)
    assert done.returncode in (1, 2) and "nonsense" in done.stderr
    config = tmp_path / "broken.toml"
    config.write_text("kafka = [")
    done = sluice("up", "--data", str(target), "--config", str(config), check=False)
    assert done.returncode == 2 and str(config) in done.stderr
    assert not target.exists()


def test_a_missing_librdkafka_is_named(appliance, tmp_path):
    """It is loaded when a cluster is first spoken to: the broker itself runs without it."""
    (tmp_path / "librdkafka.so.1").write_bytes(b"not a library")
    without = environment(LD_LIBRARY_PATH=str(tmp_path))
    assert subprocess.run([BINARY, "version"], env=without, cwd=ROOT).returncode == 0
    done = subprocess.run(
        [BINARY, "topic", "list", "--broker", appliance.broker], env=without, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and "librdkafka is not installed (Debian: librdkafka1)" in done.stderr, done
