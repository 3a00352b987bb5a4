"""Circuits without control flow as instructions in Qobj form, for the shared simulation."""

from __future__ import annotations

from typing import Any, Final

from qiskit.circuit import ControlFlowOp, QuantumCircuit

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device

_SECONDS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}
_MAX_DELAY_DT: Final = 10**12  # several minutes on every device


def is_dynamic(circuit: QuantumCircuit) -> bool:
    """Return whether a circuit has instructions that depend on measured values."""
    return any(
        isinstance(instruction.operation, ControlFlowOp)
        or getattr(instruction.operation, "condition", None) is not None
        or instruction.operation.name == "store"
        for instruction in circuit.data
    )


def instructions_of(circuit: QuantumCircuit, device: Device) -> list[dict[str, Any]]:
    """Return the instructions of a bound circuit; memory slot ``i`` is its classical bit ``i``.

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

    A delay in seconds is rounded to a length that the device can wait.

    Raises:
        JobRefused: if the sample length of the device is unknown, or the delay is negative, too
            long, or not a multiple of the samples that the device demands.
    """
    duration, alignment = float(operation.duration), device.pulse_alignment
    if operation.unit != "dt":
        if device.dt is None or operation.unit not in _SECONDS:
            raise JobRefused(
                f"A delay in {operation.unit} cannot be run on {device.name}",
                ErrorCode.OPTIONS_DO_NOT_FIT,
            )
        duration = duration * _SECONDS[operation.unit] / device.dt
    if not 0 <= duration < _MAX_DELAY_DT:
        raise JobRefused("A delay is negative or too long", ErrorCode.OPTIONS_DO_NOT_FIT)
    if operation.unit != "dt":
        duration = round(duration / alignment) * alignment
    if round(duration) % alignment:
        raise JobRefused(
            f"A delay lasts {duration:g} dt; delays must be a multiple of {alignment} dt on "
            f"{device.name}",
            ErrorCode.DELAY_ALIGNMENT,
        )
    return round(duration)
