"""Documents of a hostile service: the client evaluates nothing and does not run out of memory."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import pytest
import qiskit
from qiskit import QuantumCircuit, assemble
from qiskit.pulse.parser import parse_string_expr

from ibmq_backend.exceptions import ApiProtocolError, IBMQJobApiError
from ibmq_backend.job.input import circuits_of, run_options_of
from ibmq_backend.job.result import MAX_PADDED_BITS, result_from
from ibmq_backend.models import (
    MAX_BITS,
    MAX_CHANNELS,
    MAX_REGISTERS,
    configuration_from,
    defaults_from,
)

SNAPSHOTS = Path(qiskit.providers.__file__).parent / "fake_provider" / "backends"
CODE = "__import__('pathlib').Path('evaluated').touch()"
BOMBS = ["9**9**9", "9.0**P0", "'a'*10**9", "'a'", "[1]", "f(P0).real", "-" * 201 + "1", CODE]
"""Expressions; Terra would compute the first for ever and multiply the fourth by 10**9."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Yield an empty working folder, which must stay empty."""
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


# -- jobs ------------------------------------------------------------------------------------------


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
def test_the_name_of_an_instruction_is_not_called(name: str, params: list[Any]) -> None:
    """A method of QuantumCircuit with this name is not called; it is an unknown gate."""
    document = qobj({"name": name, "params": params, "qubits": [0]})
    (circuit,) = circuits_of(document)
    assert [one.operation.name for one in circuit.data] == ["h", "measure", "measure", name]
    assert circuit.data[-1].operation.params == params
    assert run_options_of(document)["memory_slots"] == 2


@pytest.mark.parametrize(
    "header",
    [
        {"qreg_sizes": [["q", 10**12]]},
        {"creg_sizes": [["c", MAX_BITS], ["d", 1]]},
        {"qreg_sizes": [["q", -1]]},
        {"memory_slots": 10**12},
    ],
)
def test_registers_that_fill_the_memory(header: dict[str, Any]) -> None:
    for read in (circuits_of, run_options_of):
        with pytest.raises(IBMQJobApiError, match="bits"):
            read(qobj(**header))


@pytest.mark.parametrize("kind", ["qreg_sizes", "creg_sizes"])
def test_registers_that_take_terra_too_long(kind: str) -> None:
    """Terra compares each register with all others."""
    known = {"qreg_sizes": "q", "creg_sizes": "c"}[kind]
    sizes = [[known, 2], *([f"a{index}", 1] for index in range(MAX_REGISTERS - 1))]
    assert len(circuits_of(qobj(**{kind: sizes}))) == 1
    with pytest.raises(IBMQJobApiError, match="registers"):
        circuits_of(qobj(**{kind: [*sizes, ["last", 1]]}))


def test_too_many_large_circuits() -> None:
    document = qobj(qreg_sizes=[["q", MAX_BITS]])
    document["experiments"] *= 11
    with pytest.raises(IBMQJobApiError, match="bits in total"):
        circuits_of(document)


@pytest.mark.parametrize("name", ["initialize", "pauli"])
def test_texts_that_terra_turns_into_arrays(name: str) -> None:
    for params in (["0" * 10**6], "0" * 10**6):
        with pytest.raises(IBMQJobApiError, match="a parameter has 1000000 characters"):
            circuits_of(qobj({"name": name, "params": params, "qubits": [0]}))


@pytest.mark.parametrize("digits", [4000, 10**6])
def test_errors_whose_text_python_cannot_write(digits: int) -> None:
    """Terra fails to find the mask, a number that is too long for Python to convert to text."""
    condition = {"name": "bfunc", "relation": "==", "val": "0x1", "register": 0}
    document = qobj(
        {**condition, "mask": f"0x{'f' * digits}"}, {"name": "x", "qubits": [0], "conditional": 0}
    )
    with pytest.raises(IBMQJobApiError, match="documented form: KeyError") as caught:
        circuits_of(document)
    assert "KeyError" in "".join(traceback.format_exception(caught.value))


def schedules(*instructions: dict[str, Any]) -> dict[str, Any]:
    return {
        "qobj_id": "a", "type": "PULSE", "schema_version": "1.3.0", "header": {},
        "config": {"shots": 1, "memory_slots": 1, "meas_level": 2, "meas_return": "avg",
                   "pulse_library": [], "qubit_lo_freq": [5.0], "meas_lo_freq": [6.0]},
        "experiments": [{"config": {}, "header": {}, "instructions": list(instructions)}],
    }  # fmt: skip


