"""The main job: one command carries a run from the simulated instrument to a NeXus file."""

import json
import pathlib
import re
import signal
import subprocess

import h5py
import numpy
import pytest
import scippnexus
from conftest import BINARY, ROOT, environment, read_lines_until, wait_for

FLAGS = ["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--set", "kafka.listen_also=", "--set",
         "data.minimum_free=1MiB"]


def event_groups(file):
    """All NXevent_data groups, each once."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Group) and item.attrs.get("NX_class") == "NXevent_data":
            found.setdefault(h5py.h5o.get_info(item.id).addr, (name, item))

    file.visititems(visit)
    return list(found.values())


def logs(file):
    """All NXlog groups by path."""
    found = {}
    file.visititems(
        lambda name, item: found.update({name: item})
        if isinstance(item, h5py.Group) and item.attrs.get("NX_class") == "NXlog" else None
    )
    return found


def check_file(path):
    """The rules that h5py, scippnexus and Mantid rely on; returns the number of detector events."""
    with h5py.File(path, "r") as file:
        entry = file["entry"]
        assert entry.attrs["NX_class"] == "NXentry"
        groups = event_groups(file)
        assert len(groups) == 2
        # Mantid finds event groups only directly under the entry.
        children = [item for item in entry.values() if isinstance(item, h5py.Group)]
        assert any(item.attrs.get("NX_class") == "NXevent_data" for item in children)
        total = 0
        for name, group in groups:
            index, zero = group["event_index"], group["event_time_zero"]
            offset = group["event_time_offset"]
            assert index.dtype.itemsize == 8 and zero.dtype == numpy.uint64 and offset.dtype == numpy.int32
            assert zero.attrs["offset"] == "1970-01-01T00:00:00Z" and zero.attrs["units"] == "ns"
            assert "start" not in zero.attrs and offset.attrs["units"] == "ns"
            assert len(index) == len(zero) and numpy.all(numpy.diff(index[:].astype(numpy.int64)) >= 0)
            assert numpy.all(numpy.diff(zero[:].astype(numpy.int64)) >= 0)
            assert index[-1] <= len(offset)
            if "event_id" in group and len(group["event_id"]):
                assert len(group["event_id"]) == len(offset)
                total += len(offset)
        for path_, log in logs(file).items():
            if "value" in log:
                assert len(log["value"]) == len(log["time"]), path_
        assert any(len(log["value"]) > 0 for log in logs(file).values() if "value" in log)
        assert "sluice_incomplete" not in entry and "sluice_incomplete" not in file.attrs
    with scippnexus.File(path) as file:
        loaded = file["entry"][...]
        assert loaded is not None
    return total


def test_demo_makes_a_checked_file(tmp_path):
    done = subprocess.run(
        [BINARY, "demo", "--duration", "5s", "--rate", "1e6", "--data", str(tmp_path / "data"), *FLAGS],
        capture_output=True, text=True, timeout=120, env=environment(), cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    path = pathlib.Path(re.search(r"(\S+\.nxs)", done.stdout)[1])
    if not path.is_absolute():
        path = ROOT / path
    counted = int(re.search(r"(\d[\d ,]*) events", done.stdout)[1].replace(",", "").replace(" ", ""))
    events = check_file(path)
    assert events == counted
    # 5 s at 1e6 a second, less vetoes' and beam trips' share.
    assert 2_000_000 < events < 6_000_000
    assert not list(path.parent.glob("*.partial"))
    assert "\r" not in done.stderr, "a progress line without a terminal"
    assert path.stat().st_mode & 0o222 == 0


def test_interrupted_demo_leaves_a_valid_file(tmp_path):
    process = subprocess.Popen(
        [BINARY, "demo", "--duration", "60s", "--rate", "2e5", "--data", str(tmp_path / "data"), *FLAGS],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=ROOT,
    )
    read_lines_until(process, "Console")
    files = tmp_path / "data" / "files"
    wait_for(lambda: list(files.glob("*.partial")) if files.exists() else None, what="a file being written")
    wait_for(lambda: any(f.stat().st_size > 2_000_000 for f in files.glob("*.partial")), what="data in the file")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    (path,) = files.glob("*.nxs")
    assert check_file(path) > 100_000
    assert str(path.name) in out.decode()


def test_runs_are_numbered_on(tmp_path):
    names = []
    for _ in range(2):
        done = subprocess.run(
            [BINARY, "demo", "--duration", "1s", "--rate", "1e5", "--data", str(tmp_path / "data"), *FLAGS],
            capture_output=True, text=True, timeout=120, env=environment(), cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr
        names.append(re.search(r"(\S+\.nxs)", done.stdout)[1])
    numbers = [int(re.search(r"(\d+)\.nxs", name)[1]) for name in names]
    assert numbers[1] == numbers[0] + 1


def test_same_seed_gives_the_same_events(tmp_path):
    files = []
    for name in ("a", "b"):
        done = subprocess.run(
            [BINARY, "demo", "--duration", "1s", "--rate", "1e5", "--data", str(tmp_path / name), "--set",
             "source.seed=7", *FLAGS],
            capture_output=True, text=True, timeout=120, env=environment(), cwd=ROOT,
        )
        assert done.returncode == 0, done.stderr
        with h5py.File(re.search(r"(\S+\.nxs)", done.stdout)[1]) as file:
            (group,) = [g for _, g in event_groups(file) if "event_id" in g and len(g["event_id"])]
            files.append(group["event_id"][:50_000])
    assert numpy.array_equal(*files)
