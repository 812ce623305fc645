"""Decodes messages with the official packages.

Usage: official_decode.py DIRECTORY
Reads every DIRECTORY/*.bin and prints one JSON object: file name -> the message's fields, under their names in the
.fbs files. Absent vectors are left out, and messages of schemas that the package does not know. pu00 and df12 have no
decoder in the package `streaming_data_types`: they are read with the generic `flatbuffers` runtime.
"""

import json
import math
import pathlib
import sys

import flatbuffers.number_types as number
import numpy as np
from flatbuffers.table import Table

# The package's f142 still uses names that NumPy 2 took away.
np.unicode_, np.string_ = np.str_, np.bytes_

from streaming_data_types import deserialise_al00, deserialise_answ, deserialise_ep01, deserialise_ev44
from streaming_data_types import deserialise_f144, deserialise_hs01, deserialise_pl72, deserialise_6s4t
from streaming_data_types import deserialise_wrdn, deserialise_x5f2, deserialise_ADAr, deserialise_ad00
from streaming_data_types import deserialise_an44, deserialise_da00, deserialise_ep00, deserialise_ev42, deserialise_ev43
from streaming_data_types import deserialise_f142, deserialise_fc00, deserialise_hs00, deserialise_json, deserialise_ndar
from streaming_data_types import deserialise_ns10, deserialise_rf5k, deserialise_se00, deserialise_senv, deserialise_tdct
from streaming_data_types.fbschemas.action_response_answ.ActionOutcome import ActionOutcome
from streaming_data_types.fbschemas.action_response_answ.ActionResponse import ActionResponse
from streaming_data_types.fbschemas.action_response_answ.ActionType import ActionType
from streaming_data_types.fbschemas.array_1d_se00.Location import Location
from streaming_data_types.fbschemas.dataarray_da00.da00_dtype import da00_dtype
from streaming_data_types.fbschemas.epics_connection_info_ep00.EventType import EventType
from streaming_data_types.fbschemas.forwarder_config_update_fc00.Protocol import Protocol
from streaming_data_types.fbschemas.forwarder_config_update_fc00.UpdateType import UpdateType
from streaming_data_types.fbschemas.histogram_hs00.EventHistogram import EventHistogram as EventHistogram00
from streaming_data_types.fbschemas.histogram_hs01.EventHistogram import EventHistogram
from streaming_data_types.fbschemas.isis_event_info_is84.RunState import RunState
from streaming_data_types.fbschemas.logdata_f142.AlarmSeverity import AlarmSeverity
from streaming_data_types.fbschemas.logdata_f142.AlarmStatus import AlarmStatus
from streaming_data_types.fbschemas.logdata_f142.LogData import LogData
from streaming_data_types.fbschemas.logdata_f142.Value import Value as Value142
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


def without_absent(fields):
    """The generated reader answers an absent vector with the number 0."""
    scalars = ("message_id", "pulse_time")
    return {name: value for name, value in fields.items() if name in scalars or not isinstance(value, int)}


def ev44(data):
    return without_absent(deserialise_ev44(data)._asdict())


def an44(data):
    return without_absent(deserialise_an44(data)._asdict())


def ev43(data):
    return without_absent(deserialise_ev43(data)._asdict())


def ev42(data):
    fields = without_absent(deserialise_ev42(data)._asdict())
    added = fields.pop("specific_data")
    if added is not None:
        added["run_state"] = word(RunState, added["run_state"])
        added["proton_charge"] = plain(np.float32(added["proton_charge"]))
        fields.update(facility_specific_data_type="ISISData", facility_specific_data=added)
    return fields


def f142(data):
    message = deserialise_f142(data)
    kind = word(Value142, LogData.GetRootAsLogData(data, 0).ValueType())
    value = message.value
    if kind == "Float":
        value = np.float32(value)
    elif isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    return {
        "source_name": message.source_name,
        "timestamp": message.timestamp_unix_ns,
        "value_type": kind,
        "value": value,
        "status": word(AlarmStatus, message.alarm_status),
        "severity": word(AlarmSeverity, message.alarm_severity),
    }


def ep00(data):
    fields = deserialise_ep00(data)._asdict()
    fields["type"] = word(EventType, fields["type"])
    return fields


