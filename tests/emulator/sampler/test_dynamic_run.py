"""Circuits with control flow: qubits relax while they wait for a branch."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import pytest
from qiskit import QuantumCircuit

from ibmq_backend.emulator.sampler.dynamic_run import reduce, run_dynamic, used_qubits
from ibmq_backend.emulator.simulation.simulator import Simulator

EAGLE = "ibm_sherbrooke"
SHOTS = 2000
LONG = 1000  # pulses


@lru_cache(maxsize=1)
def simulator() -> Simulator:
    return Simulator(threads=1)


def ones(circuit: QuantumCircuit, bit: int, **config: Any) -> float:
    device = simulator().device(EAGLE)
    noise = simulator().noise(device, config)
    values = run_dynamic(simulator().aer, device, noise, circuit, SHOTS, 5)
    return sum(value >> bit & 1 for value in values) / SHOTS


def seconds(name: str) -> float:
    noise = simulator().noise(simulator().device(EAGLE), {})
    assert noise is not None
    return noise.durations.of({"name": name, "qubits": [0], "params": []})


def decayed(time: float) -> float:
    noise = simulator().noise(simulator().device(EAGLE), {})
    assert noise is not None
    return 1 - math.exp(-time / noise.t1_seconds(1))


@pytest.mark.parametrize("taken", [False, True])
def test_a_qubit_waits_for_a_branch_of_others(taken: bool) -> None:
    """Also for one that is not taken: the times of a circuit do not depend on what is measured."""
    circuit = QuantumCircuit(2, 2)
    if taken:
        circuit.x(0)
    circuit.x(1)
    circuit.barrier()
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        for _ in range(LONG):
            circuit.x(0)
    circuit.barrier()
    circuit.measure(1, 1)
    lost = decayed(seconds("measure") + LONG * seconds("x"))
    assert lost > 0.15
    assert ones(circuit, 1) == pytest.approx(ones(circuit, 1, noise="gates") * (1 - lost), abs=0.05)


@pytest.mark.parametrize("taken", [False, True])
def test_a_qubit_waits_inside_of_a_branch(taken: bool) -> None:
    circuit = QuantumCircuit(2, 2)
    if taken:
        circuit.x(0)
    circuit.x(1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        for _ in range(LONG):
            circuit.x(0)
        circuit.rz(0.1, 1)
    circuit.measure(1, 1)
    lost = decayed(LONG * seconds("x"))
    assert ones(circuit, 1) == pytest.approx(ones(circuit, 1, noise="gates") * (1 - lost), abs=0.05)


def test_delays_in_branches_relax_with_all_noise() -> None:
    circuit = QuantumCircuit(1, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.delay(16 * 30_000, 0)  # 107 µs
    circuit.measure(0, 1)
    assert ones(circuit, 1, noise="none") == 1.0
    assert ones(circuit, 0) > 0.95
    gates, full = ones(circuit, 1, noise="gates"), ones(circuit, 1)
    assert gates < 0.9
    assert full == pytest.approx(gates, abs=0.05)


def test_only_used_qubits_are_simulated() -> None:
    circuit = QuantumCircuit(5, 1)
    circuit.x(3)
    circuit.barrier()
    circuit.measure(3, 0)
    device = simulator().device(EAGLE)
    assert used_qubits(circuit) == [3]
    reduced = reduce(circuit, [3], device, simulator().noise(device, {}))
    assert reduced.num_qubits == 1
    assert [one.operation.name for one in reduced.data] == ["x", "barrier", "measure"]
