"""Circuits with delays for devices that state timing constraints."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit, pulse, transpile
from qiskit.circuit import Gate, Parameter

from ibmq_backend._compat import terra

TIMING = {"granularity": 16, "min_length": 64, "acquire_alignment": 16, "pulse_alignment": 16}


@pytest.fixture(autouse=True)
def adapted() -> None:
    terra.adapt_terra()


def transpiled(*delays: tuple[float, str], **options: object) -> list[int]:
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    for length, unit in delays:
        circuit.delay(length, 0, unit)
    circuit.measure(0, 0)
    found = transpile(
        circuit,
        basis_gates=["x", "sx", "rz", "cx", "delay"],
        instruction_durations=[("x", [0], 160), ("measure", [0], 1600)],
        dt=1e-9,
        timing_constraints=TIMING,
        **options,
    )
    return [one.operation.duration for one in found.data if one.operation.name == "delay"]


def test_long_delays_are_rounded() -> None:
    assert transpiled((5.001, "us"), (3200, "dt")) == [5008, 3200]


def test_short_delays_stay() -> None:
    assert transpiled((8, "dt"), (500, "dt")) == [8, 500]


def test_a_scheduled_circuit_is_aligned_by_terra() -> None:
    assert sum(transpiled((8, "dt"), scheduling_method="alap")) % 16 == 0


def test_lengths_may_be_parameters() -> None:
    length = Parameter("length")
    assert transpiled((length, "dt"), (3201, "dt")) == [length, 3200]
    gate, circuit = Gate("mine", 1, [length]), QuantumCircuit(1, 1)
    circuit.append(gate, [0])
    circuit.measure(0, 0)
    with pulse.build() as schedule:
        pulse.play(pulse.Constant(length, 0.1), pulse.DriveChannel(0))
    circuit.add_calibration(gate, [0], schedule, [length])
    found = transpile(circuit, basis_gates=["x", "mine"], timing_constraints=TIMING)
    assert found.assign_parameters({length: 320}).calibrations["mine"][(0,), (320,)].duration == 320
