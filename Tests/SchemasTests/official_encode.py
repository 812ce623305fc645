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
from streaming_data_types import serialise_ADAr, serialise_ad00, serialise_an44, serialise_da00, serialise_ep00
from streaming_data_types import serialise_ev42, serialise_ev43, serialise_f142, serialise_fc00, serialise_hs00
from streaming_data_types import serialise_json, serialise_ndar, serialise_ns10, serialise_rf5k, serialise_se00
from streaming_data_types import serialise_senv, serialise_tdct
from streaming_data_types.alarm_al00 import Severity
from streaming_data_types.epics_connection_ep01 import ConnectionInfo
from streaming_data_types.area_detector_ad00 import Attribute
from streaming_data_types.area_detector_ADAr import Attribute as OldAttribute
from streaming_data_types.dataarray_da00 import Variable
from streaming_data_types.fbschemas.array_1d_se00.Location import Location
from streaming_data_types.fbschemas.epics_connection_info_ep00.EventType import EventType
from streaming_data_types.fbschemas.forwarder_config_update_fc00.Protocol import Protocol
from streaming_data_types.fbschemas.forwarder_config_update_fc00.UpdateType import UpdateType
from streaming_data_types.fbschemas.logdata_f142.AlarmSeverity import AlarmSeverity
from streaming_data_types.fbschemas.logdata_f142.AlarmStatus import AlarmStatus
from streaming_data_types.forwarder_config_update_fc00 import StreamInfo
from streaming_data_types.forwarder_config_update_rf5k import StreamInfo as OldStreamInfo
from streaming_data_types.run_start_pl72 import DetectorSpectrumMap

from official_decode import elements, plain, word

TEXT = "abcXYZ 019_:/.-\"\\\n{}µ°Å中🙂"
I32, I64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)
U32, U64 = (0, 2**32 - 1), (0, 2**64 - 1)
SCALARS = {
    "int8": "Byte", "uint8": "UByte", "int16": "Short", "uint16": "UShort", "int32": "Int", "uint32": "UInt",
    "int64": "Long", "uint64": "ULong", "float32": "Float", "float64": "Double",
}  # fmt: skip


def text(low=0, high=40):
    return "".join(random.choice(TEXT) for _ in range(random.randint(low, high)))


def integers(bounds, count):
    return [random.randint(*bounds) for _ in range(count)]


def large_integers(count):
    """Of a list with numbers beyond 2^63, numpy would make floating-point numbers."""
    return np.array(integers(U64, count), np.uint64)


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


def an44():
    fields, _ = ev44()
    fields["weight"] = integers((-(2**15), 2**15 - 1), len(fields["time_of_flight"]))
    return fields, serialise_an44(**fields)


def ev43():
    pulses, events = random.randint(1, 4), random.choice([0, 1, random.randint(2, 300)])
    fields = {
        "source_name": text(1),
        "message_id": random.randint(*U64),
        "pulse_time": large_integers(pulses),
        "pulse_index": integers(U32, pulses),
        "time_of_flight": integers(U32, events),
        "detector_id": integers(U32, events),
    }
    return fields, serialise_ev43(**fields)


def ev42():
    events = random.choice([0, 1, random.randint(2, 300)])
    fields = {
        "source_name": text(1),
        "message_id": random.randint(*U64),
        "pulse_time": random.randint(*U64),
        "time_of_flight": integers(U32, events),
        "detector_id": integers(U32, events),
    }
    if random.random() < 0.5:
        return fields, serialise_ev42(**fields)
    state, charge = random.randint(0, 1), np.float32(random.random())
    added = {"period_number": random.randint(*U32), "run_state": state, "proton_charge": float(charge)}
    data = serialise_ev42(**fields, isis_specific=added)
    added = {**added, "run_state": ("SETUP", "RUNNING")[state], "proton_charge": plain(charge)}
    return {**fields, "facility_specific_data_type": "ISISData", "facility_specific_data": added}, data


def f142():
    kind = random.choice([*SCALARS, "text"])
    array = random.random() < 0.5
    if kind == "text":
        # Fewer than one text would be an array without a type.
        value = [text(1) for _ in range(random.randint(1, 6))] if array else text(1)
    else:
        value = np.array([number(kind) for _ in range(random.randint(1, 20))], kind) if array else number(kind)
    fields = {
        "source_name": text(1),
        "timestamp": random.randint(*U64),
        "value_type": ("Array" if array else "") + SCALARS.get(kind, "String"),
        "value": value,
        "status": "NO_CHANGE",
        "severity": "NO_CHANGE",
    }
    if random.random() < 0.3:
        return fields, serialise_f142(value, fields["source_name"], fields["timestamp"])
    status, severity = random.randint(0, 22), random.randint(0, 4)
    data = serialise_f142(value, fields["source_name"], fields["timestamp"], status, severity)
    return {**fields, "status": word(AlarmStatus, status), "severity": word(AlarmSeverity, severity)}, data


