"""Circuits of jobs are drawn in a process of their own, whatever the job contains."""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from qiskit import QuantumCircuit, qpy

from ibmq_backend.emulator.core.raw_json import raw_bytes
from ibmq_backend.emulator.engine import engine as engine_module
from ibmq_backend.emulator.engine.drawings import MAX_INSTRUCTIONS, MAX_QUBITS
from ibmq_backend.emulator.engine.engine import (
    ESTIMATOR_TASK,
    QOBJ_TASK,
    SAMPLER_TASK,
    JobRefused,
    ProcessEngine,
    Task,
)
from ibmq_backend.emulator.engine.task import DRAWINGS, RESULT_TASK
from tests.support.emulated_platform import QASM, sampler
from tests.support.emulator import bell, until
from tests.support.pulse_jobs import acquire, constant, schedule_job

Draw = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    with ProcessEngine(0) as engine:
        yield engine


@pytest.fixture
def draw(engine: ProcessEngine) -> Draw:
    def draw(document: Any, circuit: int = 0, kind: str = QOBJ_TASK) -> dict[str, Any]:
        content = raw_bytes(json.dumps(document).encode())
        task = Task("j", "ibmq_vigo", content, None, DRAWINGS[kind], circuit)
        return engine.inspect(task)

    return draw


def job_of(*instructions: dict[str, Any]) -> dict[str, Any]:
    document = bell()
    document["experiments"][0]["instructions"] = list(instructions)
    return document


def test_conditions_and_measurements(draw: Draw) -> None:
    found = draw(
        job_of(
            {"name": "u2", "qubits": [1], "params": [0, 3.14]},
            {"name": "measure", "qubits": [1], "memory": [0], "register": [0]},
            {"name": "bfunc", "register": 5, "mask": "0x1", "relation": "==", "val": "0x1"},
            {"name": "x", "qubits": [3], "conditional": 5},
            {"name": "snapshot", "qubits": [3], "snapshot_type": "statevector", "label": "a"},
            {"name": "brewed", "qubits": [1, 3]},
        )
    )
    assert (found["circuits"], found["index"], found["name"]) == (1, 0, "bell")
    drawing = found["drawing"]
    assert all(part in drawing for part in ("q_1", "q_3", "U2(0,3.14)", "M", "brewed", "snapshot"))
    assert "q_0" not in drawing  # idle
    assert "═■═" in drawing  # the condition, on the wire of its bit
    assert found["facts"].startswith("Used qubits: 2. Depth: 5. Instructions: ")
    assert found["remarks"] == []


def test_a_circuit_is_chosen_by_its_index(draw: Draw) -> None:
    document = bell()
    document["experiments"] += [{**document["experiments"][0], "header": {"name": "other"}}]
    assert (draw(document, 1)["name"], draw(document, 9)["index"]) == ("other", 1)


def test_programs(draw: Draw) -> None:
    found = draw(sampler([QASM, None, 10], [QASM]), 1, SAMPLER_TASK)
    assert (found["circuits"], found["index"], found["name"]) == (2, 1, "")
    assert "┤ X ├" in found["drawing"]
    content, circuit = io.BytesIO(), QuantumCircuit(3, name="ghz")
    circuit.h(0)
    circuit.cx(0, 2)
    qpy.dump(circuit, content)
    typed = {
        "__type__": "QuantumCircuit",
        "__value__": base64.b64encode(zlib.compress(content.getvalue())).decode(),
    }
    old = draw({"pubs": [[typed, "Z"]]}, 0, ESTIMATOR_TASK)
    assert (old["drawing"], old["circuits"]) == (None, 1)  # Terra's own reader would evaluate it
    assert "it is QPY version" in old["remarks"][0]


def test_schedules_are_listed(draw: Draw) -> None:
    found = draw(schedule_job(constant(0, 160, 0.1), constant(160, 160, 0.1), acquire(320)))
    assert found["drawing"] is None
    assert found["channels"] == [
        {"name": "a0", "instructions": 1, "start": 320, "end": 1920},
        {"name": "d0", "instructions": 2, "start": 0, "end": 320},
    ]
    assert found["facts"] == "A schedule of 1920 samples on 2 channels."


def test_only_the_first_part_of_a_large_circuit_is_drawn(draw: Draw) -> None:
    rows = [{"name": "x", "qubits": [qubit]} for qubit in range(50)]
    found = draw(job_of(*rows * 40))
    shown = MAX_INSTRUCTIONS // 50 * MAX_QUBITS
    assert found["remarks"] == [
        f"The drawing shows {shown} of 2000 instructions.",
        f"It shows the first {MAX_QUBITS} of 50 qubits.",
    ]
    assert found["drawing"].count("┤ X ├") == shown
    assert found["facts"] == "Used qubits: 50. Instructions: 2000 x."


@pytest.mark.parametrize(
    "instruction",
    [
        None,
        [],
        {},
        {"name": "x"},
        {"name": "x", "qubits": "q"},
        {"name": "x", "qubits": [10**9]},
        {"name": "x", "qubits": [-1]},
        {"name": "cx", "qubits": [0, 0]},
        {"name": "measure", "qubits": [0], "memory": [10**9]},
        {"name": "x", "qubits": [0], "conditional": 7},
    ],
)
def test_broken_circuits_get_a_sentence(draw: Draw, instruction: Any) -> None:
    found = draw(job_of(instruction))
    assert found["drawing"] is None
    assert found["remarks"][0].startswith("This circuit cannot be drawn: ")


@pytest.mark.parametrize("document", [None, [], {}, {"experiments": []}, {"experiments": "ab"}])
def test_jobs_without_circuits(draw: Draw, document: Any) -> None:
    with pytest.raises(JobRefused, match="contains no circuits"):
        draw(document)


def test_a_drawing_that_takes_too_long_ends_with_a_sentence(
    draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = 'OPENQASM 3.0; include "stdgates.inc"; ' + "x $0;" * 200_000
    with monkeypatch.context() as limits:
        limits.setattr(engine_module, "VIEW_CPU_SECONDS", 1)
        with pytest.raises(JobRefused, match="takes too long to be shown"):
            draw({"pubs": [[long]]}, 0, SAMPLER_TASK)
    assert draw(bell())["drawing"]  # by a new process


def test_the_process_ends_when_nobody_looks_at_drawings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "_VIEWER_IDLE_SECONDS", 0.0)
    with ProcessEngine(0) as engine:
        content = raw_bytes(b'{"results": [{"shots": 1, "data": {}}]}')
        engine.inspect(Task("j", "ibmq_vigo", content, None, RESULT_TASK))
        inspector = engine._inspectors._idle[-1]
        until(lambda: engine._viewer._idle, lambda idle: idle == [None])
        assert inspector is not None
        assert inspector.alive
