"""Circuits that define pulses for their gates or request points in the IQ plane."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, pulse
from qiskit.circuit import Gate
from qiskit.quantum_info import Operator
from qiskit.result import Result

from ibmq_backend.emulator.checks.gate_calibrations import Calibrations, drive_channels
from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog, Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.pulse_jobs import AssemblyTarget, on_the_wire

HALF_X = 0.409185


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(DeviceOptions(calibration="published"), threads=1)


@pytest.fixture(scope="module")
def armonk() -> Device:
    return Catalog().get("ibmq_armonk")


def run(simulator: Simulator, circuits: Any, device: Device, **options: Any) -> Result:
    options.setdefault("shots", 8192)
    document = on_the_wire(circuits, device, **options)
    result = simulator.run("job", device.name, document, 11)
    return Result.from_dict(json.loads(json.dumps(result, allow_nan=False)))


def drag(amplitude: float) -> pulse.Schedule:
    return pulse.Schedule(pulse.Play(pulse.Drag(320, amplitude, 80, -0.68), pulse.DriveChannel(0)))


def ones(result: Result, index: int = 0) -> float:
    return float(result.get_counts(index).get("1", 0) / 8192)


def measured(circuit: QuantumCircuit) -> QuantumCircuit:
    whole = circuit.copy()
    whole.measure(0, 0)
    return whole


def test_a_gate_acts_like_its_pulses(simulator: Simulator, armonk: Device) -> None:
    flip, still = QuantumCircuit(1, 1), QuantumCircuit(1, 1)
    flip.x(0)
    still.x(0)
    still.add_calibration("x", [0], drag(0.0))
    result = run(simulator, [measured(flip), measured(still)], armonk)
    assert ones(result, 0) > 0.95
    assert ones(result, 1) < 0.05
    methods = [entry.metadata["method"] for entry in result.results]
    assert methods == ["density_matrix", "transmon_lindblad"]


@pytest.mark.parametrize("angle", np.linspace(-3, 3, 6))
def test_own_pulses_and_gates_of_the_device_share_a_frame(
    simulator: Simulator, armonk: Device, angle: float
) -> None:
    circuit = QuantumCircuit(1, 1)
    circuit.sx(0)
    circuit.rz(angle, 0)
    circuit.append(Gate("mine", 1, [0.5]), [0])
    circuit.add_calibration("mine", [0], drag(HALF_X), [0.5])
    wanted = np.cos(angle / 2) ** 2
    found = ones(run(simulator, measured(circuit), armonk))
    assert found == pytest.approx(0.0246 + 0.952 * wanted, abs=0.02)


def test_virtual_gates_in_pulses_of_the_device(simulator: Simulator) -> None:
    """A u2 as the device's defaults play it, between ideal gates about other axes."""
    device = Catalog().get("ibmq_boeblingen")
    defaults = AssemblyTarget(device).defaults().instruction_schedule_map
    angles = np.random.default_rng(3).uniform(-3, 3, size=(6, 6))
    circuits, wanted = [], []
    for a, b, c, d, e, f in angles:
        plain, circuit = QuantumCircuit(1), QuantumCircuit(1, 1)
        for target in (plain, circuit):
            target.append(_u2(a, b), [0])
            target.append(_u2(c, d, "mine" if target is circuit else "u2"), [0])
            target.append(_u2(e, f), [0])
        circuit.add_calibration("mine", [0], defaults.get("u2", 0, c, d), [c, d])
        circuits.append(measured(circuit))
        wanted.append(abs(Operator(plain).data[1, 0]) ** 2)
    result = run(simulator, circuits, device)
    found = np.array([ones(result, index) for index in range(6)])
    readout = device.properties()["qubits"][0]
    errors = {one["name"]: one["value"] for one in readout}
    zero = errors.get("prob_meas1_prep0", errors["readout_error"])
    one = errors.get("prob_meas0_prep1", errors["readout_error"])
    # The device's pulse is itself a few degrees off the textbook's axis.
    assert found == pytest.approx(zero + (1 - zero - one) * np.array(wanted), abs=0.05)