def ep00():
    kind = random.randint(0, 4)
    fields = {"timestamp": random.randint(*U64), "source_name": text(), "service_id": text()}
    data = serialise_ep00(fields["timestamp"], kind, fields["source_name"], fields["service_id"])
    return {**fields, "type": word(EventType, kind)}, data


def se00():
    kind = random.choice(list(SCALARS))
    names = {"float32": "Float", "float64": "Double"}
    values = np.array([number(kind) for _ in range(random.randint(1, 20))], kind)
    location = random.randint(0, 3)
    times = random.choice([None, integers((0, 2**63 - 1), len(values))])
    fields = {
        "name": text(1),
        "channel": random.randint(*I32),
        "packet_timestamp": random.randint(*I64),
        "time_delta": random.randint(-5, 10**9),
        "message_counter": random.randint(*I64),
        "timestamp_location": word(Location, location),
        "values_type": names.get(kind, kind.capitalize().replace("Uint", "UInt")) + "Array",
        "values": values,
    }
    data = serialise_se00(
        fields["name"], fields["channel"], fields["packet_timestamp"], fields["time_delta"],
        fields["message_counter"], values, location, times,
    )  # fmt: skip
    return {**fields, **({} if times is None else {"timestamps": times})}, data


def senv():
    kind = random.choice([kind for kind in SCALARS if not kind.startswith("float")])
    values = np.array([number(kind) for _ in range(random.randint(1, 20))], kind)
    location = random.randint(0, 3)
    times = random.choice([None, large_integers(len(values))])
    time = datetime.datetime.fromtimestamp(random.randint(0, 4_000_000_000), tz=datetime.timezone.utc)
    fields = {
        "Name": text(1),
        "Channel": random.randint(*I32),
        "PacketTimestamp": int(time.timestamp() * 1e9),
        "TimeDelta": random.randint(-5, 10**9),
        "MessageCounter": random.randint(*U64),
        "TimestampLocation": word(Location, location),
        "Values_type": kind.capitalize().replace("Uint", "UInt") + "Array",
        "Values": values,
    }
    data = serialise_senv(
        fields["Name"], fields["Channel"], time, fields["TimeDelta"], fields["MessageCounter"], values, location, times
    )
    return {**fields, **({} if times is None else {"Timestamps": times})}, data


def tdct():
    fields = {
        "name": text(1),
        "timestamps": large_integers(random.randint(1, 20)),
        "sequence_counter": random.randint(*U64),
    }
    return fields, serialise_tdct(**fields)


def ns10():
    fields = {
        "key": text(), "time": random.gauss(0, 1e9), "ttl": random.random(), "expired": random.random() < 0.5,
        "value": text(),
    }  # fmt: skip
    return fields, serialise_ns10(
        fields["key"], fields["value"], fields["time"], fields["ttl"], fields["expired"]
    )


def forwarder(kinds, serialise, make, names):
    kind = random.randint(0, kinds - 1)
    streams = []
    for _ in range(0 if kind == 2 else random.randint(1, 6)):
        stream = {name: text(1) for name in ("channel", "schema", "topic")}
        stream["protocol"] = random.randint(0, 2)
        if "periodic" in names:
            stream["periodic"] = random.randint(*I32)
        streams.append(stream)
    data = serialise(kind, [make(*(stream[name] for name in names)) for stream in streams])
    for stream in streams:
        stream["protocol"] = word(Protocol, stream["protocol"])
    fields = {"config_change": word(UpdateType, kind)}
    # The package builds the vector from behind, so the first comes last.
    return {**fields, **({"streams": streams[::-1]} if streams else {})}, data


def fc00():
    return forwarder(4, serialise_fc00, StreamInfo, ("channel", "schema", "topic", "protocol", "periodic"))


def rf5k():
    return forwarder(3, serialise_rf5k, OldStreamInfo, ("channel", "schema", "topic", "protocol"))


def json_text():
    fields = {"json": text()}
    return fields, serialise_json(fields["json"])


