"""A recorded run in the facility's format comes through the stream into a new file without losing anything."""

import subprocess

import h5py
import numpy
import pytest
from conftest import BINARY, ROOT, environment, sluice, wait_for

PULSES, EVENTS = 60, 5000
START = "2018-05-01T10:00:00"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """An ISIS event run: float32 µs, float64 s from an offset, frame log, sample-environment logs."""
    random = numpy.random.default_rng(1)
    directory = tmp_path_factory.mktemp("recorded")
    path = directory / "RUN00000042.nxs"
    with h5py.File(path, "w") as file:
        entry = file.create_group("raw_data_1")
        entry.attrs["NX_class"] = "NXentry"
        entry["start_time"] = START
        entry["name"] = "TESTINST"
        entry["run_number"] = numpy.int32(42)
        group = entry.create_group("detector_1_events")
        group.attrs["NX_class"] = "NXevent_data"
        index = numpy.sort(random.integers(0, EVENTS, PULSES)).astype(numpy.uint64)
        index[0] = 0
        group["event_index"] = index
        group["event_id"] = random.integers(1, 1000, EVENTS).astype(numpy.uint32)
        offset = group.create_dataset("event_time_offset", data=random.uniform(5, 99000, EVENTS).astype(numpy.float32))
        offset.attrs["units"] = "microsecond"
        zero = group.create_dataset("event_time_zero", data=numpy.arange(PULSES) * 0.1 + 0.05)
        zero.attrs["units"] = "second"
        zero.attrs["offset"] = START
        frames = entry.create_group("framelog")
        frames.attrs["NX_class"] = "NXcollection"
        for name, values in {
            "proton_charge": random.uniform(0, 1e-2, PULSES).astype(numpy.float32),
            "period_log": numpy.ones(PULSES, numpy.int32),
        }.items():
            log = frames.create_group(name)
            log.attrs["NX_class"] = "NXlog"
            log["value"] = values
            time = log.create_dataset("time", data=(numpy.arange(PULSES) * 0.1 + 0.05).astype(numpy.float32))
            time.attrs["units"], time.attrs["start"] = "second", START
        block = entry.create_group("selog/Temp/value_log")
        entry["selog"].attrs["NX_class"] = "IXselog"
        entry["selog/Temp"].attrs["NX_class"] = "IXseblock"
        block.attrs["NX_class"] = "NXlog"
        block["value"] = numpy.linspace(1, 2, 20, dtype=numpy.float32)
        time = block.create_dataset("time", data=numpy.linspace(0.2, 5.5, 20, dtype=numpy.float32))
        time.attrs["units"], time.attrs["start"] = "second", START
    table = directory / "spectrum.dat"
    table.write_text("Number_of_entries\n3\nDETECTOR SPECTRUM\n11 1\n12 1\n13 2\n")
    return path, table


def test_nothing_is_lost(own_appliance, recorded):
    path, table = recorded
    appliance = own_appliance()
    sluice(
        "replay", str(path), "--instrument", "TESTINST", "--det-spec-map", str(table), "--speed", "max",
        broker=appliance.broker,
    )
    files = appliance.directory / "files"
    (made,) = wait_for(lambda: list(files.glob("*.nxs")) if files.exists() else None, 60, "the file")
    with h5py.File(path) as old, h5py.File(made) as new:
        source = old["raw_data_1/detector_1_events"]
        events = []
        new.visititems(
            lambda name, item: events.append(item)
            if isinstance(item, h5py.Group) and item.attrs.get("NX_class") == "NXevent_data" else None
        )
        copy = events[0]
        assert numpy.array_equal(copy["event_id"][:], source["event_id"][:].astype(numpy.int32))
        nanoseconds = numpy.rint(source["event_time_offset"][:].astype(numpy.float64) * 1000).astype(numpy.int32)
        assert numpy.array_equal(copy["event_time_offset"][:], nanoseconds)
        assert numpy.array_equal(copy["event_index"][:], source["event_index"][:].astype(numpy.int64))
        recorded_times = numpy.rint((source["event_time_zero"][:] - source["event_time_zero"][0]) * 1e9)
        times = copy["event_time_zero"][:].astype(numpy.int64)
        assert numpy.array_equal(times - times[0], recorded_times.astype(numpy.int64))
        charges = find(new, "proton_charge")
        assert numpy.array_equal(charges["value"][:].astype(numpy.float32), old["raw_data_1/framelog/proton_charge/value"][:])
        assert numpy.array_equal(charges["time"][:].astype(numpy.int64), times)
        temperature = find(new, "Temp")
        assert numpy.array_equal(
            temperature["value"][:].astype(numpy.float32), old["raw_data_1/selog/Temp/value_log/value"][:]
        )


def find(file, word):
    """The one NXlog whose path holds `word`."""
    found = []
    file.visititems(
        lambda name, item: found.append(item)
        if isinstance(item, h5py.Group) and item.attrs.get("NX_class") == "NXlog" and word in name and "value" in item
        else None
    )
    assert len({h5py.h5o.get_info(item.id).addr for item in found}) == 1, f"{word}: {[i.name for i in found]}"
    return found[0]


def test_a_broken_map_is_named_with_its_line(appliance, recorded, tmp_path):
    path, _ = recorded
    table = tmp_path / "bad.dat"
    table.write_text("NDET :\n2\nDETECTOR SPECTRUM\n11 1\n12 x\n")
    done = sluice(
        "replay", str(path), "--instrument", "BAD", "--det-spec-map", str(table), broker=appliance.broker, check=False
    )
    assert done.returncode == 1 and "bad.dat" in done.stderr and "line 5" in done.stderr


def test_a_missing_hdf5_library_is_named(recorded, tmp_path):
    """HDF5 is loaded when a file is opened: everything else works without it, and a file says what is missing."""
    path, table = recorded
    for name in ("libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5.so.103", "libhdf5.so.310"):
        (tmp_path / name).write_bytes(b"not a library")
    without = environment(LD_LIBRARY_PATH=str(tmp_path))
    assert subprocess.run([BINARY, "version"], env=without, cwd=ROOT).returncode == 0
    done = subprocess.run(
        [BINARY, "replay", path, "--instrument", "TEST", "--det-spec-map", table, "--broker", "127.0.0.1:1"],
        env=without, cwd=ROOT, capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 1 and "the HDF5 library 1.10 is not installed (Debian: libhdf5-103-1)" in done.stderr, done
