"""Circuits without control flow as instructions in Qobj form, for the shared simulation."""

from __future__ import annotations

from typing import Any, Final

from qiskit.circuit import ControlFlowOp, QuantumCircuit

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.errors import OPTIONS_DO_NOT_FIT

_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}
_LONGEST_DELAY: Final = 10**12
"""In samples: minutes on every device."""


def is_dynamic(circuit: QuantumCircuit) -> bool:
    """Return whether something in a circuit depends on what was measured."""
    return any(
        isinstance(instruction.operation, ControlFlowOp)
        or getattr(instruction.operation, "condition", None) is not None
        or instruction.operation.name == "store"
        for instruction in circuit.data
    )


def instructions_of(circuit: QuantumCircuit, device: Device) -> list[dict[str, Any]]:
    """Return the instructions of a bound circuit; memory slot `i` is its classical bit `i`.

    Raises:
        JobRefused: if a delay has no length on this device.
    """
    qubit = {bit: index for index, bit in enumerate(circuit.qubits)}
    slot = {bit: index for index, bit in enumerate(circuit.clbits)}
    found: list[dict[str, Any]] = []
    for instruction in circuit.data:
        operation = instruction.operation
        entry: dict[str, Any] = {
            "name": operation.name,
            "qubits": [qubit[bit] for bit in instruction.qubits],
        }
        if operation.name == "measure":
            entry["memory"] = [slot[bit] for bit in instruction.clbits]
        elif operation.name == "delay":
            entry["params"] = [delay_samples(operation, device)]
        elif operation.params:
            entry["params"] = [float(value) for value in operation.params]
        found.append(entry)
    return found


def delay_samples(operation: Any, device: Device) -> int:
    """Return the length of a delay in samples of the device.

    Raises:
        JobRefused: if the samples of the device have no known length, or the delay is negative or
            longer than any circuit.
    """
    duration = float(operation.duration)
    if operation.unit != "dt":
        if device.dt is None or operation.unit not in _SECONDS:
            raise JobRefused(
                f"A delay in {operation.unit} cannot be run on {device.name}", OPTIONS_DO_NOT_FIT
            )
        duration = duration * _SECONDS[operation.unit] / device.dt
    if not 0 <= duration < _LONGEST_DELAY:
        raise JobRefused("A delay is negative or longer than any circuit", OPTIONS_DO_NOT_FIT)
    return round(duration)
