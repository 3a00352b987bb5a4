"""Gates of one era are exactly those of the other."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import RZGate, SXGate, U1Gate, U2Gate, U3Gate, XGate
from qiskit.quantum_info import Operator

from ibmq_backend.emulator.devices.basis_translation import Step, translate

GATES = {"u1": U1Gate, "u2": U2Gate, "u3": U3Gate, "rz": RZGate, "sx": SXGate, "x": XGate}
ANGLES = {"u1": 1, "u2": 2, "u3": 3, "rz": 1, "sx": 0, "x": 0}
angle = st.floats(-20, 20) | st.sampled_from([0.0, pi / 2, -pi / 2, pi, -pi, 2 * pi])


def operator(steps: tuple[Step, ...]) -> Operator:
    circuit = QuantumCircuit(1)
    for name, angles in steps:
        circuit.append(GATES[name](*angles), [0])
    return Operator(circuit)


@pytest.mark.parametrize("era", ["rz", "u"])
@pytest.mark.parametrize("name", list(GATES))
@given(angles=st.tuples(angle, angle, angle))
def test_translation_keeps_the_unitary(
    name: str, era: str, angles: tuple[float, float, float]
) -> None:
    params = angles[: ANGLES[name]]
    steps = translate(name, params, era)
    assert operator(steps).equiv(Operator(GATES[name](*params)), atol=1e-7)
    allowed = {"rz", "sx", "x"} if era == "rz" else {"u1", "u2", "u3"}
    assert {step for step, _ in steps} <= allowed


@pytest.mark.parametrize(("name", "pulses"), [("u1", 0), ("u2", 1), ("u3", 2)])
def test_each_gate_costs_the_pulses_that_it_did(name: str, pulses: int) -> None:
    steps = translate(name, (0.0,) * ANGLES[name], "rz")
    assert [step for step, _ in steps].count("sx") == pulses


@pytest.mark.parametrize("era", ["rz", "u", None])
def test_other_gates_stay_as_they_are(era: str | None) -> None:
    assert translate("cx", (), era) == (("cx", ()),)
    assert translate("id", (), era) == (("id", ()),)
    assert translate("delay", [160], era) == (("delay", (160,)),)


def test_without_an_era_nothing_changes() -> None:
    assert translate("u3", [1, 2, 3], None) == (("u3", (1, 2, 3)),)
    assert np.allclose(operator(translate("sx", (), None)).data, SXGate().to_matrix())