def _u2(phi: float, lam: float, name: str = "u2") -> Gate:
    if name != "u2":
        return Gate(name, 1, [phi, lam])
    from qiskit.circuit.library import U2Gate

    return U2Gate(phi, lam)


def test_delays_and_gates_have_durations(simulator: Simulator, armonk: Device) -> None:
    """T1 is 182.66 µs: after 822_000 dt more than a third is left."""
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.delay(822_000, 0)
    circuit.add_calibration("x", [0], drag(2 * HALF_X))
    assert ones(run(simulator, measured(circuit), armonk)) == pytest.approx(0.374, abs=0.02)


def test_circuits_without_pulses_as_points(simulator: Simulator, armonk: Device) -> None:
    zero, one = QuantumCircuit(1, 1), QuantumCircuit(1, 1)
    one.x(0)
    circuits = [measured(zero), measured(one)]
    result = run(simulator, circuits, armonk, meas_level=1, meas_return="avg")
    assert result.get_memory(0).shape == (1,)
    clouds = result.results[0].metadata["iq_clouds"]["qubit 0"]
    for index in (0, 1):
        wanted = complex(*clouds["centres"][index])
        assert abs(result.get_memory(index)[0] - wanted) < clouds["sigma"] / 10


def test_circuits_with_a_moved_channel(simulator: Simulator, armonk: Device) -> None:
    """A pulse far from resonance does nothing."""
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.add_calibration("x", [0], drag(2 * HALF_X))
    on, off = (
        run(simulator, measured(circuit), armonk, schedule_los={pulse.DriveChannel(0): frequency})
        for frequency in (4.9718528e9, 4.8e9)
    )
    assert ones(on) > 0.95
    assert ones(off) < 0.05


def test_own_pulses_for_the_measurement(simulator: Simulator, armonk: Device) -> None:
    """A pulse before the acquisition, inside the gate that measures."""
    defaults = AssemblyTarget(armonk).defaults().instruction_schedule_map
    flipped = drag(2 * HALF_X).insert(320, defaults.get("measure", 0))
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    circuit.add_calibration("measure", [0], flipped)
    assert ones(run(simulator, circuit, armonk)) > 0.95


def test_gates_without_a_calibrated_duration(simulator: Simulator, armonk: Device) -> None:
    document = on_the_wire(_hadamard(), armonk)
    document["config"]["calibrations"]["gates"].append(
        {"name": "h", "qubits": [0], "params": [0.1], "instructions": []}
    )
    with pytest.raises(JobRefused) as caught:
        simulator.run("job", "ibmq_armonk", document, 1)
    assert "h" in caught.value.message


def _hadamard() -> QuantumCircuit:
    circuit = QuantumCircuit(1, 1)
    circuit.h(0)
    circuit.x(0)
    circuit.add_calibration("x", [0], drag(0.1))
    circuit.measure(0, 0)
    return circuit


def test_later_pulses_for_a_gate_replace_earlier_ones() -> None:
    first: dict[str, Any] = {"name": "x", "qubits": [0], "params": [], "instructions": []}
    second = {**first, "instructions": [{"name": "delay"}]}
    found = Calibrations([first, second]).find({"name": "x", "qubits": [0]})
    assert found == [{"name": "delay"}]
    assert Calibrations([first]).find({"name": "x", "qubits": [1]}) is None
    assert Calibrations([first]).find({"name": "x", "qubits": [0], "params": ["a"]}) is None
    assert not Calibrations([])


def test_drive_channels_of_unchecked_pulses() -> None:
    channels: list[Any] = ["d1", "d03", "", "d", "m0", None, 4, "d" + "9" * 5000]
    pulses: Any = [*({"ch": one} for one in channels), {}, False, "d2"]
    assert drive_channels(pulses) == {1, 3}
