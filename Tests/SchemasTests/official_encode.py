"""Encodes random messages with the official packages.

Usage: official_encode.py DIRECTORY SEED COUNT
Writes COUNT messages of each schema to DIRECTORY/<schema>-<number>.bin, and beside each what went into it, under the
names in the .fbs files: DIRECTORY/<schema>-<number>.json. pu00 has no encoder in the package `streaming_data_types`:
it is written with the generic `flatbuffers` builder.
"""

import datetime
import json
import pathlib
import random
import sys

import flatbuffers
import numpy as np
from streaming_data_types import serialise_al00, serialise_answ, serialise_ep01, serialise_ev44, serialise_f144
from streaming_data_types import serialise_hs01, serialise_pl72, serialise_6s4t, serialise_wrdn, serialise_x5f2
from streaming_data_types.alarm_al00 import Severity
from streaming_data_types.epics_connection_ep01 import ConnectionInfo
from streaming_data_types.run_start_pl72 import DetectorSpectrumMap

from official_decode import plain

TEXT = "abcXYZ 019_:/.-\"\\\n{}µ°Å中🙂"
I32, I64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
SCALARS = {
    "int8": "Byte", "uint8": "UByte", "int16": "Short", "uint16": "UShort", "int32": "Int", "uint32": "UInt",
    "int64": "Long", "uint64": "ULong", "float32": "Float", "float64": "Double",
}  # fmt: skip


def text(low=0, high=40):
    return "".join(random.choice(TEXT) for _ in range(random.randint(low, high)))


def integers(bounds, count):
    return [random.randint(*bounds) for _ in range(count)]


def number(kind):
    """A random number of numpy type `kind`."""
    kind = np.dtype(kind)
    if kind.kind == "f":
        return kind.type(random.choice([0.0, -0.0, random.gauss(0, 1e6), random.gauss(0, 1e-6), float("inf")]))
    limits = np.iinfo(kind)
    return kind.type(random.choice([0, int(limits.min), int(limits.max), random.randint(limits.min, limits.max)]))


def ev44():
    pulses, events = random.randint(1, 4), random.choice([0, 1, random.randint(2, 300)])
    fields = {
        "source_name": text(1),
        "message_id": random.randint(*I64),
        "reference_time": integers(I64, pulses),
        "reference_time_index": sorted(random.randint(0, events) for _ in range(pulses)),
        "time_of_flight": integers(I32, events),
        "pixel_id": integers(I32, random.choice([0, events])),
    }
    return fields, serialise_ev44(**fields)


def f144():
    kind = random.choice(list(SCALARS))
    array = random.random() < 0.5
    value = np.array([number(kind) for _ in range(random.randint(0, 20))], kind) if array else number(kind)
    fields = {
        "source_name": text(1),
        "timestamp": random.randint(*I64),
        "value_type": ("Array" if array else "") + SCALARS[kind],
        "value": value,
    }
    return fields, serialise_f144(fields["source_name"], value, fields["timestamp"])


def al00():
    severity = random.choice(list(Severity))
    fields = {
        "source_name": text(), "timestamp": random.randint(*I64), "severity": severity.name, "message": text(),
    }  # fmt: skip
    return fields, serialise_al00(fields["source_name"], fields["timestamp"], severity, fields["message"])


def ep01():
    status, service = random.choice(list(ConnectionInfo)), random.choice([None, text()])
    fields = {"timestamp": random.randint(*I64), "status": status.name, "source_name": text()}
    data = serialise_ep01(fields["timestamp"], status, fields["source_name"], service)
    return {**fields, **({} if service is None else {"service_id": service})}, data


def pl72():
    names = ("run_name", "instrument_name", "nexus_structure", "job_id", "broker", "service_id", "filename",
             "metadata", "control_topic")  # fmt: skip
    fields = {name: text() for name in names}
    fields["start_time"], fields["stop_time"] = integers((0, 2**63 - 1), 2)
    count = random.choice([None, 0, random.randint(1, 50)])
    if count is None:
        return {**fields, "n_periods": 1}, serialise_pl72(**fields)
    spectra, detectors = integers(I32, count), integers(I32, count)
    data = serialise_pl72(**fields, detector_spectrum_map=DetectorSpectrumMap(spectra, detectors, count))
    fields["detector_spectrum_map"] = {"spectrum": spectra, "detector_id": detectors, "n_spectra": count}
    return fields, data


