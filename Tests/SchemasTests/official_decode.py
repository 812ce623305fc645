"""Decodes messages with the official packages.

Usage: official_decode.py DIRECTORY
Reads every DIRECTORY/*.bin and prints one JSON object: file name -> the message's fields, under their names in the
.fbs files. Absent vectors are left out. pu00 and df12 have no decoder in the package `streaming_data_types`: they are
read with the generic `flatbuffers` runtime.
"""

import json
import math
import pathlib
import sys

import flatbuffers.number_types as number
import numpy as np
from flatbuffers.table import Table
from streaming_data_types import deserialise_al00, deserialise_answ, deserialise_ep01, deserialise_ev44
from streaming_data_types import deserialise_f144, deserialise_hs01, deserialise_pl72, deserialise_6s4t
from streaming_data_types import deserialise_wrdn, deserialise_x5f2
from streaming_data_types.fbschemas.action_response_answ.ActionOutcome import ActionOutcome
from streaming_data_types.fbschemas.action_response_answ.ActionResponse import ActionResponse
from streaming_data_types.fbschemas.action_response_answ.ActionType import ActionType
from streaming_data_types.fbschemas.histogram_hs01.EventHistogram import EventHistogram
from streaming_data_types.fbschemas.logdata_f144.f144_LogData import f144_LogData
from streaming_data_types.fbschemas.logdata_f144.Value import Value
from streaming_data_types.fbschemas.run_start_pl72.RunStart import RunStart


def plain(value):
    """`value` without numpy types, and without numbers that JSON lacks."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.flatten()]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.float32):
        value = float(str(value)) if np.isfinite(value) else float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def word(enumeration, value):
    """The name of `value` in a generated enumeration class."""
    return next(name for name, number in vars(enumeration).items() if number == value and not name.startswith("_"))


def ev44(data):
    fields = deserialise_ev44(data)._asdict()
    # The generated reader answers an absent vector with the number 0.
    return {name: value for name, value in fields.items() if not (isinstance(value, int) and name != "message_id")}


def f144(data):
    message = deserialise_f144(data)
    kind = word(Value, f144_LogData.GetRootAsf144_LogData(data, 0).ValueType())
    value = message.value
    if kind == "Float":
        value = np.float32(value)
    return {
        "source_name": message.source_name,
        "timestamp": message.timestamp_unix_ns,
        "value_type": kind,
        "value": value,
    }


def al00(data):
    message = deserialise_al00(data)
    return {
        "source_name": message.source,
        "timestamp": message.timestamp_ns,
        "severity": message.severity.name,
        "message": message.message,
    }


def ep01(data):
    message = deserialise_ep01(data)
    return {**message._asdict(), "status": message.status.name}


def pl72(data):
    fields = deserialise_pl72(data)._asdict()
    fields["n_periods"] = RunStart.GetRootAsRunStart(data, 0).NPeriods()
    spectra = fields.pop("detector_spectrum_map")
    if spectra is not None:
        fields["detector_spectrum_map"] = {
            "spectrum": plain(spectra.spectrum_numbers),
            "detector_id": plain(spectra.detector_ids),
            "n_spectra": spectra.n_spectra,
        }
    return fields


def run_stop(data):
    return deserialise_6s4t(data)._asdict()


def answ(data):
    fields = deserialise_answ(data)._asdict()
    fields["action"] = word(ActionType, fields["action"])
    fields["outcome"] = word(ActionOutcome, fields["outcome"])
    fields["stop_time"] = ActionResponse.GetRootAsActionResponse(data, 0).StopTime()
    return fields


def wrdn(data):
    fields = deserialise_wrdn(data)._asdict()
    return {name: value for name, value in fields.items() if value is not None}


def x5f2(data):
    return deserialise_x5f2(data)._asdict()


def hs01(data):
    fields = dict(deserialise_hs01(data))
    fields["dim_metadata"] = [
        {name: plain(value) for name, value in dimension.items()} for dimension in fields["dim_metadata"]
    ]
    if len(fields["errors"]) == 0:
        del fields["errors"]
    table = EventHistogram.GetRootAsEventHistogram(data, 0)
    if table.OffsetLength() > 0:
        fields["offset"] = table.OffsetAsNumpy()
    return fields


class Root:
    """The root table, read with the generic runtime; `slot` counts from 0."""

    def __init__(self, data, identifier):
        assert data[4:8] == identifier
        self.table = Table(data, int.from_bytes(data[0:4], "little"))

    def scalar(self, slot, flags):
        offset = self.table.Offset(4 + 2 * slot)
        return self.table.Get(flags, self.table.Pos + offset) if offset else None

    def string(self, slot):
        return self.table.String(self.table.Pos + self.table.Offset(4 + 2 * slot)).decode()

    def vector(self, slot, flags):
        return self.table.GetVectorAsNumpy(flags, self.table.Offset(4 + 2 * slot))


def pu00(data):
    root = Root(data, b"pu00")
    charge = root.scalar(5, number.Float32Flags)
    return {
        "source_name": root.string(0),
        "message_id": root.scalar(1, number.Int64Flags),
        "reference_time": root.scalar(2, number.Int64Flags),
        "vetos": root.scalar(3, number.Uint32Flags),
        "period_number": root.scalar(4, number.Uint32Flags),
        "proton_charge": None if charge is None else np.float32(charge),
    }


def df12(data):
    root = Root(data, b"df12")
    return {
        "spectrum": root.vector(0, number.Int32Flags),
        "detector_id": root.vector(1, number.Int32Flags),
        "n_spectra": root.scalar(2, number.Int32Flags),
    }


DECODERS = {
    "ev44": ev44, "f144": f144, "al00": al00, "ep01": ep01, "pl72": pl72, "6s4t": run_stop, "answ": answ,
    "wrdn": wrdn, "x5f2": x5f2, "hs01": hs01, "pu00": pu00, "df12": df12,
}  # fmt: skip


def decode(data):
    fields = DECODERS[data[4:8].decode()](data)
    return {name: plain(value) for name, value in fields.items()}


if __name__ == "__main__":
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.bin"))
    print(json.dumps({file.name: decode(file.read_bytes()) for file in files}))