def shaped():
    """A random array and the name of its type; sometimes a text."""
    if random.random() < 0.15:
        return text(1), "c_string"
    kind, shape = random.choice(list(SCALARS)), [random.randint(1, 5) for _ in range(random.randint(1, 3))]
    return np.array([number(kind) for _ in range(int(np.prod(shape)))], kind).reshape(shape), kind


def size(data):
    return [len(data.encode())] if isinstance(data, str) else list(data.shape)


def da00():
    variables, described = [], []
    for _ in range(random.randint(1, 4)):
        data, kind = shaped()
        names = {name: text(1) for name in ("unit", "label", "source") if random.random() < 0.7}
        axes = [] if isinstance(data, str) else [text(1) for _ in data.shape]
        variables.append(Variable(name=text(1), data=data, axes=axes, **names))
        described.append({
            "name": variables[-1].name, **names, "axes": axes, "shape": size(data), "data_type": kind,
            "data": elements(data),
        })  # fmt: skip
    fields = {"source_name": text(1), "timestamp": random.randint(*I64), "data": variables}
    data = serialise_da00(fields["source_name"], fields["timestamp"], variables)
    return {**fields, "data": described}, data


def area(make):
    """An area detector's array as what its encoders take, and as what is expected."""
    data, kind = shaped()
    attributes, described = [], []
    for _ in range(random.randint(0, 3)):
        value, value_kind = shaped()
        attributes.append(make(text(1), text(1), text(1), value))
        described.append({
            "name": attributes[-1].name, "description": attributes[-1].description, "source": attributes[-1].source,
            "data_type": value_kind, "data": elements(value),
        })  # fmt: skip
    fields = {
        "source_name": text(1), "id": random.randint(*I32), "dimensions": size(data), "data_type": kind,
        "data": elements(data), "attributes": described,
    }  # fmt: skip
    return fields, data, attributes


def ad00():
    fields, data, attributes = area(Attribute)
    # The package takes a text's array of bytes for its shape.
    fields["timestamp"] = random.randint(*I64)
    return fields, serialise_ad00(fields["source_name"], fields["id"], fields["timestamp"], data, attributes)


def adar():
    fields, data, attributes = area(OldAttribute)
    time = datetime.datetime.fromtimestamp(random.randint(0, 4_000_000_000), tz=datetime.timezone.utc)
    fields["timestamp"] = int(time.timestamp() * 1e9)
    return fields, serialise_ADAr(fields["source_name"], fields["id"], time, data, attributes)


def ndar():
    dims = [random.randint(1, 5) for _ in range(random.randint(1, 3))]
    values = integers((0, 255), int(np.prod(dims)))
    fields = {"id": random.randint(*I32), "dims": dims, "dataType": "Uint8", "pData": values}
    return fields, serialise_ndar(fields["id"], dims, 1, values)


def hs00():
    fields, _ = hs01()
    kinds = {"int32": "uint32", "int64": "uint64", "float32": "float32", "float64": "float64"}

    def unsigned(values):
        values = np.asarray(values)
        return values.astype(kinds.get(values.dtype.name, "float64")) if values.dtype.kind != "i" else np.abs(
            values // 2
        ).astype(kinds[values.dtype.name])

    for name in ("data", "errors"):
        if name in fields:
            fields[name] = unsigned(fields[name])
    for name in ("timestamp", "last_metadata_timestamp"):
        fields[name] = random.randint(*U64)
    for dimension in fields["dim_metadata"]:
        dimension["bin_boundaries"] = np.array(
            [number(kind) for kind in [random.choice(list(kinds.values()))] * (dimension["length"] + 1)]
        )
    data = serialise_hs00(fields)
    for dimension in fields["dim_metadata"]:
        dimension["bin_boundaries"] = plain(dimension["bin_boundaries"])
    return fields, data


ENCODERS = {
    "ev44": ev44, "f144": f144, "al00": al00, "ep01": ep01, "pl72": pl72, "6s4t": run_stop, "answ": answ,
    "wrdn": wrdn, "x5f2": x5f2, "hs01": hs01, "pu00": pu00, "an44": an44, "ev43": ev43, "ev42": ev42, "f142": f142,
    "ep00": ep00, "se00": se00, "senv": senv, "tdct": tdct, "ns10": ns10, "fc00": fc00, "rf5k": rf5k,
    "json": json_text, "da00": da00, "ad00": ad00, "ADAr": adar, "NDAr": ndar, "hs00": hs00,
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
