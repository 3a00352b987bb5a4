"""Input of clients is data: no name, string or number in it is executed or trusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.engine.drawings import draw_qobj
from ibmq_backend.emulator.engine.task_handlers import TaskHead
from ibmq_backend.emulator.simulation.noise_documents import read_noise_model
from tests.emulator.sampler.test_run import HEAD, refusal, sampled, simulator
from tests.support.emulator import bell

CODE = "__import__('pathlib').Path('evaluated').touch()"
SIMULATOR = "ibmq_qasm_simulator"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder to work in, which nothing may change."""
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []


def run(document: dict[str, Any], device: str = SIMULATOR) -> dict[str, Any]:
    """Check and run a Qobj as a worker does."""
    result: dict[str, Any] = simulator().run("job", device, document, 1)
    return result


# -- instructions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "initialize",
        "unitary",
        "diagonal",
        "pauli",
        "kraus",
        "superop",
        "mcp",
        "delay",
        "rz",
        "u3",
        "qasm",
        "__class__",
        CODE,
    ],
)
@pytest.mark.parametrize("params", [[CODE], [[CODE]], [[[CODE, CODE]]], [{"a": CODE}], [10**400]])
def test_parameters_are_not_computed(name: str, params: list[Any]) -> None:
    document = bell()
    instructions = document["experiments"][0]["instructions"]
    instructions.insert(0, {"name": name, "qubits": [0], "params": params})
    with pytest.raises(JobRefused):
        run(document)
    draw_qobj(None, TaskHead("job", SIMULATOR), document)  # pages draw refused jobs too


@pytest.mark.parametrize("place", ["name", "label", "snapshot_type"])
def test_labels_are_only_labels(place: str) -> None:
    document = bell()
    experiment = document["experiments"][0]
    experiment["instructions"] += [
        {"name": "save_statevector", "qubits": [0, 1], "label": "a", "snapshot_type": "single"},
    ]
    experiment["config"]["n_qubits"] = 2
    experiment["instructions"][-1][place] = CODE
    experiment["header"] |= {"name": CODE, "qreg_sizes": [[CODE, 2]], "metadata": {CODE: CODE}}
    if place == "name":
        with pytest.raises(JobRefused, match="not supported"):
            run(document)
    else:
        entry = run(document)["results"][0]
        assert entry["success"]
        assert entry["header"]["name"] == CODE
        assert (CODE in entry["data"]) == (place == "label")
    assert draw_qobj(None, TaskHead("job", SIMULATOR), document)["name"] == CODE


# -- options of a simulator ------------------------------------------------------------------------

NOISE = {"type": "qerror", "id": "a", "operations": ["u2"], "probabilities": [1.0],
         "instructions": [[{"name": "x", "qubits": [0]}]]}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"type": CODE},
        {"probabilities": [CODE]},
        {"instructions": [[{"name": CODE, "qubits": [0]}]]},
        {"instructions": [[{"name": "__class__", "qubits": [0]}]]},
        {"instructions": [[{"name": "pauli", "qubits": [0], "params": [CODE]}]]},
        {"instructions": [[{"name": "unitary", "qubits": [0], "params": [CODE]}]]},
        {"instructions": [[{"name": "kraus", "qubits": [0], "params": [[[CODE]]]}]]},
        {"instructions": [[{"name": "reset", "qubits": [10**12]}]]},
        {"instructions": [[{"name": "x", "qubits": [40]}]]},
    ],
)
def test_noise_models_are_data(change: dict[str, Any]) -> None:
    with pytest.raises(JobRefused):
        read_noise_model({"errors": [{**NOISE, **change}]})


def test_names_in_noise_models_are_only_names() -> None:
    noise = {"errors": [{**NOISE, "operations": [CODE], "id": CODE}]}
    model = read_noise_model(noise)
    assert model is not None
    assert model.noise_instructions == [CODE]
    assert run(bell(noise_model=noise))["success"]
    noise = {"errors": [{**NOISE, "gate_qubits": [[CODE]]}]}
    assert not run(bell(noise_model=noise))["success"]


@pytest.mark.parametrize("key", ["method", "noise_model", "fusion_threshold", "seed_simulator"])
def test_options_are_not_computed(key: str) -> None:
    with pytest.raises(JobRefused):
        run(bell(**{key: CODE}))


# -- pulses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [CODE, "9**9**9", "-(P0)", [CODE], {"a": 1}])
@pytest.mark.parametrize(
    ("name", "key"), [("fc", "phase"), ("setf", "frequency"), ("shiftf", "frequency"),
                      ("delay", "duration"), ("parametric_pulse", "parameters"),
                      ("parametric_pulse", "pulse_shape"), ("acquire", "duration")]
)  # fmt: skip
def test_pulses_take_numbers_only(name: str, key: str, value: Any) -> None:
    instruction = {
        "name": name, "t0": 0, "ch": "d0", "phase": 0.5, "frequency": 4.9, "duration": 160,
        "qubits": [0], "memory_slot": [0], "pulse_shape": "constant",
        "parameters": {"duration": 160, "amp": 0.1},
    }  # fmt: skip
    instruction[key] = {"duration": 160, "amp": value} if key == "parameters" else value
    acquire = {"name": "acquire", "t0": 400, "duration": 160, "qubits": [0], "memory_slot": [0]}
    document = {
        "qobj_id": "a", "type": "PULSE", "schema_version": "1.3.0", "header": {},
        "config": {"shots": 1, "memory_slots": 1, "meas_level": 2, "meas_return": "single",
                   "pulse_library": [], "rep_time": 1000},
        "experiments": [{"config": {}, "header": {}, "instructions": [instruction, acquire]}],
    }  # fmt: skip
    with pytest.raises(JobRefused):
        run(document, "ibmq_armonk")


# -- programs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'include "/etc/passwd";', 'include "../evaluated";', "pragma " + CODE, "#pragma " + CODE,
        "defcalgrammar \"openpulse\"; cal { " + CODE + "; }", "defcal x $0 { " + CODE + "; }",
        "extern f(int) -> int; rz(f(1)) $0;", f"rz({CODE}) $0;", "rz(9**9**9) $0;",
        "const int a = 9**9**9;", "for int i in [0:9**9**9] { x $0; }",
    ],
)  # fmt: skip
def test_programs_reach_nothing_outside(text: str) -> None:
    assert refusal(HEAD + text).code in (1506, 1520)


def test_annotations_are_only_texts() -> None:
    assert sampled([f"{HEAD}@{CODE}\nx $0;", None, 1])