def test_acquisitions_on_too_many_channels() -> None:
    """The limit holds for schedules and for the calibrations of circuits."""
    most = list(range(MAX_CHANNELS))
    fitting = {"name": "acquire", "t0": 0, "duration": 10**12, "qubits": most, "memory_slot": most}
    assert len(circuits_of(schedules(fitting))[0].instructions) == MAX_CHANNELS
    for key in ("qubits", "memory_slot", "register_slot"):
        instruction = {**fitting, key: [*most, MAX_CHANNELS]}
        circuits = qobj()
        gate = {"name": "h", "qubits": [0], "params": [], "instructions": [instruction]}
        circuits["config"] |= {"calibrations": {"gates": [gate]}, "pulse_library": []}
        for document in (schedules(instruction), circuits):
            with pytest.raises(IBMQJobApiError, match=f"more than {MAX_CHANNELS} {key}"):
                circuits_of(document)


@pytest.mark.parametrize("bomb", [*BOMBS, [1], {"a": 1}, None])
@pytest.mark.parametrize("key", ["phase", "frequency"])
def test_pulse_values_are_not_evaluated(key: str, bomb: Any) -> None:
    name = {"phase": "fc", "frequency": "setf"}[key]
    instruction = {"name": name, "t0": 0, "ch": "d0", key: bomb}
    pulses = schedules(instruction)
    circuits = qobj()
    gate = {"name": "h", "qubits": [0], "params": [], "instructions": [instruction]}
    circuits["config"]["calibrations"] = {"gates": [gate]}
    circuits["config"]["pulse_library"] = []
    for document in (pulses, circuits):
        with pytest.raises(IBMQJobApiError, match="documented form"):
            circuits_of(document)
    instruction[key] = 0.25
    assert len(circuits_of(pulses)) == len(circuits_of(circuits)) == 1


@pytest.mark.parametrize("shape", ["gaussian", "constant", CODE, "to_type", "name"])
def test_pulse_shapes_and_their_parameters_are_not_evaluated(shape: str) -> None:
    document = schedules(
        {"name": "parametric_pulse", "t0": 0, "ch": "d0", "pulse_shape": shape, "label": CODE,
         "parameters": {"duration": 160, "amp": CODE, "sigma": CODE}}
    )  # fmt: skip
    with pytest.raises(IBMQJobApiError, match="documented form"):
        circuits_of(document)


# -- devices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bomb", BOMBS)
def test_pulse_defaults_with_endless_expressions_are_refused(bomb: str) -> None:
    document = snapshot("armonk/defs_armonk.json")
    command = next(one for one in document["cmd_def"] if one["name"] == "u1")
    command["sequence"][0]["phase"] = bomb
    with pytest.raises((ValueError, SyntaxError)):
        defaults_from(document)


def test_expressions_of_real_devices_are_accepted() -> None:
    read = 0
    for path in SNAPSHOTS.glob("*/defs_*.json"):
        found = defaults_from(json.loads(path.read_text())).instruction_schedule_map
        if found.has("u1", 0):
            shifts = [one for _, one in found.get("u1", 0, P0=0.5).instructions]
            assert {float(one.phase) for one in shifts} == {-0.5}
            read += 1
    assert read > 10


def test_terra_evaluates_no_names_or_attributes() -> None:
    """The Python that Terra evaluates can reach numbers only."""
    for text in (CODE, "().__class__", "pi.real", "[].append(1)", "open('written', 'w')"):
        with pytest.raises(Exception, match=r"Unsafe|Unsupported|not supported"):
            parse_string_expr(text)()


@pytest.mark.parametrize("qubits", [10**12, MAX_BITS + 1, -1])
def test_configurations_with_too_many_qubits_are_refused(qubits: int) -> None:
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
def test_results_that_are_padded_too_long(header: dict[str, Any]) -> None:
    with pytest.raises(ApiProtocolError, match="bits"):
        result_from(result(header), "a")


@pytest.mark.parametrize("registers", [[["c", MAX_BITS]], [["c", 0]] * MAX_REGISTERS])
@pytest.mark.parametrize("key", ["counts", "memory"])
def test_results_that_are_padded_to_gigabytes(key: str, registers: list[list[Any]]) -> None:
    """A key of three characters becomes as long as all registers and the gaps between them."""
    length = sum(size for _, size in registers) + len(registers)
    header = {"memory_slots": sum(size for _, size in registers), "creg_sizes": registers}
    keys = [hex(index) for index in range(MAX_PADDED_BITS // length + 1)]
    too_many: Any = keys if key == "memory" else dict.fromkeys(keys, 1)
    with pytest.raises(ApiProtocolError, match="bits"):
        result_from(result(header, **{"counts": {}, key: too_many}), "a")


def test_results_of_many_circuits_that_are_padded_to_gigabytes() -> None:
    header = {"memory_slots": MAX_BITS, "creg_sizes": [["c", MAX_BITS]]}
    document = result(header, memory=["0x1"] * 900)
    assert len(result_from(document, "a").get_memory()[0]) == MAX_BITS
    document["results"] *= 12
    with pytest.raises(ApiProtocolError, match="bits"):
        result_from(document, "a")
