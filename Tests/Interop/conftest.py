"""Starts the built binary for the tests that drive it with other people's clients."""

import os
import pathlib
import re
import select
import signal
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SLUICE", str(ROOT / ".build" / "release" / "sluice"))


def environment(**extra):
    """The environment without anything that would change the binary's settings."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SLUICE_")}
    return {**clean, "NO_COLOR": "1", **extra}


def sluice(*arguments, broker=None, check=True, text=True, timeout=60, **keywords):
    """Runs one command to its end."""
    command = [BINARY, *arguments]
    if broker:
        command += ["--broker", broker]
    done = subprocess.run(
        command, capture_output=True, text=text, timeout=timeout, env=environment(), cwd=ROOT, **keywords
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{command} exited with {done.returncode}: {done.stderr}")
    return done


class Appliance:
    """A running `sluice up` on free ports in its own directory."""

    def __init__(self, directory, *flags, listen="127.0.0.1:0", log=None):
        self.directory = pathlib.Path(directory)
        self.log_path = pathlib.Path(log or self.directory.parent / f"{self.directory.name}.log")
        self.log = open(self.log_path, "ab")
        self.flags = flags
        self.listen = listen
        self.start()

    def start(self):
        command = [
            BINARY, "up", "--data", str(self.directory), "--listen", self.listen, "--console", "127.0.0.1:0",
            "--set", "kafka.listen_also=", "--set", "data.minimum_free=1MiB", *self.flags,
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, env=environment(), cwd=ROOT
        )
        self.lines = read_lines_until(self.process, "ready")
        text = "\n".join(self.lines)
        self.broker = re.search(r"Kafka\s+(\S+)", text)[1]
        if self.listen == "127.0.0.1:0":
            # A restarted appliance is where its clients look for it.
            self.listen = self.broker
        console = re.search(r"Console\s+http://(\S+?)/?\s", text + "\n")
        self.console = console[1] if console else None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, expect=0):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        assert code == expect, f"sluice up exited with {code}"

    def memory_bytes(self, kind="VmRSS"):
        """Memory that is held, or was at most (VmHWM)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{kind}:\s+(\d+) kB", status)[1]) * 1024


def read_lines_until(process, word, timeout=30):
    """Lines of standard output up to the one that contains `word`."""
    lines, buffer = [], b""
    deadline = time.monotonic() + timeout
    descriptor = process.stdout.fileno()
    while time.monotonic() < deadline:
        ready, _, _ = select.select([descriptor], [], [], 0.2)
        if ready:
            chunk = os.read(descriptor, 65536)
            if not chunk:
                raise AssertionError(f"ended with {process.wait()} after: {lines}")
            buffer += chunk
            *done, buffer = buffer.split(b"\n")
            lines += [line.decode() for line in done]
            if any(word in line for line in lines):
                return lines
    raise AssertionError(f"no line with {word!r} in {timeout} s: {lines}")


def wait_for(condition, timeout=30, what="the condition"):
    """Waits until `condition()` returns something true, and returns it."""
    deadline = time.monotonic() + timeout
    pause = select.poll()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come about in {timeout} s"
        pause.poll(20)


@pytest.fixture(scope="module")
def appliance(tmp_path_factory):
    """One appliance for all tests of a module."""
    running = Appliance(tmp_path_factory.mktemp("appliance") / "data")
    yield running
    running.stop()


@pytest.fixture
def own_appliance(tmp_path):
    """Makes appliances that a test may kill and restart."""
    made = []

    def make(*flags, name="data", **keywords):
        running = Appliance(tmp_path / name, *flags, **keywords)
        made.append(running)
        return running

    yield make
    for running in made:
        if running.process.poll() is None:
            running.kill()


@pytest.fixture
def topic(request):
    """A topic name of the test's own."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", request.node.name) + f"_{os.getpid()}"
