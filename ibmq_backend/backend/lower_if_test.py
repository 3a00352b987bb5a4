"""``if_test`` in the form a Qobj can carry: a condition on each instruction of the body.

Qiskit's newer control flow has no place in a Qobj, but a plain ``if_test`` says no more than
``c_if`` does. What says more (loops, ``switch``, an ``if`` within an ``if``) is left as it is, to
be refused by name; so is a body that measures, since Aer takes no notice of a measurement's
condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from qiskit.circuit import CircuitInstruction, ClassicalRegister, Clbit, QuantumCircuit

Condition: TypeAlias = tuple[Clbit | ClassicalRegister, int]

_UNCONDITIONAL = frozenset({"barrier"})


def with_conditions(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit whose plain ``if_test`` blocks are conditional instructions.

    A body becomes its instructions, each on the condition of the block; an ``else`` those on the
    other value of the bit. The circuit itself when there is nothing to change.

    Args:
        circuit: any circuit; it is not changed.
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
    """Return what an ``if_else`` becomes; ``None`` for what cannot be said with conditions."""
    operation = instruction.operation
    if operation.name != "if_else" or not isinstance(operation.condition, tuple):
        return None
    target, value = operation.condition
    conditions: list[Condition] = [(target, int(value))]
    bodies = [body for body in operation.blocks if body is not None]
    if len(bodies) > 1:
        if not isinstance(target, Clbit):
            return None  # "not this value" of a register is many values
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
    """Yield the instructions of a body in terms of the circuit; ``None`` for one that cannot be."""
    outer: dict[Any, Any] = dict(zip(body.qubits, instruction.qubits, strict=True))
    outer.update(zip(body.clbits, instruction.clbits, strict=True))
    for inner in body.data:
        operation = inner.operation
        is_more = getattr(operation, "blocks", None) or operation.name == "measure"
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
