"""Splitting of device circuits into independent parts.

Most circuits use few of a device's qubits, or measure many idle ones (``measure_all`` on 65
qubits). Qubits that no two-qubit gate connects stay in a product state with independent noise, so
each connected part can be simulated separately and the shots combined afterwards. This is exact,
and works even if the whole circuit does not fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Part", "join_shots", "split"]

PACKED_QUBITS = 6
"""Small parts are combined up to this number of qubits, because every run has a fixed cost."""


@dataclass(frozen=True)
class Part:
    """A set of qubits that no two-qubit gate connects with other qubits.

    Attributes:
        qubits: device qubits, ascending.
        slots: memory slots whose final value comes from this part, ascending.
        instructions: the circuit's instructions on these qubits, in order.
    """

    qubits: tuple[int, ...]
    slots: tuple[int, ...]
    instructions: tuple[dict[str, Any], ...]


def split(instructions: Sequence[dict[str, Any]], packed_qubits: int = PACKED_QUBITS) -> list[Part]:
    """Split a checked circuit without conditions into independent parts.

    Idle qubits belong to no part. A memory slot that is written twice belongs to the part that
    writes it last; the earlier measurement only affects its qubit.

    Args:
        instructions: instructions in Qobj form. Barriers do not connect qubits.
        packed_qubits: smaller parts are combined up to this number of qubits.
    """
    parent: dict[int, int] = {}

    def root(qubit: int) -> int:
        while parent[qubit] != qubit:
            parent[qubit] = parent[parent[qubit]]
            qubit = parent[qubit]
        return qubit

    owner: dict[int, int] = {}
    for instruction in instructions:
        name = instruction["name"]
        if name == "barrier":
            continue
        for qubit in instruction["qubits"]:
            parent.setdefault(qubit, qubit)
        if name == "measure":
            owner.update(zip(instruction["memory"], instruction["qubits"], strict=True))
        elif name not in ("reset", "delay", "id"):
            first, *others = instruction["qubits"]
            for other in others:
                parent[root(other)] = root(first)
    groups: dict[int, list[int]] = {}
    for qubit in sorted(parent):
        groups.setdefault(root(qubit), []).append(qubit)
    measured = {root(qubit) for qubit in owner.values()}
    # Parts without measured slots do not affect the result.
    packed = _pack([group for key, group in groups.items() if key in measured], packed_qubits)
    return [_part(group, owner, instructions) for group in packed]


def join_shots(
    shots: int, slots: Sequence[Sequence[int]], memories: Sequence[Sequence[int]]
) -> list[int]:
    """Combine the shots of independent parts.

    Args:
        shots: number of shots.
        slots: for each part the memory slots of its bits, lowest bit first.
        memories: for each part the value of each shot, of length ``shots``.

    Returns:
        For each shot the value of the whole memory, slot 0 the lowest bit.
    """
    total = [0] * shots
    for own_slots, memory in zip(slots, memories, strict=True):
        spread: dict[int, int] = {}
        for shot, value in enumerate(memory):
            if value not in spread:
                spread[value] = spread_bits(value, own_slots)
            total[shot] |= spread[value]
    return total


def spread_bits(value: int, slots: Sequence[int]) -> int:
    """Move bit ``i`` of a value to bit ``slots[i]``."""
    result = 0
    for index, slot in enumerate(slots):
        result |= (value >> index & 1) << slot
    return result


def _pack(groups: list[list[int]], limit: int) -> list[tuple[int, ...]]:
    """Join small groups, first fit, in a fixed order."""
    bins: list[list[int]] = []
    for group in sorted(groups, key=lambda qubits: (-len(qubits), qubits[0])):
        for each in bins:
            if len(each) + len(group) <= limit:
                each.extend(group)
                break
        else:
            bins.append(list(group))
    return [tuple(sorted(each)) for each in bins]


def _part(
    qubits: tuple[int, ...], owner: Mapping[int, int], instructions: Sequence[dict[str, Any]]
) -> Part:
    inside = set(qubits)
    chosen: list[dict[str, Any]] = []
    for instruction in instructions:
        own = [qubit for qubit in instruction.get("qubits") or () if qubit in inside]
        if not own:
            continue
        if instruction["name"] == "measure":
            pairs = [
                (qubit, slot)
                for qubit, slot in zip(instruction["qubits"], instruction["memory"], strict=True)
                if qubit in inside
            ]
            chosen.append({"name": "measure", "qubits": own, "memory": [slot for _, slot in pairs]})
        elif len(own) < len(instruction["qubits"]):
            chosen.append({**instruction, "qubits": own})
        else:
            chosen.append(instruction)
    slots = sorted(slot for slot, qubit in owner.items() if qubit in inside)
    return Part(qubits, tuple(slots), tuple(chosen))
