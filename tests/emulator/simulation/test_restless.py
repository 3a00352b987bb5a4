"""Runs without initialized qubits: each shot starts where the last one ended."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.sampler.run import run_sampler
from ibmq_backend.emulator.simulation import restless
from ibmq_backend.emulator.simulation.simulator import Simulator

LAGOS = "ibm_lagos"
SHOTS = 1500


def x(qubit: int) -> dict[str, Any]:
    return {"name": "x", "qubits": [qubit]}


def measure(qubit: int, slot: int) -> dict[str, Any]:
    return {"name": "measure", "qubits": [qubit], "memory": [slot]}


FLIP = (x(0), measure(0, 0))
TWICE = (x(0), measure(0, 0), x(0), x(0), measure(0, 1))
BESIDE = (x(0), x(1), {"name": "cx", "qubits": [0, 1]}, measure(0, 0))


@lru_cache(maxsize=1)
def simulator() -> Simulator:
    return Simulator(threads=1)


def memories(
    *circuits: tuple[Any, ...], delay: float = 1.0, shots: int = SHOTS, noise: str = "full"
) -> Any:
    """The memory of each circuit as arrays of numbers, and how it was simulated."""
    config = {
        "shots": shots, "memory": True, "init_qubits": False, "rep_delay": delay, "noise": noise,
    }  # fmt: skip
    document = {
        "qobj_id": "q",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": config,
        "experiments": [
            {"config": {"memory_slots": 2}, "instructions": list(one)} for one in circuits
        ],
    }
    results = simulator().run("job", LAGOS, document, 5)["results"]
    found = [np.array([int(value, 16) for value in one["data"]["memory"]]) for one in results]
    return found, results[0]["metadata"]


def changes(bits: Any) -> float:
    return float(np.mean(bits[1:] != bits[:-1]))


def test_a_flip_alternates() -> None:
    (bits,), metadata = memories(FLIP)
    assert (bits[0], metadata["method"]) == (1, "markov_chain")
    assert changes(bits) > 0.93
    assert abs(bits.mean() - 0.5) < 0.05
    assert metadata["init_qubits"] is False


def test_a_long_delay_lets_the_qubit_relax() -> None:
    (bits,), _ = memories(FLIP, delay=500.0)
    assert bits.mean() > 0.9


def test_readout_errors_do_not_change_the_state() -> None:
    """A wrong bit is followed by the right one, so errors come as pairs of equal neighbours."""
    (bits,), _ = memories((measure(0, 0),), delay=0.0)
    assert 0 < bits.mean() < 0.03
    assert np.sum(bits[1:] & bits[:-1]) <= 2


def test_the_circuits_of_a_job_take_turns() -> None:
    """With two flips in a round each circuit starts in the same state in every shot."""
    (first, second), _ = memories(FLIP, FLIP)
    assert np.mean(first != second) > 0.93
    assert changes(first) < 0.25
    (flips, idle), _ = memories(FLIP, (measure(0, 0),))
    assert np.mean(flips == idle) > 0.93
    assert changes(flips) > 0.9


def test_a_qubit_that_one_circuit_does_not_measure_is_seen_by_the_next() -> None:
    (_, bits), metadata = memories((x(1), x(0), measure(0, 0)), (measure(1, 0),), shots=300)
    assert metadata["method"] == "statevector"
    assert changes(bits) > 0.85


@pytest.mark.parametrize(("circuit", "bit"), [(TWICE, 1), (BESIDE, 0)])
def test_any_other_circuit_is_simulated_as_one(circuit: tuple[Any, ...], bit: int) -> None:
    (bits,), metadata = memories(circuit, shots=300)
    assert metadata["method"] == "statevector"
    assert changes(bits >> bit & 1) > 0.85


def test_both_ways_give_the_same_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    (chain,), _ = memories(FLIP, delay=40.0)
    monkeypatch.setattr(restless, "_ends_with_measurements", lambda _: False)
    (whole,), metadata = memories(FLIP, delay=40.0)
    assert metadata["method"] == "statevector"
    assert abs(chain.mean() - whole.mean()) < 0.06
    assert abs(changes(chain) - changes(whole)) < 0.06


@pytest.mark.parametrize("method", ["markov_chain", "statevector"])
def test_a_qubit_relaxes_during_the_circuits_of_others(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rests in 0 before almost every flip, and not if it waits in its own delays only."""
    if method == "statevector":
        monkeypatch.setattr(restless, "_ends_with_measurements", lambda _: False)
    slow = (x(1), {"name": "delay", "qubits": [1], "params": [1_600_000]}, measure(1, 0))  # 356 µs
    (bits, _), metadata = memories(FLIP, slow, shots=600)
    assert metadata["method"] == method
    assert bits.mean() > 0.85
    (bits, _), metadata = memories(FLIP, slow, shots=600, noise="gates")
    assert bits.mean() == pytest.approx(0.5, abs=0.1)


def test_too_large_jobs_are_refused() -> None:
    with pytest.raises(JobRefused, match="init_qubits=False") as caught:
        memories((*TWICE, *[x(0)] * 400), shots=8000)
    assert caught.value.code == 1001


def test_samplers_too() -> None:
    head = 'OPENQASM 3.0; include "stdgates.inc"; bit[1] c; '
    options = {"execution": {"init_qubits": False, "rep_delay": 1e-6}}
    params = {"pubs": [[head + "x $0; c[0] = measure $0;", None, 400]], "options": options}
    document = run_sampler(simulator(), "job", "ibm_sherbrooke", params, 1)["document"]
    samples = document["results"][0]["data"]["c"]["samples"]
    bits = np.array([int(value, 16) for value in samples])
    assert changes(bits) > 0.85
    moving = head + "x $0; c[0] = measure $0; if (c[0]) { x $0; }"
    with pytest.raises(JobRefused) as caught:
        run_sampler(simulator(), "job", "ibm_sherbrooke", {**params, "pubs": [moving]}, 1)
    assert caught.value.code == 1521
