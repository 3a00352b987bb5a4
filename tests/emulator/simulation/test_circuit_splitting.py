"""Splitting a circuit into independent parts changes nothing but the cost."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibmq_backend.emulator.simulation.circuit_splitting import (
    PACKED_QUBITS,
    join_shots,
    split,
    spread_bits,
)
from ibmq_backend.emulator.simulation.simulator import Simulator


def measure(qubits: list[int], memory: list[int]) -> dict[str, Any]:
    return {"name": "measure", "qubits": qubits, "memory": memory}


def cx(first: int, second: int) -> dict[str, Any]:
    return {"name": "cx", "qubits": [first, second]}


def x(qubit: int) -> dict[str, Any]:
    return {"name": "x", "qubits": [qubit]}


def test_idle_and_unread_qubits_are_left_out() -> None:
    (part,) = split([x(3), x(7), measure([3], [0]), {"name": "barrier", "qubits": [0, 3, 9]}])
    assert part.qubits == (3,)
    assert part.slots == (0,)
    assert [entry["name"] for entry in part.instructions] == ["x", "measure", "barrier"]
    assert part.instructions[-1]["qubits"] == [3]


def test_connected_qubits_stay_together_and_small_parts_are_packed() -> None:
    chain = [cx(qubit, qubit + 1) for qubit in range(10, 17)]
    everything = measure(list(range(20)), list(range(20)))
    parts = split([*chain, everything])
    assert parts[0].qubits == tuple(range(10, 18))
    assert all(len(part.qubits) <= PACKED_QUBITS for part in parts[1:])
    assert sorted(slot for part in parts for slot in part.slots) == list(range(20))
    assert sorted(qubit for part in parts for qubit in part.qubits) == list(range(20))


def test_the_last_measurement_owns_a_slot() -> None:
    far = [cx(qubit, qubit + 1) for qubit in range(5)]
    near = [cx(qubit, qubit + 1) for qubit in range(10, 15)]
    early, late = measure([0, 1], [0, 1]), measure([10], [0])
    first, second = split([*far, *near, early, late])
    assert (first.qubits[0], first.slots) == (0, (1,))
    assert (second.qubits[0], second.slots) == (10, (0,))


def test_an_overwritten_slot_keeps_the_last_value() -> None:
    far = [cx(0, 1), cx(1, 2), cx(2, 3)]
    near = [cx(4, 10), cx(10, 11), cx(11, 12)]
    early, late = measure([0, 1], [0, 1]), measure([4], [0])
    assert len(split([*far, *near, early, late])) == 2
    simulator = Simulator(threads=1)
    for ones, expected in (([0], 0b10), ([4], 0b01)):
        document = qobj([*map(x, ones), *far, *near, early, late])
        counts = simulator.run("j", "ibmq_16_melbourne", document, 3)["results"][0]["data"][
            "counts"
        ]
        assert int(max(counts, key=lambda value: counts[value]), 16) == expected


@given(st.integers(0, 2**12 - 1), st.permutations(range(30)))
def test_bits_move_to_their_slots(value: int, slots: list[int]) -> None:
    spread = spread_bits(value, slots[:12])
    assert [spread >> slot & 1 for slot in slots[:12]] == [value >> bit & 1 for bit in range(12)]
    assert spread.bit_count() == value.bit_count()


def test_shots_are_joined_one_by_one() -> None:
    joined = join_shots(3, [[0, 70], [1]], [[0, 3, 2], [1, 0, 1]])
    assert joined == [2, 1 | 1 << 70, 2 | 1 << 70]


def qobj(instructions: list[dict[str, Any]], shots: int = 1024, **config: Any) -> dict[str, Any]:
    return {
        "qobj_id": "id",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": {"shots": shots, **config},
        "experiments": [{"instructions": instructions}],
    }


@pytest.mark.slow
def test_all_127_qubits_of_a_device_can_be_measured() -> None:
    flipped = {0, 17, 64, 126}
    instructions = [x(qubit) for qubit in sorted(flipped)]
    instructions.append(measure(list(range(127)), list(range(127))))
    result = Simulator(threads=1).run("j", "ibm_washington", qobj(instructions, memory=True), 3)
    memory = [int(value, 16) for value in result["results"][0]["data"]["memory"]]
    assert len(memory) == 1024
    for qubit in range(127):
        ones = sum(value >> qubit & 1 for value in memory)
        assert (ones > 512) == (qubit in flipped), qubit
    assert result["results"][0]["metadata"]["num_qubits"] == 127


def test_parts_have_random_numbers_of_their_own() -> None:
    plus = [{"name": "u2", "qubits": [qubit], "params": [0, math.pi]} for qubit in range(14)]
    links = [cx(qubit, qubit + 1) for qubit in range(6)]  # the other qubits are other parts
    instructions = [*plus, *links, measure(list(range(14)), list(range(14)))]
    assert len(split(instructions)) > 1
    result = Simulator(threads=1).run("j", "ibmq_16_melbourne", qobj(instructions, memory=True), 3)
    memory = [int(value, 16) for value in result["results"][0]["data"]["memory"]]
    for first, second in ((0, 13), (13, 7), (1, 8)):
        equal = sum((value >> first & 1) == (value >> second & 1) for value in memory)
        assert abs(equal - 512) < 5 * 16 + 40, (first, second)  # readout is slightly asymmetric
