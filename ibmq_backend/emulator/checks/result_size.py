"""Limits on the size of a result, checked before the simulation and while the result is written.

Before the simulation only sizes that are known or nearly known are counted, such as saved states,
whose size follows from the circuit. The rest is counted while the text is written, circuit by
circuit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from ibmq_backend.emulator.checks.document import experiment_label
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.gates import SAVES

__all__ = [
    "check_expected_size",
    "circuit_width",
    "json_array",
    "size_text",
    "too_large",
]


_NUMBER_BYTES: Final = 22
"""A number between -1 and 1 with all its digits, and a separator."""
_MIN_SHOT_BYTES: Final = 6
"""The memory of one shot: "0x0" and a comma."""
_ADVICE: Final = "ask for fewer circuits, shots or saved states in one job"


def too_large(limit: int, code: ErrorCode = ErrorCode.TOO_LARGE) -> JobRefused:
    """Return the error of a job whose result is too large.

    Args:
        limit: largest size in bytes.
        code: error number.
    """
    return JobRefused(
        f"The result of the job is larger than {size_text(limit)}, the limit of this service; "
        f"{_ADVICE}",
        code,
    )


def check_expected_size(device: Device, qobj: dict[str, Any], shots: int, limit: int) -> None:
    """Refuse a checked job whose result will be too large.

    Args:
        device: the device of the job.
        qobj: a Qobj that ``validate`` accepted for the device.
        shots: number of shots.
        limit: largest size of a result in bytes.

    Raises:
        JobRefused: 1001, if the result will be larger.
    """
    config = qobj["config"]
    expected = 0
    for index, experiment in enumerate(qobj["experiments"]):
        own = experiment.get("config") or {}
        slots = own.get("memory_slots")
        slots = (config.get("memory_slots") if slots is None else slots) or 0
        level, returned = (own.get(key) or config.get(key) for key in ("meas_level", "meas_return"))
        parts: Iterable[tuple[int, str]] = ()
        if not device.simulator and level == 1:
            points = slots * (shots if returned == "single" else 1)
            parts = [(2 * _NUMBER_BYTES * points, f"{points} points in the IQ plane")]
        elif config.get("memory"):
            parts = [(_MIN_SHOT_BYTES * shots, f"the memory of {shots} shots")]
        if device.simulator:
            parts = chain(parts, _saved(experiment, slots, shots))
        for size, what in parts:
            expected += size
            if expected > limit:
                label = experiment_label(experiment, index)
                raise JobRefused(
                    f"The result of the job would be larger than {size_text(limit)}, the limit of "
                    f"this service: {label} adds {what}, about {size_text(size)}; {_ADVICE}",
                    ErrorCode.TOO_LARGE,
                )


def json_array(
    entries: Iterable[Any], limit: int, code: ErrorCode = ErrorCode.TOO_LARGE
) -> list[bytes]:
    """Write entries as a JSON array, one after the other.

    Args:
        entries: JSON values, each small enough to be copied in memory several times.
        limit: largest size of the array in bytes.
        code: error number of a refusal.

    Returns:
        The text in pieces.

    Raises:
        JobRefused: as soon as the text is larger than the limit.
    """
    pieces = [b"["]
    size = 2
    for number, entry in enumerate(entries):
        piece = json.dumps(entry, separators=(",", ":")).encode()
        size += len(piece) + bool(number)
        if size > limit:
            raise too_large(limit, code)
        pieces += [b",", piece] if number else [piece]
    pieces.append(b"]")
    return pieces


def size_text(size: int) -> str:
    """Return a number of bytes as text for messages."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size // unit} {name}" if size < 10**15 else "more than 1000000 GB"
    return f"{size} bytes"


def _saved(experiment: dict[str, Any], slots: int, shots: int) -> Iterator[tuple[int, str]]:
    """Yield the size and the description of each state that a circuit saves."""
    width = circuit_width(experiment)
    for instruction in experiment["instructions"]:
        name = instruction["name"]
        kind = str(instruction.get("snapshot_type", "single"))
        copies = 1
        if name == "snapshot":
            saved, qubits = kind, width
        elif name.startswith("save_"):
            saved, qubits = name.removeprefix("save_"), len(instruction["qubits"])
            if kind.endswith("list"):
                copies = shots
            elif kind.startswith("c_"):  # a state for each value of the memory
                copies = min(shots, 1 << min(slots, 64))
        else:
            continue
        save = SAVES.get(f"save_{saved}")
        times = f", {copies} times" if copies > 1 else ""
        size = 0
        if save is not None:
            size = save.numbers * _NUMBER_BYTES * save.entries**qubits * copies
        yield size, f"{saved} of {qubits} qubits{times}"


def circuit_width(experiment: dict[str, Any]) -> int:
    """Return the number of qubits of a checked circuit: the stated number or the used one."""
    own = experiment.get("config") or {}
    highest = max(
        (qubit for entry in experiment["instructions"] for qubit in entry.get("qubits") or ()),
        default=0,
    )
    return max(int(own.get("n_qubits", 0) or 0), highest + 1)
