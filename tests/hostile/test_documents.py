"""Documents of a service that attack the program which reads them: data stays data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import qiskit
from qiskit import QuantumCircuit, assemble
from qiskit.pulse.parser import parse_string_expr

from ibmq_backend.documents import MOST_BITS, configuration_from, defaults_from
from ibmq_backend.exceptions import ApiProtocolError, IBMQJobApiError
from ibmq_backend.job_input import circuits_of, run_options_of
from ibmq_backend.job_result import result_from

SNAPSHOTS = Path(qiskit.providers.__file__).parent / "fake_provider" / "backends"
CODE = "__import__('pathlib').Path('evaluated').touch()"
BOMBS = ["9**9**9", "9.0**P0", "'a'*10**9", "'a'", "[1]", "f(P0).real", "-" * 201 + "1", CODE]
"""Expressions; Terra never ends computing the first and multiplies the fourth by 10**9."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty folder to work in, which no document may change."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def snapshot(path: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SNAPSHOTS / path).read_text())
    return document


def qobj(*instructions: dict[str, Any], **header: Any) -> dict[str, Any]:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    document: dict[str, Any] = assemble(circuit).to_dict()
    document["experiments"][0]["instructions"] += instructions
    document["experiments"][0]["header"] |= header
    return document


# -- what was submitted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("qasm", [False, "written"]),
        ("draw", ["latex_source", None, "written"]),
        ("draw", ["text", None, "written"]),
        ("from_qasm_file", ["/etc/passwd"]),
        ("__class__", [10**9]),
        ("repeat", [10**9]),
        ("power", [10**9]),
        ("clear", []),
        ("remove_final_measurements", []),
        ("add_bits", [[1]]),
        ("data", []),
        (CODE, [CODE]),
    ],
)
def test_the_name_of_an_instruction_calls_nothing(name: str, params: list[Any]) -> None:
    """Whatever a circuit can do of that name: it is the name of a gate that nobody knows."""
    document = qobj({"name": name, "params": params, "qubits": [0]})
    (circuit,) = circuits_of(document)
    assert [one.operation.name for one in circuit.data] == ["h", "measure", "measure", name]
    assert circuit.data[-1].operation.params == params
    assert run_options_of(document)["memory_slots"] == 2


@pytest.mark.parametrize(
    "header",
    [
        {"qreg_sizes": [["q", 10**12]]},
        {"creg_sizes": [["c", MOST_BITS], ["d", 1]]},
        {"qreg_sizes": [["q", -1]]},
        {"memory_slots": 10**12},
    ],
)
def test_registers_that_would_fill_the_memory(header: dict[str, Any]) -> None:
    for read in (circuits_of, run_options_of):
        with pytest.raises(IBMQJobApiError, match="bits"):
            read(qobj(**header))


@pytest.mark.parametrize("bomb", [*BOMBS, [1], {"a": 1}, None])
@pytest.mark.parametrize("key", ["phase", "frequency"])
def test_pulses_that_would_be_computed(key: str, bomb: Any) -> None:
    name = {"phase": "fc", "frequency": "setf"}[key]
    instruction = {"name": name, "t0": 0, "ch": "d0", key: bomb}
    schedules = {
        "qobj_id": "a", "type": "PULSE", "schema_version": "1.3.0", "header": {},
        "config": {"shots": 1, "memory_slots": 1, "meas_level": 2, "meas_return": "avg",
                   "pulse_library": [], "qubit_lo_freq": [5.0], "meas_lo_freq": [6.0]},
        "experiments": [{"config": {}, "header": {}, "instructions": [instruction]}],
    }  # fmt: skip
    circuits = qobj()
    gate = {"name": "h", "qubits": [0], "params": [], "instructions": [instruction]}
    circuits["config"]["calibrations"] = {"gates": [gate]}
    circuits["config"]["pulse_library"] = []
    for document in (schedules, circuits):
        with pytest.raises(IBMQJobApiError, match="documented form"):
            circuits_of(document)
    instruction[key] = 0.25
    assert len(circuits_of(schedules)) == len(circuits_of(circuits)) == 1


@pytest.mark.parametrize("shape", ["gaussian", "constant", CODE, "to_type", "name"])
def test_shapes_and_their_parameters_are_not_computed(shape: str) -> None:
    document = {
        "qobj_id": "a", "type": "PULSE", "schema_version": "1.3.0", "header": {},
        "config": {"shots": 1, "memory_slots": 1, "meas_level": 2, "meas_return": "avg",
                   "pulse_library": [], "qubit_lo_freq": [5.0], "meas_lo_freq": [6.0]},
        "experiments": [{"config": {}, "header": {}, "instructions": [
            {"name": "parametric_pulse", "t0": 0, "ch": "d0", "pulse_shape": shape, "label": CODE,
             "parameters": {"duration": 160, "amp": CODE, "sigma": CODE}}]}],
    }  # fmt: skip
    with pytest.raises(IBMQJobApiError, match="documented form"):
        circuits_of(document)


# -- devices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bomb", BOMBS)
def test_defaults_with_expressions_that_never_end(bomb: str) -> None:
    document = snapshot("armonk/defs_armonk.json")
    command = next(one for one in document["cmd_def"] if one["name"] == "u1")
    command["sequence"][0]["phase"] = bomb
    with pytest.raises((ValueError, SyntaxError)):
        defaults_from(document)


def test_expressions_of_real_devices_are_read() -> None:
    read = 0
    for path in SNAPSHOTS.glob("*/defs_*.json"):
        found = defaults_from(json.loads(path.read_text())).instruction_schedule_map
        if found.has("u1", 0):
            shifts = [one for _, one in found.get("u1", 0, P0=0.5).instructions]
            assert {float(one.phase) for one in shifts} == {-0.5}
            read += 1
    assert read > 10


def test_terra_computes_no_names_and_attributes() -> None:
    """The allowed rest of Python reaches no object beside numbers."""
    for text in (CODE, "().__class__", "pi.real", "[].append(1)", "open('written', 'w')"):
        with pytest.raises(Exception, match=r"Unsafe|Unsupported|not supported"):
            parse_string_expr(text)()


@pytest.mark.parametrize("qubits", [10**12, MOST_BITS + 1, -1])
def test_devices_with_more_qubits_than_memory(qubits: int) -> None:
    document = snapshot("vigo/conf_vigo.json")
    document["n_qubits"] = qubits
    with pytest.raises(ValueError, match="bits"):
        configuration_from(document)


# -- results ---------------------------------------------------------------------------------------


def result(header: dict[str, Any], **data: Any) -> dict[str, Any]:
    entry = {"shots": 1, "success": True, "data": {"counts": {"0x1": 1}, **data}, "header": header}
    return {
        "backend_name": "a", "backend_version": "1.0.0", "qobj_id": "a", "job_id": "a",
        "success": True, "results": [entry],
    }  # fmt: skip


def test_results_are_data() -> None:
    document = result({"name": CODE, "memory_slots": 2}, **{CODE: CODE})
    read = result_from(document, "a")
    assert read.get_counts() == {"01": 1}
    assert read.results[0].header.name == CODE
    with pytest.raises(ApiProtocolError):
        result_from(result({"memory_slots": 2}, __class__=CODE), "a")


@pytest.mark.parametrize(
    "header", [{"memory_slots": 10**12}, {"memory_slots": 1, "creg_sizes": [["c", 10**12]]}]
)
def test_results_that_would_be_padded_for_ever(header: dict[str, Any]) -> None:
    with pytest.raises(ApiProtocolError, match="bits"):
        result_from(result(header), "a")
