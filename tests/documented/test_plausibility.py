"""Counts agree with Aer for the same snapshot, within sampling noise."""

import math
import warnings

import pytest
from qiskit import QuantumCircuit, transpile


def distance(first, second):
    """Total variation distance of two sets of counts."""
    one, two = sum(first.values()), sum(second.values())
    keys = first.keys() | second.keys()
    return sum(abs(first.get(k, 0) / one - second.get(k, 0) / two) for k in keys) / 2


def bound(outcomes, shots):
    """Return a distance that two samples of a distribution exceed once in about 10,000 runs."""
    return math.sqrt(outcomes / (math.pi * shots)) + 4 * math.sqrt(1 / (2 * shots))


@pytest.fixture
def reference():
    from qiskit.providers.fake_provider import FakeVigo
    from qiskit_aer import AerSimulator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Terra's, for its fake devices
        return AerSimulator.from_backend(FakeVigo(), seed_simulator=5)


def test_bell_on_vigo(backend, device_bell, reference):
    shots = 8192
    ours = backend.run(device_bell, shots=shots).result().get_counts()
    theirs = reference.run(device_bell, shots=shots).result().get_counts()
    assert distance(ours, theirs) < bound(4, shots)
    assert distance(ours, {"00": 1, "11": 1}) > bound(4, shots)  # and it is noisy


def test_readout_error_of_a_single_qubit(backend):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    shots = 8192
    placed = transpile(circuit, backend, initial_layout=[3], optimization_level=0)
    counts = backend.run(placed, shots=shots).result().get_counts()
    properties = backend.properties()
    expected = properties.qubit_property(3, "prob_meas0_prep1")[0]
    assert counts["0"] / shots == pytest.approx(expected, abs=0.02)


def test_older_gates_have_the_same_noise(backend, device_bell, reference):
    shots = 8192
    older = transpile(device_bell, basis_gates=["u1", "u2", "u3", "cx"], optimization_level=0)
    assert {"u1", "u2", "u3"} & set(older.count_ops())
    ours = backend.run(older, shots=shots).result().get_counts()
    theirs = reference.run(device_bell, shots=shots).result().get_counts()
    assert distance(ours, theirs) < 2 * bound(4, shots)
