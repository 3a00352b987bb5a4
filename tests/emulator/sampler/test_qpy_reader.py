"""Circuits as current clients write them, and malicious files."""

from __future__ import annotations

import base64
import contextlib
import io
import math
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qpy
from qiskit.circuit import Gate, Parameter

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.platform.errors import get_solution
from ibmq_backend.emulator.sampler.circuit_loading import load_circuit, parameter_names
from ibmq_backend.emulator.sampler.qpy_reader import NEWEST, OLDEST, _operation, read_qpy
from ibmq_backend.emulator.sampler.qpy_values import MAX_STEPS, Values
from tests.emulator.sampler.test_run import QPY as SAMPLES
from tests.emulator.sampler.test_run import refusal, sampled

VERSIONS = range(OLDEST, NEWEST + 1)


def encoded(name: str) -> dict[str, Any]:
    return {"__type__": "QuantumCircuit", "__value__": SAMPLES[name]}


def load(name: str) -> QuantumCircuit:
    return load_circuit(encoded(name), "circuit 0")


@pytest.mark.parametrize("version", VERSIONS)
def test_instructions_bits_and_registers(version: int) -> None:
    circuit = load(f"basic-{version}")
    assert circuit.name == "basic"
    assert circuit.metadata == {"lesson": 3}
    assert circuit.global_phase == 0.5
    assert [(one.name, one.size) for one in circuit.cregs] == [("a", 2), ("b", 1)]
    found = [
        (
            one.operation.name,
            [circuit.find_bit(bit).index for bit in one.qubits],
            [circuit.find_bit(bit).index for bit in one.clbits],
            list(one.operation.params),
        )
        for one in circuit.data
    ]
    assert found == [
        ("sx", [0], [], []),
        ("rz", [1], [], [0.25]),
        ("x", [2], [], []),
        ("ecr", [1, 0], [], []),
        ("cz", [0, 1], [], []),
        ("cx", [2, 1], [], []),
        ("barrier", [0, 1, 2], [], []),
        ("delay", [0], [], [100]),
        ("delay", [1], [], [50.0]),
        ("reset", [2], [], []),
        ("measure", [0], [0], []),
        ("measure", [1], [1], []),
        ("measure", [2], [2], []),
        ("id", [0], [], []),
        ("rzz", [0, 1], [], [0.5]),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_parameters_and_expressions(version: int) -> None:
    circuit = load(f"params-{version}")
    assert parameter_names(circuit) == ["theta", "v[0]", "v[1]"]
    bound = circuit.assign_parameters(dict(zip(circuit.parameters, [0.5, 2.0, 3.0], strict=True)))
    angles = [float(one.operation.params[0]) for one in bound.data if one.operation.params]
    assert angles == pytest.approx([0.5, 3.0, 2.0, math.sin(0.25), -0.5, 0.5, 4.0])


@pytest.mark.parametrize("version", VERSIONS)
def test_control_flow(version: int) -> None:
    circuit = load(f"flow-{version}")
    (branch,) = (one for one in circuit.data if one.operation.name == "if_else")
    left, value = branch.operation.condition
    assert (circuit.find_bit(left).index, value) == (0, 1)
    true, false = branch.operation.blocks
    assert [one.operation.name for one in true.data] == ["x", "if_else"]
    assert [one.operation.name for one in false.data] == ["sx"]
    register, wanted = true.data[1].operation.condition
    assert (register.size, wanted) == (2, 1)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_custom_gates_keep_their_names(version: int) -> None:
    circuit = load(f"other-{version}")
    names = [one.operation.name for one in circuit.data]
    assert names == ["h", "mine", "cp", "ch", "measure"]
    assert "instruction h on qubits (0,)" in refusal(encoded(f"other-{version}")).message


def test_elements_of_a_vector_are_in_order() -> None:
    from qiskit.circuit import ParameterVector

    circuit = QuantumCircuit(1)
    for element in ParameterVector("v", 11):
        circuit.rz(element, 0)
    assert parameter_names(circuit)[1:4] == ["v[1]", "v[2]", "v[3]"]


def test_unsupported_parts_are_refused_with_a_reason() -> None:
    with pytest.raises(JobRefused, match="compute with bits") as caught:
        load("expression-17")
    assert caught.value.code == 1603
    with pytest.raises(JobRefused, match="QPY version 18") as caught:
        load("basic-18")
    assert caught.value.code == 1603


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_damaged_files_do_no_harm(name: str, place: int, change: bytes) -> None:
    content = bytearray(zlib.decompress(base64.b64decode(SAMPLES[name])))
    content[place : place + len(change)] = change
    packed = base64.b64encode(zlib.compress(bytes(content))).decode()
    try:
        circuit = load_circuit({"__type__": "QuantumCircuit", "__value__": packed}, "circuit 0")
    except JobRefused as error:
        assert error.code == 1603  # noqa: PT017 (either outcome is fine)
    else:
        assert isinstance(circuit, QuantumCircuit)


def file(content: bytes) -> dict[str, Any]:
    return {
        "__type__": "QuantumCircuit",
        "__value__": base64.b64encode(zlib.compress(content)).decode(),
    }


@pytest.fixture
def evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that exists as soon as one of the hostile circuits has run code."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "evaluated"


CODE = "__import__('pathlib').Path('evaluated').touch()"


def program_in_an_expression() -> bytes:
    """A file of Terra, version 10, in which the text of an expression is a program."""
    circuit = QuantumCircuit(1)
    circuit.rz(2 * Parameter("t" * 600), 0)
    stream = io.BytesIO()
    qpy.dump(circuit, stream)
    found = re.search(rb"Mul\(.*?\)\)", stream.getvalue())
    assert found is not None
    return stream.getvalue().replace(found[0], CODE.encode().ljust(len(found[0])))


def test_terra_would_run_the_program(evaluated: Path) -> None:
    """Otherwise the next test would prove nothing."""
    with contextlib.suppress(Exception):
        qpy.load(io.BytesIO(program_in_an_expression()))
    assert evaluated.exists()


@pytest.mark.parametrize("version", [*range(1, OLDEST), *VERSIONS, NEWEST + 1, 255])
def test_no_program_in_a_file_is_run(version: int, evaluated: Path) -> None:
    content = bytearray(program_in_an_expression())
    content[6] = version
    with pytest.raises(JobRefused) as caught:
        load_circuit(file(bytes(content)), "circuit 0")
    assert caught.value.code == 1603
    assert not evaluated.exists()
    if version not in VERSIONS:
        assert f"QPY version {version}" in caught.value.message
        assert "versions 13 to 17" in caught.value.message
        assert "OpenQASM 3" in get_solution(caught.value.code)


def test_names_are_only_names(evaluated: Path) -> None:
    """Of the circuit, its registers, parameters, gates, labels, and in its metadata."""
    circuit = load("code-17")
    assert (circuit.name, circuit.metadata) == (CODE, {CODE: CODE})
    (parameter,) = circuit.parameters
    assert parameter.name == CODE
    assert CODE in f"{circuit.data[1].operation.params[0]} {circuit.qregs} {circuit.cregs}"
    assert circuit.assign_parameters([0.5]).data[1].operation.params[0] == 1 + math.sin(0.5)
    document = sampled([encoded("code-17"), {CODE: 0.5}, 10])
    assert len(document["results"][0]["data"]) == 1
    assert "Path" in refusal(encoded("code-gate-17")).message
    assert not evaluated.exists()


@pytest.mark.parametrize(
    "name",
    ["UnitaryGate", "MCXGate", "PauliGate", "MSGate", "PauliEvolutionGate", "QuantumCircuit"],
)
def test_only_standard_gates_are_made(name: str) -> None:
    """Other classes would use numbers of the file as sizes, or evaluate its strings."""
    made = _operation(name, [10**9, "text", QuantumCircuit()], 1, 0)
    assert (type(made), made.name, made.params) == (Gate, name, [])


@pytest.mark.parametrize("params", [["0.5"], [QuantumCircuit(1)], [None], [0.5, 0.5], []])
def test_gates_take_numbers_only(params: list[Any]) -> None:
    assert type(_operation("RZGate", params, 1, 0)) is Gate


@pytest.mark.parametrize("code", [2, 5])
def test_expressions_up_to_the_limit_are_computed(code: int) -> None:
    """A longer one is refused; symengine would crash on deep ones, such as a sine of sines."""
    key, none = (b"p", b"k" * 16), (b"n", bytes(16))

    def expression(steps: int) -> bytes:
        first = struct.pack("!Bc16sc16s", 5, *key, *none)
        more = struct.pack("!Bc16sc16s", code, *none, *(key if code == 2 else none))
        content = first + more * (steps - 1)
        symbol = struct.pack("!ccQH16sc", b"p", b"p", 0, 1, b"k" * 16, b"a")
        return struct.pack("!QQ", 1, len(content)) + content + symbol

    value = Values().plain("e", expression(MAX_STEPS))
    (parameter,) = value.parameters
    assert abs(float(value.bind({parameter: 0.5}))) < 1
    with pytest.raises(ValueError, match="more than 5000 operations"):
        Values().plain("e", expression(MAX_STEPS + 1))


def test_cut_off_files() -> None:
    content = zlib.decompress(base64.b64decode(SAMPLES["flow-17"]))
    for length in range(0, len(content) - 200, 7):
        with pytest.raises((ValueError, KeyError, IndexError)):
            read_qpy(content[:length])
