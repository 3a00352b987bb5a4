"""Circuits for Aer, built from the instructions of a Qobj.

Terra's ``disassemble`` is not used: it empties its argument, fails on small headers that the
service accepted, and cannot leave out idle qubits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from qiskit.circuit import (
    Barrier,
    ClassicalRegister,
    Clbit,
    Delay,
    Instruction,
    Measure,
    QuantumCircuit,
    Reset,
)
from qiskit.circuit import library as gates
from qiskit.circuit.exceptions import CircuitError
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Kraus, SuperOp

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.gates import GATES, SAVES, translate
from ibmq_backend.emulator.simulation.scheduling import WAIT

__all__ = ["build_circuit", "instruction_qubits", "make_operation", "used_slots"]

_NOT_A_GATE = (
    ArithmeticError, CircuitError, IndexError, KeyError, QiskitError, TypeError, ValueError,
)  # fmt: skip

_MAX_NAME_LENGTH = 100  # characters
_MAX_CHANNEL_QUBITS = 4  # a check needs a matrix of 16^n numbers


def instruction_qubits(instruction: dict[str, Any]) -> list[int]:
    """Return the qubits of an instruction; none for ``bfunc`` and ``snapshot`` of all qubits."""
    return list(instruction.get("qubits") or ())


def build_circuit(
    instructions: Sequence[dict[str, Any]],
    *,
    qubits: Sequence[int],
    slots: Sequence[int],
    basis: str | None,
    name: str,
    relaxation: Callable[[int, float], Instruction] | None = None,
    drawn: bool = False,
) -> QuantumCircuit:
    """Build the circuit of checked instructions on a subset of a device.

    Args:
        instructions: instructions in Qobj form; ``qubits`` and ``slots`` list all that they use.
        qubits: device qubits in the order of the circuit's qubits.
        slots: memory slots in the order of the circuit's classical bits.
        basis: basis onto which single-qubit gates are rewritten, as for ``translate``.
        name: name of the circuit.
        relaxation: returns the relaxation of a device qubit in a time in seconds, for ``WAIT``.
        drawn: whether the circuit is only drawn; what Terra has no operation for is a box then.

    Raises:
        JobRefused: if the parameters of an instruction do not fit its name.
    """
    builder = _Builder(qubits, slots, basis, name, relaxation, drawn)
    for position, instruction in enumerate(instructions):
        try:
            builder.add(instruction)
        except _NOT_A_GATE as error:
            reason = str(error).strip("\"' ") or type(error).__name__
            raise JobRefused(
                f"Instruction {instruction['name']} (number {position}, qubits "
                f"{instruction_qubits(instruction)}) of circuit {name!r} cannot be run: {reason}",
                ErrorCode.NOT_SUPPORTED,
            ) from error
    return builder.circuit


class _Builder:
    def __init__(
        self,
        qubits: Sequence[int],
        slots: Sequence[int],
        basis: str | None,
        name: str,
        relaxation: Callable[[int, float], Instruction] | None,
        drawn: bool,
    ) -> None:
        # Aer repeats the name in its messages.
        self.circuit = QuantumCircuit(len(qubits), len(slots), name=name[:_MAX_NAME_LENGTH])
        self._qubit = {qubit: index for index, qubit in enumerate(qubits)}
        self._clbit = {slot: self.circuit.clbits[index] for index, slot in enumerate(slots)}
        self._basis, self._relaxation, self._drawn = basis, relaxation, drawn
        self._conditions: dict[int, tuple[int, int, str]] = {}
        self._registers: dict[tuple[int, ...], ClassicalRegister] = {}
        self._stale: set[int] = set()

    def add(self, instruction: dict[str, Any]) -> None:
        name = instruction["name"]
        if name == "bfunc":
            self._remember_condition(instruction)
            return
        qubits = [self._qubit[qubit] for qubit in instruction_qubits(instruction)]
        condition = instruction.get("conditional")
        if name == "measure":
            for qubit, slot in zip(qubits, instruction["memory"], strict=True):
                self._append(Measure(), [qubit], [self._clbit[slot]], condition)
                self._mark_stale_conditions(slot)
        elif name == "reset":
            for qubit in qubits:
                self._append(Reset(), [qubit], [], condition)
        elif name == "barrier":
            self.circuit.append(Barrier(len(qubits)), qubits)
        elif self._drawn:
            self._append(_sketch(instruction, len(qubits)), qubits, [], condition)
        elif name == "snapshot" or name in SAVES:
            self._save(instruction, qubits)
        elif name == WAIT and self._relaxation is not None:
            relaxed = self._relaxation(instruction["qubits"][0], instruction["seconds"])
            self.circuit.append(relaxed, qubits)
        else:
            params = [_number(value) for value in instruction.get("params") or ()]
            for step, angles in translate(name, params, self._basis):
                self._append(make_operation(step, angles, len(qubits)), qubits, [], condition)

    def _append(
        self,
        operation: Instruction,
        qubits: list[int],
        clbits: list[Clbit],
        condition: int | None,
    ) -> None:
        if condition is not None:
            if condition in self._stale:
                raise ValueError(
                    "its condition was computed before a measurement that changed the value; "
                    "this is not emulated"
                )
            mask, value, relation = self._conditions[condition]
            bits = tuple(slot for slot in range(mask.bit_length()) if mask >> slot & 1)
            register = self._registers.get(bits)
            if register is None:
                register = ClassicalRegister(bits=[self._clbit[slot] for slot in bits])
                self.circuit.add_register(register)
                self._registers[bits] = register
            wanted = sum((value >> slot & 1) << index for index, slot in enumerate(bits))
            if relation == "!=":
                if len(bits) > 1:
                    raise ValueError("a condition != on several bits is not emulated")
                wanted = 1 - wanted
            operation = operation.c_if(register, wanted)
        self.circuit.append(operation, qubits, clbits)

    def _remember_condition(self, instruction: dict[str, Any]) -> None:
        register = instruction["register"]
        mask, value = int(instruction["mask"], 16), int(instruction["val"], 16)
        if value & ~mask:
            raise ValueError("'val' has bits outside of 'mask'")
        self._conditions[register] = (mask, value, instruction["relation"])
        self._stale.discard(register)

    def _mark_stale_conditions(self, slot: int) -> None:
        self._stale |= {
            register for register, (mask, _, _) in self._conditions.items() if mask >> slot & 1
        }

    def _save(self, instruction: dict[str, Any], qubits: list[int]) -> None:
        name = instruction["name"]
        kind = instruction.get("snapshot_type", "single")
        everything = list(range(self.circuit.num_qubits))
        if name == "snapshot":
            if kind not in ("statevector", "density_matrix", "probabilities"):
                raise ValueError(f"snapshots of type {kind!r} are not emulated")
            label = f"snapshot:{kind}:{instruction.get('label', '')}"
            operation = SAVES[f"save_{kind}"].load_class()
            self.circuit.append(operation(len(everything), label=label), everything)
            return
        flags = {"pershot": str(kind).endswith("list"), "conditional": str(kind).startswith("c_")}
        if name == "save_unitary":
            flags.pop("conditional")
        label = instruction.get("label", name.removeprefix("save_"))
        operation = SAVES[name].load_class()
        self.circuit.append(operation(len(qubits), label=label, **flags), qubits)


def _sketch(instruction: dict[str, Any], width: int) -> Instruction:
    """Return an operation that is drawn for a gate, a snapshot or anything unknown."""
    name = str(instruction["name"])
    params = [_number(value) for value in instruction.get("params") or ()]
    try:
        return make_operation(name, params, width)
    except _NOT_A_GATE:
        return Instruction(name, width, 0, [])


def make_operation(name: str, params: Sequence[Any], width: int) -> Instruction:
    """Return the operation of one gate; ``params`` are decoded numbers, nested for matrices."""
    gate = GATES.get(name)
    if gate is not None and gate.class_name is not None:
        operation: Instruction = gate.load_class()(*(() if name == "id" else params))
        return operation
    if name == "delay":
        duration = params[0]
        # The service rounded fractions to whole samples (dt).
        return Delay(round(duration), unit="dt")
    if name in ("mcx", "mcx_gray"):
        return gates.XGate() if width == 1 else gates.MCXGate(width - 1)
    if name in ("mcp", "mcphase"):
        return gates.MCPhaseGate(params[0], width - 1)
    if name == "unitary":
        return gates.UnitaryGate(np.asarray(params[0], dtype=complex))
    if name == "diagonal":
        if len(params) != 1 << width:
            raise ValueError(f"{1 << width} entries are needed, {len(params)} are given")
        return gates.DiagonalGate([complex(value) for value in params])
    if name == "initialize":
        if len(params) == 1 << width:
            state = np.asarray(params, dtype=complex)
            return gates.Initialize(state)
        return gates.Initialize("".join(str(letter) for letter in params))
    if name == "pauli":
        return gates.PauliGate(str(params[0]))
    if name == "kraus":
        return Kraus([_channel(matrix, width, 2) for matrix in params]).to_instruction()
    if name == "superop":
        return SuperOp(_channel(params[0], width, 4)).to_instruction()
    raise ValueError("this instruction is not emulated")


def _channel(matrix: Any, width: int, base: int) -> np.ndarray[Any, np.dtype[np.complex128]]:
    """Return the matrix of a channel, after a check of its shape."""
    if width > _MAX_CHANNEL_QUBITS:
        raise ValueError(f"channels on more than {_MAX_CHANNEL_QUBITS} qubits are not emulated")
    array = np.asarray(matrix, dtype=complex)
    if array.shape != (base**width, base**width):
        raise ValueError(f"matrices of {base**width} rows are needed, one is {array.shape}")
    return array


def _number(value: Any) -> Any:
    """Decode ``[re, im]`` pairs at any depth; real pairs of plain angles become floats."""
    if not isinstance(value, list):
        return value
    if len(value) == 2 and all(_is_number(part) for part in value):
        return complex(*value) if value[1] else value[0]
    return [_number(entry) for entry in value]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def used_slots(instructions: Iterable[dict[str, Any]]) -> set[int]:
    """Return the memory slots that a circuit writes or reads."""
    slots: set[int] = set()
    for instruction in instructions:
        if instruction["name"] == "measure":
            slots.update(instruction["memory"])
        elif instruction["name"] == "bfunc":
            mask = int(instruction["mask"], 16)
            slots.update(slot for slot in range(mask.bit_length()) if mask >> slot & 1)
    return slots
