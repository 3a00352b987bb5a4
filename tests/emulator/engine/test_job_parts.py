"""The parts of a job have the results of the whole job."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine.job_parts import join_results, split_circuits
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.emulator import bell
from tests.support.pulse_jobs import constant

LIMIT = 1_000_000
LARGEST_SEED = 2**31 - 1


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


def circuit(*pairs: tuple[int, int], name: str) -> dict[str, Any]:
    gates = [
        one
        for first, second in pairs
        for one in (
            {"name": "u2", "qubits": [first], "params": [0.0, 3.14159]},
            {"name": "cx", "qubits": [first, second]},
        )
    ]
    measured = [qubit for pair in pairs for qubit in pair]
    return {
        "header": {"name": name, "n_qubits": 5, "memory_slots": 5},
        "config": {"n_qubits": 5, "memory_slots": 5},
        "instructions": [
            *gates,
            *({"name": "measure", "qubits": [one], "memory": [one]} for one in measured),
        ],
    }


def mixed(shots: int = 200, **config: Any) -> dict[str, Any]:
    """Circuits on different qubits, so that they share some calls of Aer and not others."""
    job = bell(shots, **config)
    job["config"] |= {"n_qubits": 5, "memory_slots": 5}
    pairs = [[(0, 1)], [(3, 4)], [(0, 1)], [(1, 2)], [(3, 4)], [(0, 1)], [(1, 3)]]
    job["experiments"] = [circuit(*one, name=f"c{index}") for index, one in enumerate(pairs)]
    return job


def points() -> dict[str, Any]:
    """Some circuits with points in the IQ plane between circuits with bits."""
    job = bell(50)
    job["config"] |= {"n_qubits": 1, "memory_slots": 1}
    job["experiments"] = [
        {
            "header": {"name": f"c{index}"},
            "config": {"memory_slots": 1, **({"meas_level": 1} if index in (1, 2, 5) else {})},
            "instructions": [
                {"name": "u2", "qubits": [0], "params": [0.0, 0.1 * index]},
                {"name": "measure", "qubits": [0], "memory": [0]},
            ],
        }
        for index in range(7)
    ]
    return job


def pulses() -> dict[str, Any]:
    job = bell(100, memory=True)
    acquire = {
        "name": "acquire", "t0": 320, "duration": 3200, "qubits": [0], "memory_slot": [0],
    }  # fmt: skip
    job |= {"type": "PULSE"}
    job["config"] |= {
        "pulse_library": [], "meas_level": 2, "qubit_lo_freq": [4.974443560998868],
        "meas_lo_freq": [6.99], "parametric_pulses": ["constant"], "memory_slot_size": 100,
    }  # fmt: skip
    job["experiments"] = [
        {
            "header": {"name": f"p{index}", "memory_slots": 1},
            "config": {},
            "instructions": [constant(0, 320, 0.1 * index), acquire],
        }
        for index in range(1, 5)
    ]
    return job


JOBS = {
    "device": ("ibmq_vigo", mixed(memory=True)),
    "points": ("ibmq_armonk", points()),
    "restless": ("ibmq_vigo", mixed(20, init_qubits=False)),
    "pulses": ("ibmq_armonk", pulses()),
    "simulator": ("ibmq_qasm_simulator", mixed(memory=True)),
}


def run(simulator: Simulator, device: str, job: dict[str, Any], parts: int) -> dict[str, Any]:
    documents = []
    for part in split_circuits(len(job["experiments"]), parts):
        document = simulator.run("j", device, job, LARGEST_SEED, part)
        document["results"] = raw_bytes(json.dumps(document["results"]).encode())
        documents.append(document)
    whole = join_results(documents, LIMIT)
    text = b"".join(whole["results"].pieces())
    assert len(text) == whole["results"].size
    return {**whole, "results": json.loads(text)}


def facts(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without its times."""
    kept = {name: value for name, value in document.items() if name not in ("date", "time_taken")}
    kept["results"] = [
        {name: value for name, value in one.items() if name != "time_taken"}
        for one in document["results"]
    ]
    return kept


@pytest.mark.parametrize("name", JOBS)
def test_parts_have_the_results_of_the_whole_job(simulator: Simulator, name: str) -> None:
    device, job = JOBS[name]
    whole = facts(simulator.run("j", device, job, LARGEST_SEED))
    assert whole["success"]
    for parts in (1, 2, 3, 7):
        assert facts(run(simulator, device, job, parts)) == whole


def test_failed_circuits_are_counted_over_all_parts(simulator: Simulator) -> None:
    job = mixed(10, method="stabilizer")
    for index, experiment in enumerate(job["experiments"]):
        first = experiment["instructions"][0]
        first |= {"name": "h", "params": []} if index not in (3, 6) else {}
    whole = facts(simulator.run("j", "ibmq_qasm_simulator", job, 1))
    assert whole["status"] == "PARTIAL COMPLETED"
    assert whole["error"]["message"].startswith("2 of 7 circuits failed; the first, circuit 'c3'")
    for parts in (1, 2, 7):
        joined = facts(run(simulator, "ibmq_qasm_simulator", job, parts))
        assert (joined["error"], joined["status"]) == (whole["error"], whole["status"])


def test_results_that_are_too_large_together_are_refused() -> None:
    part = {
        "results": raw_bytes(b"[" + b"1" * 60 + b"]"), "failed": None, "status": "COMPLETED",
        "success": True, "time_taken": 0.0, "circuits": 1,
    }  # fmt: skip
    assert join_results([part], 100)["success"]
    with pytest.raises(JobRefused, match="larger than"):
        join_results([part, part], 100)


@pytest.mark.parametrize(
    ("circuits", "parts", "sizes"),
    [(1, 4, [1]), (7, 3, [2, 2, 3]), (4, 4, [1, 1, 1, 1]), (9, 1, [9])],
)
def test_circuits_are_divided_evenly(circuits: int, parts: int, sizes: list[int]) -> None:
    ranges = split_circuits(circuits, parts)
    assert [len(one) for one in ranges] == sizes
    assert [index for one in ranges for index in one] == list(range(circuits))
