"""Checks before submission whether a device supports every instruction of a circuit.

The service itself accepts nearly all circuits; they fail later, when the job runs and costs quota.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from ibmq_backend.api.sampler.device import Device, Qubits
from ibmq_backend.api.sampler.registers import Register, registers_for
from ibmq_backend.exceptions import ApiInputError

MAX_EXECUTIONS: Final = 10_000_000
"""Limit of circuits times shots in one job."""

MAX_CONDITION_BITS: Final = 32
"""Limit of bits that one condition compares."""

_UNCONDITIONAL: Final = {
    "measure": "Measure without it, and ignore the bit where the condition does not hold.",
    "reset": "Reset without it, or measure the qubit and apply 'x' on the condition that it is 1.",
}
"""Instructions that the service runs without a condition only; what to do instead."""

_ANGLE_TOLERANCE: Final = 1e-10
_ANGLE_LIMITS: Final[dict[str, tuple[float, float]]] = {"rzz": (0.0, math.pi / 2)}
_WITHOUT_QUBIT_CHECK: Final = frozenset({"barrier", "bfunc"})
_MAX_SHOWN_NEIGHBOURS: Final = 6


def check_experiment(experiment: Mapping[str, Any], index: int, device: Device) -> None:
    """Reject an experiment that the device cannot run.

    Args:
        experiment: an experiment of a Qobj on the qubits of the device.
        index: the position of the experiment in the job, for messages.
        device: the device.

    Raises:
        ApiInputError: the device does not support an instruction; the message names the circuit,
            the instruction and its qubits.
    """
    where = circuit_name(experiment, index)
    registers = registers_for(experiment)
    masks: dict[int, int] = {}
    for place, instruction in enumerate(experiment.get("instructions") or ()):
        name = str(instruction.get("name"))
        qubits = tuple(int(qubit) for qubit in instruction.get("qubits") or ())
        step = f"{where}, instruction {place}: {name!r} on {_qubits_text(qubits)}"
        _check_qubits(step, qubits, device)
        if name == "bfunc":
            masks[int(instruction["register"])] = int(str(instruction["mask"]), 16)
        if name in _WITHOUT_QUBIT_CHECK:
            continue
        _check_name(step, name, qubits, device)
        _check_angle(step, name, instruction.get("params") or ())
        condition = instruction.get("conditional")
        if condition is not None:
            if not device.has_conditions:
                _reject(step, f"{device.name} does not support conditions on measured results.")
            _check_condition(step, name, masks.get(int(condition), 0), registers)
        for faulty in (("", (qubit,)) for qubit in qubits):
            if faulty in device.broken:
                _reject(step, f"the calibration marks qubit {faulty[1][0]} as not operational.")
        if (name, qubits) in device.broken:
            _reject(step, "the calibration marks this gate as not operational.")


def check_shots(shots: object, circuits: int) -> int:
    """Return the shots after checking them.

    Raises:
        ApiInputError: the shots are not a positive integer, or too many for one job.
    """
    if isinstance(shots, bool) or not isinstance(shots, int) or shots < 1:
        raise ApiInputError(f"shots must be a positive integer, not {shots!r}.")
    if shots * circuits > MAX_EXECUTIONS:
        raise ApiInputError(
            f"{circuits} circuits with {shots} shots are {shots * circuits} executions; one job "
            f"can have at most {MAX_EXECUTIONS}. Use fewer shots, or several jobs."
        )
    return shots


def circuit_name(experiment: Mapping[str, Any], index: int) -> str:
    """Return the name of a circuit for messages."""
    name = (experiment.get("header") or {}).get("name")
    return f"Circuit {index}" + (f" ({name!r})" if name else "")


def _check_qubits(step: str, qubits: Qubits, device: Device) -> None:
    if any(not 0 <= qubit < device.n_qubits for qubit in qubits):
        _reject(step, f"{device.name} has {device.n_qubits} qubits.")
    if len(set(qubits)) != len(qubits):
        _reject(step, "the same qubit is named twice.")


def _check_name(step: str, name: str, qubits: Qubits, device: Device) -> None:
    if name in device.gates:
        places = device.gates[name]
        if places is None or qubits in places:
            return
        if qubits[::-1] in places:
            _reject(step, f"{device.name} has this gate only on {list(qubits[::-1])}. {_TRANSPILE}")
        _reject(step, f"{device.name} has no {name!r} on them{_near(places, qubits)}. {_TRANSPILE}")
    if name in device.supported:
        return
    if name == "id":  # is written as a delay
        return
    native = sorted({*device.gates, *(device.supported - {"if_else", "store"})})
    close = difflib.get_close_matches(name, native, n=1)
    hint = f" (nearest: {close[0]})" if close else ""
    _reject(
        step,
        f"not an instruction of {device.name}{hint}. Native gates: "
        f"{', '.join(sorted(device.gates))}. {_TRANSPILE}",
    )


def _check_angle(step: str, name: str, parameters: Iterable[Any]) -> None:
    if name not in _ANGLE_LIMITS:
        return
    low, high = _ANGLE_LIMITS[name]
    for angle in parameters:
        if not low - _ANGLE_TOLERANCE <= float(angle) <= high + _ANGLE_TOLERANCE:
            _reject(step, f"the angle {float(angle)} is outside 0 to π/2.")


def _check_condition(step: str, name: str, mask: int, registers: Sequence[Register]) -> None:
    """Reject what the service ran until 2025: it would fail the job and charge for it."""
    if name in _UNCONDITIONAL:
        _reject(step, f"it cannot depend on a condition. {_UNCONDITIONAL[name]}")
    bits = mask.bit_count()
    if bits > MAX_CONDITION_BITS:
        _reject(
            step,
            f"its condition compares {bits} bits; at most {MAX_CONDITION_BITS} are possible. "
            "Use a smaller register, or a single bit of it.",
        )
    if bits > 1 and all(mask != register.mask for register in registers):
        _reject(
            step,
            "its condition compares several bits that are not a register, which needs a condition "
            "within another one. Use a whole register, or a single bit.",
        )


def _near(places: Iterable[Qubits], qubits: Qubits) -> str:
    near = sorted(place for place in places if set(place) & set(qubits))[:_MAX_SHOWN_NEIGHBOURS]
    return f"; nearby it has {', '.join(str(list(place)) for place in near)}" if near else ""


def _qubits_text(qubits: Qubits) -> str:
    if not qubits:
        return "no qubit"
    return f"qubit {qubits[0]}" if len(qubits) == 1 else f"qubits {list(qubits)}"


def _reject(step: str, why: str) -> NoReturn:
    raise ApiInputError(f"{step}: {why}")


_TRANSPILE: Final = "Run transpile(circuit, backend) first."
