"""Runs of circuits with Aer."""

from __future__ import annotations

from qiskit.circuit import QuantumCircuit
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.simulation import aer


def test_circuits_with_memory_have_the_same_shots_in_several_calls(monkeypatch):
    simulator = AerSimulator(max_parallel_threads=1)
    circuit = QuantumCircuit(3, 3)
    circuit.h(range(3))
    circuit.measure(range(3), range(3))

    def data():
        runs = aer.run_batch(simulator, [circuit] * 5, 7, shots=100, memory=True)
        return [(run.seed, run.data) for run in runs]

    whole = data()
    calls = []
    run = AerSimulator.run
    monkeypatch.setattr(
        AerSimulator, "run", lambda *args, **options: calls.append(args) or run(*args, **options)
    )
    monkeypatch.setattr(aer, "_MAX_SHOTS_WITH_MEMORY", 250)
    assert data() == whole
    assert [len(circuits) for _, circuits in calls] == [2, 2, 1]
    for _, data_of_circuit in whole:
        assert len({id(text) for text in data_of_circuit["memory"]}) <= 8