def run_stop():
    fields = {name: text() for name in ("run_name", "job_id", "service_id", "command_id")}
    fields["stop_time"] = random.choice([0, random.randint(0, 2**63 - 1)])
    return fields, serialise_6s4t(**fields)


def answ():
    fields = {name: text() for name in ("service_id", "job_id", "command_id", "message")}
    fields["status_code"] = random.randint(*I32)
    action, outcome = random.randint(0, 1), random.randint(0, 1)
    time = datetime.datetime.fromtimestamp(random.randint(0, 4_000_000_000), tz=datetime.timezone.utc)
    data = serialise_answ(**fields, action=action, outcome=outcome, stop_time=time)
    fields["action"] = ("StartJob", "SetStopTime")[action]
    fields["outcome"] = ("Success", "Failure")[outcome]
    fields["stop_time"] = int(time.timestamp()) * 1000
    return fields, data


def wrdn():
    fields = {name: text(1) for name in ("service_id", "job_id", "file_name")}
    fields["error_encountered"] = random.random() < 0.5
    for name in ("metadata", "message"):
        if random.random() < 0.5:
            fields[name] = text(1)
    return fields, serialise_wrdn(**fields)


def x5f2():
    fields = {
        name: text() for name in ("software_name", "software_version", "service_id", "host_name", "status_json")
    }
    fields["process_id"], fields["update_interval"] = integers((0, 2**32 - 1), 2)
    return fields, serialise_x5f2(**fields)


def hs01():
    shape = [random.randint(1, 5) for _ in range(random.randint(1, 3))]
    size = int(np.prod(shape))

    def values(count):
        kind = random.choice(["int32", "int64", "float32", "float64"])
        return np.array([number(kind) for _ in range(count)], kind)

    fields = {
        "source": text(),
        "timestamp": random.randint(*I64),
        "current_shape": shape,
        "dim_metadata": [
            {"length": bins, "unit": text(), "label": text(), "bin_boundaries": values(bins + 1)} for bins in shape
        ],
        "data": values(size).reshape(shape),
        "last_metadata_timestamp": random.randint(*I64),
        "info": text(),
    }
    if random.random() < 0.5:
        fields["errors"] = values(size).reshape(shape)
    data = serialise_hs01(fields)
    for dimension in fields["dim_metadata"]:
        dimension["bin_boundaries"] = plain(dimension["bin_boundaries"])
    return fields, data


def pu00():
    fields = {
        "source_name": text(1),
        "message_id": random.randint(*I64),
        "reference_time": random.randint(*I64),
        "vetos": random.choice([None, 0, random.randint(0, 2**32 - 1)]),
        "period_number": random.choice([None, 0, random.randint(0, 2**32 - 1)]),
        "proton_charge": random.choice([None, np.float32(0), np.float32(random.random())]),
    }
    builder = flatbuffers.Builder(64)
    # Optional scalars are written whenever they are there, zero too.
    builder.ForceDefaults(True)
    source = builder.CreateString(fields["source_name"])
    builder.StartObject(6)
    builder.PrependInt64Slot(1, fields["message_id"], 0)
    builder.PrependInt64Slot(2, fields["reference_time"], 0)
    if fields["vetos"] is not None:
        builder.PrependUint32Slot(3, fields["vetos"], 0)
    if fields["period_number"] is not None:
        builder.PrependUint32Slot(4, fields["period_number"], 0)
    if fields["proton_charge"] is not None:
        builder.PrependFloat32Slot(5, fields["proton_charge"], 0)
    builder.PrependUOffsetTRelativeSlot(0, source, 0)
    builder.Finish(builder.EndObject(), file_identifier=b"pu00")
    return fields, bytes(builder.Output())


ENCODERS = {
    "ev44": ev44, "f144": f144, "al00": al00, "ep01": ep01, "pl72": pl72, "6s4t": run_stop, "answ": answ,
    "wrdn": wrdn, "x5f2": x5f2, "hs01": hs01, "pu00": pu00,
}  # fmt: skip

if __name__ == "__main__":
    directory, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    random.seed(seed)
    for schema, encoder in ENCODERS.items():
        for index in range(count):
            fields, data = encoder()
            fields = {name: plain(value) for name, value in fields.items()}
            (directory / f"{schema}-{index}.bin").write_bytes(data)
            (directory / f"{schema}-{index}.json").write_text(json.dumps(fields))
