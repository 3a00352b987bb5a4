"""Circuits as today's clients write them, by files that Qiskit 2.6.2 wrote."""

from __future__ import annotations

import base64
import json
import math
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit

from ibmq_backend.emulator.instruction_checks import JobRefused
from ibmq_backend.emulator.platform.circuit_loading import load_circuit, parameter_names
from ibmq_backend.emulator.platform.qpy_reader import NEWEST, OLDEST, read_qpy
from tests.emulator.platform.test_sampler import refusal

SAMPLES: dict[str, str] = json.loads(
    Path(__file__).with_name("qpy_samples.json").read_text(encoding="utf-8")
)
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
def test_gates_of_ones_own_keep_their_names(version: int) -> None:
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


def test_what_is_not_read_is_refused_with_a_reason() -> None:
    with pytest.raises(JobRefused, match="compute with bits") as caught:
        load("expression-17")
    assert caught.value.code == 1603
    with pytest.raises(JobRefused, match="QPY version 18") as caught:
        load("basic-18")
    assert caught.value.code == 1603


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


def test_cut_off_files() -> None:
    content = zlib.decompress(base64.b64decode(SAMPLES["flow-17"]))
    for length in range(0, len(content) - 200, 7):
        with pytest.raises((ValueError, KeyError, IndexError)):
            read_qpy(content[:length])
