"""Converts ``if_test`` to conditional instructions, which a Qobj can contain.

A Qobj cannot contain Qiskit's newer control flow, but a plain ``if_test`` is equivalent to
``c_if``. Other control flow (loops, ``switch``, nested ``if``) is left as it is and rejected later.
So is a body with measurements, since Aer ignores the condition of a measurement, or with delays,
which cannot have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from qiskit.circuit import CircuitInstruction, ClassicalRegister, Clbit, QuantumCircuit

Condition: TypeAlias = tuple[Clbit | ClassicalRegister, int]

_UNCONDITIONAL = frozenset({"barrier"})
_NOT_CONVERTED = frozenset({"measure", "delay"})


def with_conditions(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the circuit with conditional instructions instead of plain ``if_test`` blocks.

    The instructions of a body get the condition of the block, those of an ``else`` the other value
    of the bit. The circuit is not changed; if it has no ``if_test``, the same object is returned.
    """
    if all(each.operation.name != "if_else" for each in circuit.data):
        return circuit
    plain = circuit.copy_empty_like()
    for instruction in circuit.data:
        parts = _parts(instruction)
        for part in [instruction] if parts is None else parts:
            plain.append(part)
    return plain


def _parts(instruction: CircuitInstruction) -> list[CircuitInstruction] | None:
    """Return the conditional instructions of an ``if_else``, ``None`` if that is impossible."""
    operation = instruction.operation
    if operation.name != "if_else" or not isinstance(operation.condition, tuple):
        return None
    target, value = operation.condition
    conditions: list[Condition] = [(target, int(value))]
    bodies = [body for body in operation.blocks if body is not None]
    if len(bodies) > 1:
        if not isinstance(target, Clbit):
            return None  # an else for a register would need one condition for each other value
        conditions.append((target, 1 - int(value)))
    parts: list[CircuitInstruction] = []
    for body, condition in zip(bodies, conditions, strict=True):
        found = list(_of_body(instruction, body, condition))
        if None in found:
            return None
        parts += [part for part in found if part is not None]
    return parts


def _of_body(
    instruction: CircuitInstruction, body: QuantumCircuit, condition: Condition
) -> Iterator[CircuitInstruction | None]:
    """Yield the conditional instructions of a body, ``None`` for one that cannot be converted."""
    outer: dict[Any, Any] = dict(zip(body.qubits, instruction.qubits, strict=True))
    outer.update(zip(body.clbits, instruction.clbits, strict=True))
    for inner in body.data:
        operation = inner.operation
        is_more = getattr(operation, "blocks", None) or operation.name in _NOT_CONVERTED
        if is_more or getattr(operation, "condition", None) is not None:
            yield None
            continue
        if operation.name not in _UNCONDITIONAL:
            operation = operation.copy().c_if(*condition)
        yield CircuitInstruction(
            operation,
            [outer[bit] for bit in inner.qubits],
            [outer[bit] for bit in inner.clbits],
        )
