"""Checks of a circuit against the instruction set of a device.

Every refusal names the circuit, the instruction and the qubits.
"""

from __future__ import annotations

from typing import Any, Final

from qiskit.circuit import Clbit, ControlFlowOp, QuantumCircuit

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.instruction_set import gates_of, instructions_of

_EXEMPT: Final = frozenset({"barrier", "store"})
_UNCONDITIONAL: Final = frozenset({"measure", "reset"})
_MAX_CONDITION_BITS: Final = 32


class Target:
    """The instructions of a device and the qubits on which it supports them.

    Args:
        device: device of the job.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        basis = set(gates_of(device))
        self._everywhere = instructions_of(device)
        self._places: dict[str, set[tuple[int, ...]] | None] = {
            gate["name"]: None
            if gate.get("coupling_map") is None
            else {tuple(place) for place in gate["coupling_map"]}
            for gate in device.configuration()["gates"]
            if gate["name"] in basis
        }

    def check(self, circuit: QuantumCircuit, label: str) -> None:
        """Check a circuit.

        Args:
            circuit: circuit whose qubit ``i`` is qubit ``i`` of the device.
            label: name of the circuit for messages.

        Raises:
            JobRefused: 1517, at the first instruction that the device does not have on its qubits,
                or does not run under its condition. That the service has this code for conditions
                is an assumption; IBM's guide to dynamic circuits states the rules without codes.
        """
        if circuit.num_qubits > self._device.num_qubits:
            raise JobRefused(
                f"{label} has {circuit.num_qubits} qubits, {self._device.name} has "
                f"{self._device.num_qubits}",
                ErrorCode.NOT_ISA,
            )
        self._check(circuit, list(range(circuit.num_qubits)), label)

    def _check(
        self, circuit: QuantumCircuit, places: list[int], label: str, *, in_branch: bool = False
    ) -> None:
        index = dict(zip(circuit.qubits, places, strict=True))
        for instruction in circuit.data:
            operation = instruction.operation
            qubits = tuple(index[bit] for bit in instruction.qubits)
            if operation.name not in _EXEMPT:
                self._check_one(operation, qubits, label)
            refusal = _condition_refusal(operation, in_branch)
            if refusal is not None:
                raise JobRefused(f"{_name(operation, qubits, label)} {refusal}", ErrorCode.NOT_ISA)
            if isinstance(operation, ControlFlowOp):
                for block in operation.blocks:
                    self._check(block, list(qubits), label, in_branch=True)

    def _check_one(self, operation: Any, qubits: tuple[int, ...], label: str) -> None:
        name = operation.name
        if name in self._everywhere:
            return
        where = _name(operation, qubits, label)
        if name not in self._places:
            known = ", ".join(sorted({*self._places, *self._everywhere}))
            raise JobRefused(
                f"{where} is not supported by {self._device.name}, which supports {known}",
                ErrorCode.NOT_ISA,
            )
        places = self._places[name]
        if places is not None and qubits not in places:
            reverse = tuple(reversed(qubits))
            hint = f"; only {reverse} is" if len(qubits) == 2 and reverse in places else ""
            raise JobRefused(
                f"{where} is not supported by {self._device.name} on these qubits{hint}",
                ErrorCode.NOT_ISA,
            )
        if (name, qubits) in self._device.broken_gates:
            raise JobRefused(
                f"{where} is out of order on {self._device.name}: its calibration reports an "
                "error of 1",
                ErrorCode.NOT_ISA,
            )


def _condition_refusal(operation: Any, in_branch: bool) -> str | None:
    condition = getattr(operation, "condition", None)
    if in_branch and isinstance(operation, ControlFlowOp):
        return "is within another condition"
    if operation.name in _UNCONDITIONAL and (in_branch or condition is not None):
        return "cannot depend on a condition"
    if isinstance(condition, tuple) and not isinstance(condition[0], Clbit):
        width = len(condition[0])
        if width > _MAX_CONDITION_BITS:
            return f"depends on {width} bits; at most {_MAX_CONDITION_BITS} are possible"
    return None


def _name(operation: Any, qubits: tuple[int, ...], label: str) -> str:
    return f"The instruction {operation.name} on qubits {qubits} of {label}"
