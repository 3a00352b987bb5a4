"""Conversion of a service's documents to Qiskit's model classes.

Documents contain times as text, complex numbers as pairs and ``dt`` in nanoseconds. Qiskit's
classes need datetimes (local, as documented) and complex numbers; they convert ``dt`` to seconds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

import numpy as np
from qiskit.providers.models import (
    BackendProperties,
    BackendStatus,
    GateProperties,
    Nduv,
    PulseBackendConfiguration,
    PulseDefaults,
    QasmBackendConfiguration,
)

from ibmq_backend._errors.malformed import reading
from ibmq_backend.exceptions import IBMQBackendApiProtocolError
from ibmq_backend.records import BackendRecord, Document, StatusRecord
from ibmq_backend.units import parse_time, to_local

Configuration: TypeAlias = QasmBackendConfiguration | PulseBackendConfiguration

MAX_BITS: Final = 100_000
"""Limit of qubits and of bits in a document: Qiskit creates an object for each."""

MAX_REGISTERS: Final = 1000
"""Limit of registers of one kind in a circuit: Qiskit's time grows with their square."""

MAX_CHANNELS: Final = 1000
"""Limit of qubits or slots of one acquisition: Qiskit creates an instruction for each."""

_MAX_EXPRESSION_CHARACTERS: Final = 200
_EXPRESSION_NODES: Final = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub,
)  # fmt: skip


def check_configuration(document: Document) -> None:
    """Check a configuration as far as is possible without building it.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing, or more than :data:`MAX_BITS`
            qubits are declared.
    """
    for field in _REQUIRED_FIELDS:
        if field not in document:
            raise KeyError(field)
    check_bits({"qreg_sizes": [["q", document["n_qubits"]]]})


def read_configuration(record: BackendRecord) -> Configuration:
    """Return the configuration of a listed backend as Qiskit's class.

    Raises:
        IBMQBackendApiProtocolError: the document is not in the documented form.
    """
    with reading(f"The configuration of {record.name}", raises=IBMQBackendApiProtocolError):
        return configuration_from(record.configuration)


def configuration_from(document: Document) -> Configuration:
    """Return the configuration of a backend.

    Args:
        document: frequencies in GHz, ``dt`` and ``dtm`` in ns, repetition times in µs.

    Returns:
        ``PulseBackendConfiguration`` if the document has the pulse fields, otherwise
        ``QasmBackendConfiguration``. ``online_date`` stays in UTC, as documented.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing, has another type, or
            more than :data:`MAX_BITS` qubits are declared.
    """
    check_configuration(document)
    data = _copied(dict(document))
    if isinstance(data.get("online_date"), str):
        data["online_date"] = parse_time(data["online_date"])
    for channels in data.get("u_channel_lo") or []:
        for channel in channels:
            channel["scale"] = _to_complex(channel["scale"])
    data.setdefault("quantum_volume", None)  # filters read it from every backend
    if data.keys() >= _PULSE_FIELDS:
        return PulseBackendConfiguration.from_dict(data)
    return QasmBackendConfiguration.from_dict(data)


_REQUIRED_FIELDS = (
    "backend_name",
    "backend_version",
    "n_qubits",
    "basis_gates",
    "gates",
    "local",
    "simulator",
    "conditional",
    "open_pulse",
    "memory",
    "max_shots",
    "coupling_map",
)
_PULSE_FIELDS = {
    "n_uchannels",
    "hamiltonian",
    "u_channel_lo",
    "meas_levels",
    "qubit_lo_range",
    "meas_lo_range",
    "dt",
    "dtm",
    "rep_times",
    "meas_kernels",
    "discriminators",
}


def properties_from(document: Document, backend_name: str) -> BackendProperties:
    """Return the calibration of a backend, its dates in local time.

    Args:
        document: units as written in it (``us``, ``ns``, ``GHz``).
        backend_name: the requested name; replaces the name in the document.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing or malformed.
    """
    dates: dict[str, datetime] = {}  # most values of a calibration share a few
    lists = {"qubits", "gates", "general"}
    data = {key: _copied(value) for key, value in document.items() if key not in lists}
    data["backend_name"] = backend_name
    data["last_update_date"] = to_local(parse_time(data["last_update_date"]))
    return Calibration(
        qubits=[_measured_values(qubit, dates) for qubit in document["qubits"]],
        gates=[_gate(gate, dates) for gate in document["gates"]],
        general=_measured_values(document["general"], dates),
        **data,
    )


def read_properties(document: Document | None, backend_name: str) -> BackendProperties | None:
    """Return a calibration document as Qiskit's class, or ``None`` if there is none.

    Raises:
        IBMQBackendApiProtocolError: the document is not in the documented form.
    """
    if not document:
        return None
    with reading(f"The calibration of {backend_name}", raises=IBMQBackendApiProtocolError):
        return properties_from(document, backend_name)


