"""Turns the documents of a service into Qiskit's own model classes.

The wire carries times as text, complex numbers as pairs and ``dt`` in nanoseconds; Qiskit's classes
want datetimes (local, as documented), complex numbers, and convert ``dt`` to seconds themselves.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from qiskit.providers.models import (
    BackendProperties,
    BackendStatus,
    PulseBackendConfiguration,
    PulseDefaults,
    QasmBackendConfiguration,
)

from ibmq_backend._errors.malformed import reading
from ibmq_backend.exceptions import IBMQBackendApiProtocolError
from ibmq_backend.records import Document, StatusRecord
from ibmq_backend.units import parse_time, to_local

Configuration: TypeAlias = QasmBackendConfiguration | PulseBackendConfiguration

MAX_BITS: Final = 100_000
"""Most qubits, and most bits, that a document may state: Qiskit makes an object of each."""

MAX_REGISTERS: Final = 1000
"""Most registers of one kind in a circuit: the time that Qiskit takes grows with their square."""

MAX_CHANNELS: Final = 1000
"""Most qubits, or slots, that one acquisition may name, for the same reason."""

_MAX_EXPRESSION_CHARACTERS: Final = 200
_EXPRESSION_NODES: Final = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Load, ast.Constant,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub,
)  # fmt: skip


def configuration_from(document: Document) -> Configuration:
    """Return the configuration of a backend.

    Args:
        document: frequencies in GHz, ``dt`` and ``dtm`` in ns, repetition times in µs.

    Returns:
        ``PulseBackendConfiguration`` where the document has the pulse fields, otherwise
        ``QasmBackendConfiguration``. ``online_date`` stays in UTC, as documented.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing, has another type, or
            states more than :data:`MAX_BITS` qubits.
    """
    data = copy.deepcopy(dict(document))
    if isinstance(data.get("online_date"), str):
        data["online_date"] = parse_time(data["online_date"])
    for channels in data.get("u_channel_lo") or []:
        for channel in channels:
            channel["scale"] = _to_complex(channel["scale"])
    data.setdefault("quantum_volume", None)  # filters ask every backend for it
    check_bits({"qreg_sizes": [["q", data["n_qubits"]]]})
    if data.keys() >= _PULSE_FIELDS:
        return PulseBackendConfiguration.from_dict(data)
    return QasmBackendConfiguration.from_dict(data)


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
        backend_name: the name asked for; replaces the one in the document.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing or malformed.
    """
    data = copy.deepcopy(dict(document))
    data["backend_name"] = backend_name
    data["last_update_date"] = to_local(parse_time(data["last_update_date"]))
    for qubit in data["qubits"]:
        _localize(qubit)
    for gate in data["gates"]:
        _localize(gate["parameters"])
    _localize(data["general"])
    return BackendProperties.from_dict(data)


def properties_of(document: Document | None, backend_name: str) -> BackendProperties | None:
    """Return a calibration document as Qiskit's class; ``None`` for none.

    Raises:
        IBMQBackendApiProtocolError: the document is not in the documented form.
    """
    if not document:
        return None
    with reading(f"The calibration of {backend_name}", raises=IBMQBackendApiProtocolError):
        return properties_from(document, backend_name)


def _localize(parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        value = parameter["value"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            # Qiskit multiplies it by 10**9: of a text or a list that makes gigabytes.
            raise TypeError(f"a value is {type(value).__name__} instead of a number")
        parameter["date"] = to_local(parse_time(parameter["date"]))


def defaults_from(document: Document) -> PulseDefaults:
    """Return the pulse defaults of a backend (frequencies in Hz, as Qiskit keeps them).

    Raises:
        KeyError, TypeError, ValueError: a required field is missing, has another type, or holds
            an invalid expression.
    """
    for command in document.get("cmd_def") or ():
        check_pulse_values(command.get("sequence") or ())
    return PulseDefaults.from_dict(copy.deepcopy(dict(document)))


def check_pulse_values(instructions: Iterable[Mapping[str, Any]]) -> None:
    """Check the numbers and sizes of pulse instructions before Qiskit computes with them.

    Qiskit multiplies frequencies by 10**9 whatever they are, and computes expressions such as
    ``-(P0)`` to their end, a power of powers too. Of an acquisition it makes one instruction for
    each qubit.

    Args:
        instructions: of a schedule, in Qobj form.

    Raises:
        TypeError, ValueError: a value is neither a number nor a sum or product of numbers and
            parameters, or an instruction names more than :data:`MAX_CHANNELS` qubits or slots.
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
    """Check the sizes that the header of a circuit states.

    Returns:
        How many qubits and bits the registers have together.

    Raises:
        ValueError: they are more than :data:`MAX_BITS`, or negative, or there are more than
            :data:`MAX_REGISTERS` of a kind.
    """
    slots = header.get("memory_slots") or 0
    together = 0
    for kind in ("qreg_sizes", "creg_sizes"):
        sizes = [int(size) for _, size in header.get(kind) or ()]
        if min(sizes, default=0) < 0 or max(sum(sizes), slots) > MAX_BITS:
            raise ValueError(f"it has more than {MAX_BITS} bits")
        if len(sizes) > MAX_REGISTERS:
            raise ValueError(f"it has more than {MAX_REGISTERS} registers")
        together += sum(sizes)
    return together


def status_from(record: StatusRecord) -> BackendStatus:
    """Return the state of a backend."""
    return BackendStatus(
        backend_name=record.name,
        backend_version=record.version,
        operational=record.operational,
        pending_jobs=record.pending_jobs,
        status_msg=record.message,
    )


def _to_complex(value: Any) -> complex:
    if isinstance(value, list | tuple):
        return complex(value[0], value[1])
    return complex(value)
