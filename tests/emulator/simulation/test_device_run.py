"""How circuits are run changes the time that they take and never their counts."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from qiskit_aer import AerSimulator
from qiskit_aer.noise import QuantumError

from ibmq_backend.emulator.simulation import noise as noise_module
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.simulator import Simulator

Circuit = list[dict[str, Any]]

DEVICE = "ibmq_vigo"


def h(qubit: int) -> dict[str, Any]:
    return {"name": "u2", "qubits": [qubit], "params": [0.0, 3.14159]}


def cx(first: int, second: int) -> dict[str, Any]:
    return {"name": "cx", "qubits": [first, second]}


def measure(qubit: int, slot: int) -> dict[str, Any]:
    return {"name": "measure", "qubits": [qubit], "memory": [slot]}


BELL = [h(0), cx(0, 1), measure(0, 0), measure(1, 1)]
GHZ = [h(3), cx(3, 1), cx(1, 0), cx(1, 2), *(measure(qubit, qubit) for qubit in range(4))]
USED_AGAIN = [h(0), cx(0, 1), measure(0, 0), h(0), cx(0, 1), measure(0, 2), measure(1, 1)]
WAITING = [h(1), h(2), cx(1, 2), {"name": "delay", "qubits": [1], "params": [90_000]}, cx(2, 1),
           measure(1, 0), measure(2, 1)]  # fmt: skip


GOES_ON = [*BELL, {"name": "id", "qubits": [1]}]
RESET = [h(0), measure(0, 0), {"name": "reset", "qubits": [0]}, cx(0, 1), measure(1, 1)]


def qobj(*circuits: Circuit, shots: int = 500, memory: bool = True) -> dict[str, Any]:
    return {
        "qobj_id": "id",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": {"shots": shots, "memory": memory},
        "experiments": [{"instructions": one} for one in circuits],
    }


def data_of(simulator: Simulator, job: dict[str, Any], seed: int = 5) -> list[dict[str, Any]]:
    result = simulator.run("j", DEVICE, job, seed)
    assert result["success"]
    return [one["data"] for one in result["results"]]


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(threads=2)


@pytest.mark.parametrize("shots", [4, 7, 16, 500])
def test_prepared_noise_gives_the_counts_of_the_whole_model(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, shots: int
) -> None:
    job = qobj(BELL, USED_AGAIN, BELL, GHZ, WAITING, USED_AGAIN, USED_AGAIN, shots=shots)
    prepared = data_of(simulator, job)
    monkeypatch.setattr(
        DeviceNoise, "density_matrix_model", lambda noise, active, _: noise.model(active)
    )
    assert data_of(simulator, job) == prepared


def test_counts_do_not_depend_on_cores_or_on_other_jobs(simulator: Simulator) -> None:
    job = qobj(BELL, USED_AGAIN, BELL, GHZ, GHZ, WAITING, BELL)
    together = data_of(simulator, job)
    data_of(simulator, qobj(GHZ, WAITING), seed=9)
    assert data_of(simulator, job) == together
    assert data_of(Simulator(threads=1), job) == together
    assert data_of(simulator, qobj(BELL)) == together[:1]
    without_memory = data_of(simulator, qobj(BELL, GHZ, memory=False))
    with_memory = data_of(simulator, qobj(BELL, GHZ))
    assert without_memory == [{"counts": one["counts"]} for one in with_memory]


@pytest.mark.parametrize("shots", [4, 300])
@pytest.mark.parametrize("before", [BELL, USED_AGAIN, RESET])
def test_a_circuit_has_the_same_shots_after_any_other(
    simulator: Simulator, before: Circuit, shots: int
) -> None:
    job = qobj(before, GOES_ON, shots=shots)
    together = data_of(simulator, job)
    alone = simulator.run("j", DEVICE, job, 5, range(1, 2))["results"]
    assert [one["data"] for one in alone] == together[1:]
    assert {"0x0", "0x3"} <= set(together[1]["counts"])


def test_memory_does_not_grow_with_barriers(simulator: Simulator) -> None:
    noise = simulator.noise(simulator.device(DEVICE), {})
    data_of(simulator, qobj(GHZ))
    known = set(noise._superoperator_errors)
    barriers = [{"name": "barrier", "qubits": list(one)} for one in permutations(range(4))]
    data_of(simulator, qobj([*GHZ[:4], *barriers, *GHZ[4:]]))
    assert set(noise._superoperator_errors) == known


def test_errors_are_prepared_once(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    first = data_of(simulator, qobj(BELL, USED_AGAIN))

    def composed(*_: Any, **__: Any) -> None:
        raise AssertionError("an error is composed again")

    monkeypatch.setattr(QuantumError, "to_dict", composed)
    monkeypatch.setattr(noise_module, "superoperator", composed)
    monkeypatch.setattr(noise_module, "basic_device_gate_errors", composed)
    assert data_of(simulator, qobj(BELL, USED_AGAIN)) == first


@pytest.mark.parametrize(("circuits", "parallel"), [(1, 1), (3, 2)])
def test_circuits_share_the_cores(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, circuits: int, parallel: int
) -> None:
    seen = []
    format_results = AerSimulator._format_results

    def noting(output: dict[str, Any]) -> Any:
        seen.append(output["metadata"]["parallel_experiments"])
        return format_results(output)

    monkeypatch.setattr(AerSimulator, "_format_results", staticmethod(noting))
    data_of(simulator, qobj(*[BELL] * circuits))
    assert seen == [parallel]
