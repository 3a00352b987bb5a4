"""Pulses of a gate as a channel, and circuits with such gates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, pulse
from qiskit.circuit import Gate
from qiskit.quantum_info import DensityMatrix, Kraus, Operator, process_fidelity

from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.pulse.channels import kraus_operators
from ibmq_backend.emulator.pulse.model import DeviceModel
from ibmq_backend.emulator.pulse.timeline import Event
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.pulse_jobs import AssemblyTarget, on_the_wire

SHOTS = 4000


@pytest.fixture(scope="module")
def lagos() -> Device:
    return Catalog().get("ibm_lagos")


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(threads=1)


def schedule_of(device: Device, name: str, qubit: int) -> Any:
    return AssemblyTarget(device).defaults().instruction_schedule_map.get(name, qubit)


def ones(simulator: Simulator, device: Device, *circuits: Any, **config: Any) -> Any:
    """Share of ones of each classical bit, one row per circuit."""
    document = on_the_wire(list(circuits), device, shots=SHOTS, memory=True)
    document["config"].update(config)
    shares = []
    for result in simulator.run("job", device.name, document, 3)["results"]:
        values = np.array([int(value, 16) for value in result["data"]["memory"]])
        shares.append([float(np.mean(values >> bit & 1)) for bit in range(2)])
    return np.array(shares)


@pytest.mark.parametrize("angle", [0.4, -1.3, np.pi])
def test_a_phase_change_is_a_rotation_about_z(lagos: Device, angle: float) -> None:
    """As in the pulse defaults, where rz(angle) shifts the phase by -angle."""
    transmon = DeviceModel(lagos).qubit(0).transmon
    frequency = transmon.parameters.frequency
    found = Kraus(kraus_operators(transmon, [Event(0, "fc", value=-angle)], frequency, 0))
    turn = Operator(np.diag(np.exp([-0.5j * angle, 0.5j * angle])))
    assert found.is_cptp()
    assert process_fidelity(found, turn) > 1 - 1e-9


def test_a_long_gate_relaxes_its_qubit(lagos: Device) -> None:
    transmon = DeviceModel(lagos).qubit(0).transmon
    samples = transmon.parameters.t1 / transmon.parameters.dt
    found = Kraus(kraus_operators(transmon, [], transmon.parameters.frequency, samples))
    after = DensityMatrix.from_int(1, 2).evolve(found).probabilities()
    assert after[1] == pytest.approx(np.exp(-1), abs=1e-3)


def test_calibrated_gates_on_two_qubits(simulator: Simulator, lagos: Device) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x([0, 1])
    circuit.measure([0, 1], [0, 1])
    mute = circuit.copy()
    for qubit in (0, 1):
        circuit.add_calibration("x", [qubit], schedule_of(lagos, "x", qubit))
    with pulse.build(AssemblyTarget(lagos)) as silence:
        pulse.delay(160, pulse.DriveChannel(0))
    mute.add_calibration("x", [0], silence)
    both, one = ones(simulator, lagos, circuit, mute)
    assert min(both) > 0.95
    assert one[0] < 0.05
    assert one[1] > 0.95


def test_a_calibrated_gate_beside_plain_ones(simulator: Simulator, lagos: Device) -> None:
    """Its phase fits those of the other gates: a turn about z shifts a fringe to the same side."""
    circuits = []
    for angle in (0.9, -0.9):
        for own in (False, True):
            circuit = QuantumCircuit(2, 2)
            circuit.sx(0)
            circuit.rz(np.pi / 2, 0)
            if own:
                circuit.append(Gate("turn", 1, [angle]), [0])
                with pulse.build(AssemblyTarget(lagos)) as shift:
                    pulse.shift_phase(-angle, pulse.DriveChannel(0))
                circuit.add_calibration("turn", [0], shift, [angle])
            else:
                circuit.rz(angle, 0)
            circuit.sx(0)
            circuit.cx(0, 1)
            circuit.measure([0, 1], [0, 1])
            circuits.append(circuit)
    shares = ones(simulator, lagos, *circuits)
    assert np.abs(shares[0] - shares[1]).max() < 0.04
    assert np.abs(shares[2] - shares[3]).max() < 0.04
    assert abs(shares[0][0] - shares[2][0]) > 0.5


def test_a_qubit_relaxes_while_another_plays_pulses(simulator: Simulator, lagos: Device) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.barrier()
    circuit.append(Gate("slow", 1, []), [1])
    circuit.barrier()
    circuit.measure([0, 1], [0, 1])
    with pulse.build(AssemblyTarget(lagos)) as slow:
        pulse.delay(320_000, pulse.DriveChannel(1))  # 71 µs
    circuit.add_calibration("slow", [1], slow)
    ((full, _),) = ones(simulator, lagos, circuit)
    ((gates, _),) = ones(simulator, lagos, circuit, noise="gates")
    ((none, _),) = ones(simulator, lagos, circuit, noise="none")
    assert full < 0.75 < 0.95 < gates < none == 1.0


def test_the_only_qubit_with_pulses_relaxes_while_another_waits(
    simulator: Simulator, lagos: Device
) -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.x(0)
    circuit.barrier()
    circuit.delay(320_000, 1)
    circuit.barrier()
    circuit.measure(0, 0)
    circuit.add_calibration("x", [0], schedule_of(lagos, "x", 0))
    ((full, _),) = ones(simulator, lagos, circuit)
    ((gates, _),) = ones(simulator, lagos, circuit, noise="gates")
    ((none, _),) = ones(simulator, lagos, circuit, noise="none")
    assert full < 0.75 < 0.95 < gates
    assert none == pytest.approx(1.0, abs=2e-3)  # the pulse of a third level


def test_without_initialization(simulator: Simulator, lagos: Device) -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.add_calibration("x", [0], schedule_of(lagos, "x", 0))
    ((share, _),) = ones(simulator, lagos, circuit, init_qubits=False, rep_delay=1.0)
    assert abs(share - 0.5) < 0.05


@pytest.mark.parametrize("meas_return", ["single", "avg"])
def test_points_of_several_qubits(simulator: Simulator, lagos: Device, meas_return: str) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    still = QuantumCircuit(2, 2)
    still.measure([0, 1], [0, 1])
    document = on_the_wire(
        [circuit, still], lagos, shots=300, meas_level=1, meas_return=meas_return
    )
    ones, zeros = simulator.run("job", lagos.name, document, 3)["results"]
    assert (ones["meas_level"], ones["meas_return"]) == (1, meas_return)
    assert "synthetic" in ones["metadata"]["iq"]
    shape = (300, 2, 2) if meas_return == "single" else (2, 2)
    points = np.array([ones["data"]["memory"], zeros["data"]["memory"]])
    assert points.shape == (2, *shape)
    real = points[..., 0].reshape(2, -1, 2).mean(axis=1)
    assert min(real[0] - real[1]) > 4e14
