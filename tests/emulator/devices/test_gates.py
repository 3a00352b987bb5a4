"""Checks and simulation need only a row in the table of gates for a new gate."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import RZGate, SXGate, U1Gate, U2Gate, U3Gate, XGate
from qiskit.quantum_info import Operator

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.gates import (
    BASES,
    GATES,
    QASM,
    SAVES,
    Gate,
    Step,
    shape_of,
    simulator_gates,
    translate,
)
from ibmq_backend.emulator.simulation.circuits import make_operation
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.emulator import bell

CLASSES = {"u1": U1Gate, "u2": U2Gate, "u3": U3Gate, "rz": RZGate, "sx": SXGate, "x": XGate}
ANGLES = {"u1": 1, "u2": 2, "u3": 3, "rz": 1, "sx": 0, "x": 0}
angle = st.floats(-20, 20) | st.sampled_from([0.0, pi / 2, -pi / 2, pi, -pi, 2 * pi])


def operator(steps: tuple[Step, ...]) -> Operator:
    circuit = QuantumCircuit(1)
    for name, angles in steps:
        circuit.append(CLASSES[name](*angles), [0])
    return Operator(circuit)


@pytest.mark.slow
@pytest.mark.parametrize("basis", ["rz", "u"])
@pytest.mark.parametrize("name", list(CLASSES))
@given(angles=st.tuples(angle, angle, angle))
def test_translation_keeps_the_unitary(
    name: str, basis: str, angles: tuple[float, float, float]
) -> None:
    params = angles[: ANGLES[name]]
    steps = translate(name, params, basis)
    assert operator(steps).equiv(Operator(CLASSES[name](*params)), atol=1e-7)
    assert {step for step, _ in steps} <= BASES[basis]


def test_the_gates_of_the_two_bases() -> None:
    assert dict(BASES) == {"rz": {"rz", "sx", "x"}, "u": {"u1", "u2", "u3"}}


@pytest.mark.parametrize(("name", "pulses"), [("u1", 0), ("u2", 1), ("u3", 2)])
def test_each_gate_has_as_many_pulses_as_on_the_device(name: str, pulses: int) -> None:
    steps = translate(name, (0.0,) * ANGLES[name], "rz")
    assert [step for step, _ in steps].count("sx") == pulses


@pytest.mark.parametrize("basis", ["rz", "u", None])
def test_other_gates_are_unchanged(basis: str | None) -> None:
    assert translate("cx", (), basis) == (("cx", ()),)
    assert translate("id", (), basis) == (("id", ()),)
    assert translate("delay", [160], basis) == (("delay", (160,)),)


def test_without_a_basis_nothing_changes() -> None:
    assert translate("u3", [1, 2, 3], None) == (("u3", (1, 2, 3)),)
    assert np.allclose(operator(translate("sx", (), None)).data, SXGate().to_matrix())


# -- one row ---------------------------------------------------------------------------------------


def with_gate(name: str, **more: Any) -> dict[str, Any]:
    document = bell(200)
    document["experiments"][0]["instructions"] = [
        {"name": name, "qubits": [0], **more},
        {"name": name, "qubits": [0], **more},
        {"name": "measure", "qubits": [0], "memory": [0]},
    ]
    return document


def test_a_new_row_is_accepted_and_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(JobRefused, match="root_of_x .* is not supported by ibmq_qasm_simulator"):
        validate(Catalog().get(QASM), with_gate("root_of_x"))
    row = Gate("root_of_x", "SXGate", 1, 0, frozenset({QASM}))
    monkeypatch.setitem(GATES, "root_of_x", row)
    assert Catalog().get(QASM).basis_gates[-1] == "root_of_x"
    with pytest.raises(JobRefused, match="needs 0 parameters, 1 are given"):
        validate(Catalog().get(QASM), with_gate("root_of_x", params=[1]))
    with pytest.raises(JobRefused, match="is not supported by simulator_mps"):
        validate(Catalog().get("simulator_mps"), with_gate("root_of_x"))
    result = Simulator(threads=1).run("job", QASM, with_gate("root_of_x"), 1)
    assert result["results"][0]["data"]["counts"] == {"0x1": 200}


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.class_name])
def test_the_shape_of_a_gate_is_that_of_its_class(name: str) -> None:
    shape = shape_of(name)
    assert shape is not None
    operation = make_operation(name, [0.5] * shape[1], shape[0])
    assert (operation.num_qubits, len(operation.params)) == shape


SPECIAL: dict[str, tuple[list[Any], int]] = {
    "mcx": ([], 3),
    "mcx_gray": ([], 3),
    "mcp": ([0.5], 3),
    "mcphase": ([0.5], 3),
    "unitary": ([[[0, 1], [1, 0]]], 1),
    "diagonal": ([1, 1, 1, -1], 2),
    "initialize": ([0, 1], 1),
    "pauli": (["XZ"], 2),
    "kraus": ([[[1, 0], [0, 1]]], 1),
    "superop": (np.eye(4)[None].tolist(), 1),
}


def test_gates_without_a_class_are_built_for_their_number_of_qubits() -> None:
    assert set(SPECIAL) == {name for name, gate in GATES.items() if gate.class_name is None}
    for name, (params, width) in SPECIAL.items():
        assert shape_of(name) is None
        assert make_operation(name, params, width).num_qubits == width
        with pytest.raises(ValueError, match="built for its number of qubits"):
            GATES[name].load_class()


def test_saved_states_have_a_class_of_aer() -> None:
    for name, save in SAVES.items():
        assert save.load_class()(2).name == name


def test_a_simulator_lists_the_gates_of_its_rows() -> None:
    assert len(simulator_gates("simulator_stabilizer")) == 15
    assert set(simulator_gates("simulator_statevector")) == set(simulator_gates(QASM)) - {"superop"}
    assert simulator_gates("ibmq_vigo") == ()