class Calibration(BackendProperties):
    """Qiskit's ``BackendProperties``, which takes qubits out of numpy arrays too.

    It is pickled as a plain ``BackendProperties``, which programs without this package can read.
    """

    def gate_property(
        self, gate: str, qubits: int | Iterable[int] | None = None, name: str | None = None
    ) -> Any:
        """Return a property of a gate, as Qiskit's class does."""
        qubits = int(qubits) if isinstance(qubits, np.integer) else qubits
        return super().gate_property(gate, qubits, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return object.__new__, (BackendProperties,), self.__dict__


def _gate(gate: dict[str, Any], dates: dict[str, datetime]) -> GateProperties:
    data = {**gate, "parameters": _measured_values(gate["parameters"], dates)}
    for key, value in gate.items():
        if type(value) is not str and key != "parameters":
            data[key] = _copied(value)
    return GateProperties(**data)


def _measured_values(
    parameters: Iterable[dict[str, Any]], dates: dict[str, datetime]
) -> list[Nduv]:
    """Return measured values as Qiskit's class.

    Args:
        parameters: the values as the service sends them.
        dates: the dates that were read before, by their texts.
    """
    values = []
    for parameter in parameters:
        value = parameter["value"]
        kind = type(value)
        if kind is not float and kind is not int:
            # Qiskit multiplies it by 10**9, which would repeat a text or list to gigabytes.
            raise TypeError(f"a value is {kind.__name__} instead of a number")
        text = parameter["date"]
        if text not in dates:
            dates[text] = to_local(parse_time(text))
        values.append(Nduv(dates[text], parameter["name"], parameter["unit"], value))
    return values


def defaults_from(document: Document) -> PulseDefaults:
    """Return the pulse defaults of a backend (frequencies in Hz, as in Qiskit).

    Raises:
        KeyError, TypeError, ValueError: a required field is missing, has the wrong type, or
            contains an invalid expression.
    """
    for command in document.get("cmd_def") or ():
        check_pulse_values(command.get("sequence") or ())
    return PulseDefaults.from_dict(_copied(dict(document)))


def check_pulse_values(instructions: Iterable[Mapping[str, Any]]) -> None:
    """Check the numbers and sizes of pulse instructions before Qiskit computes with them.

    Qiskit multiplies frequencies of any type by 10**9, evaluates expressions such as ``-(P0)``
    without a limit, and creates one instruction for each qubit of an acquisition.

    Args:
        instructions: instructions of a schedule, in Qobj form.

    Raises:
        TypeError, ValueError: a value is neither a number nor a sum or product of numbers and
            parameters, or an instruction has more than :data:`MAX_CHANNELS` qubits or slots.
    """
    for instruction in instructions:
        for key in ("qubits", "memory_slot", "register_slot"):
            if len(instruction.get(key) or ()) > MAX_CHANNELS:
                raise ValueError(f"an instruction has more than {MAX_CHANNELS} {key}")
        for key in ("phase", "frequency"):
            value = instruction.get(key, 0)
            if isinstance(value, str):
                _check_expression(value)
            elif not isinstance(value, int | float):
                raise TypeError(f"a {key} is {type(value).__name__} instead of a number")


def _check_expression(text: str) -> None:
    if len(text) > _MAX_EXPRESSION_CHARACTERS:
        raise ValueError(f"an expression has {len(text)} characters")
    for node in ast.walk(ast.parse(text, mode="eval")):
        is_number = not isinstance(node, ast.Constant) or isinstance(node.value, int | float)
        if not isinstance(node, _EXPRESSION_NODES) or not is_number:
            raise ValueError(f"{text!r} is not a sum or product of numbers and parameters")


def check_bits(header: Mapping[str, Any]) -> int:
    """Check the register sizes in the header of a circuit.

    Returns:
        The total number of qubits and bits of the registers.

    Raises:
        ValueError: there are more than :data:`MAX_BITS` qubits or bits or more than
            :data:`MAX_REGISTERS` registers of a kind, or a size is negative.
    """
    slots = header.get("memory_slots") or 0
    total = 0
    for kind in ("qreg_sizes", "creg_sizes"):
        sizes = [int(size) for _, size in header.get(kind) or ()]
        if min(sizes, default=0) < 0 or max(sum(sizes), slots) > MAX_BITS:
            raise ValueError(f"it has more than {MAX_BITS} bits")
        if len(sizes) > MAX_REGISTERS:
            raise ValueError(f"it has more than {MAX_REGISTERS} registers")
        total += sum(sizes)
    return total


def status_from(record: StatusRecord) -> BackendStatus:
    """Return the state of a backend."""
    return BackendStatus(
        backend_name=record.name,
        backend_version=record.version,
        operational=record.operational,
        pending_jobs=record.pending_jobs,
        status_msg=record.message,
    )


def _copied(value: Any) -> Any:
    """Return a copy of a JSON document; ``copy.deepcopy`` takes ten times as long."""
    kind = type(value)
    if kind is dict:
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if kind is list else value


def _to_complex(value: Any) -> complex:
    if isinstance(value, list | tuple):
        return complex(value[0], value[1])
    return complex(value)