def se00(data):
    message = deserialise_se00(data)
    kinds = {
        "int8": "Int8", "uint8": "UInt8", "int16": "Int16", "uint16": "UInt16", "int32": "Int32", "uint32": "UInt32",
        "int64": "Int64", "uint64": "UInt64", "float64": "Double", "float32": "Float",
    }  # fmt: skip
    fields = {
        "name": message.name,
        "channel": message.channel,
        "packet_timestamp": message.timestamp_unix_ns,
        "time_delta": message.sample_ts_delta,
        "timestamp_location": word(Location, message.ts_location),
        "message_counter": message.message_counter,
        "values_type": kinds[message.values.dtype.name] + "Array",
        "values": message.values,
    }
    if message.value_ts is not None:
        fields["timestamps"] = message.value_ts
    return fields


def senv(data):
    message = deserialise_senv(data)
    # Its time became a date, which has microseconds only.
    fields = {
        "Name": message.name,
        "Channel": message.channel,
        "TimeDelta": message.sample_ts_delta,
        "TimestampLocation": word(Location, message.ts_location),
        "MessageCounter": message.message_counter,
        "Values": message.values,
    }
    if message.value_ts is not None:
        fields["Timestamps"] = message.value_ts
    return fields


def tdct(data):
    return deserialise_tdct(data)._asdict()


def ns10(data):
    message = deserialise_ns10(data)
    return {
        "key": message.key,
        "time": message.time_stamp,
        "ttl": message.ttl,
        "expired": message.expired,
        "value": message.value,
    }


def forwarder(message):
    fields = {"config_change": word(UpdateType, message.config_change)}
    if message.streams:
        fields["streams"] = [
            {**stream._asdict(), "protocol": word(Protocol, stream.protocol)} for stream in message.streams
        ]
    return fields


def fc00(data):
    return forwarder(deserialise_fc00(data))


def rf5k(data):
    return forwarder(deserialise_rf5k(data))


def json_text(data):
    return {"json": deserialise_json(data)}


def elements(data):
    """An array's elements in a flat list; a text as it is. One element may come as a mere number."""
    return data if isinstance(data, str) else plain(np.atleast_1d(data))


def da00(data):
    message = deserialise_da00(data)
    variables = []
    for variable in message.data:
        fields = {name: getattr(variable, name) for name in ("name", "unit", "label", "source")}
        fields = {name: text for name, text in fields.items() if text is not None}
        fields.update(shape=plain(variable.shape), data=elements(variable.data))
        if variable.axes:
            fields["axes"] = variable.axes
        variables.append(fields)
    return {"source_name": message.source_name, "timestamp": message.timestamp_ns, "data": variables}


def area(message):
    fields = {
        "source_name": message.source_name,
        "id": message.unique_id,
        "dimensions": message.dimensions,
        "data": elements(message.data),
        "attributes": [
            {
                "name": attribute.name,
                "description": attribute.description,
                "source": attribute.source,
                "data": elements(attribute.data),
            }
            for attribute in message.attributes
        ],
    }
    # The package does not tell an absent vector from an empty one.
    return fields if fields["attributes"] else {name: value for name, value in fields.items() if name != "attributes"}


def ad00(data):
    message = deserialise_ad00(data)
    return {**area(message), "timestamp": message.timestamp_ns}


def adar(data):
    return area(deserialise_ADAr(data))


def ndar(data):
    message = deserialise_ndar(data)
    return {"id": message.id, "timeStamp": message.timestamp, "pData": elements(message.data)}


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
    return histogram(deserialise_hs01(data), EventHistogram.GetRootAsEventHistogram(data, 0))


def hs00(data):
    return histogram(deserialise_hs00(data), EventHistogram00.GetRootAsEventHistogram(data, 0))


def histogram(message, table):
    fields = dict(message)
    fields["dim_metadata"] = [
        {name: plain(value) for name, value in dimension.items()} for dimension in fields["dim_metadata"]
    ]
    if len(fields["errors"]) == 0:
        del fields["errors"]
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
    "wrdn": wrdn, "x5f2": x5f2, "hs01": hs01, "pu00": pu00, "df12": df12, "an44": an44, "ev43": ev43, "ev42": ev42,
    "f142": f142, "ep00": ep00, "se00": se00, "senv": senv, "tdct": tdct, "ns10": ns10, "fc00": fc00, "rf5k": rf5k,
    "json": json_text, "da00": da00, "ad00": ad00, "ADAr": adar, "NDAr": ndar, "hs00": hs00,
}  # fmt: skip


def decode(data):
    fields = DECODERS[data[4:8].decode()](data)
    return {name: plain(value) for name, value in fields.items()}


if __name__ == "__main__":
    messages = {file.name: file.read_bytes() for file in sorted(pathlib.Path(sys.argv[1]).glob("*.bin"))}
    print(json.dumps({name: decode(data) for name, data in messages.items() if data[4:8].decode() in DECODERS}))
