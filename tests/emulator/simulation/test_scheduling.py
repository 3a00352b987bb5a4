"""When instructions start, how long qubits wait for them, and what relaxes in that time."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.random import random_circuit
from qiskit.providers import fake_provider
from qiskit.providers.models import BackendProperties
from qiskit.quantum_info import DensityMatrix
from qiskit.transpiler import InstructionDurations, PassManager
from qiskit.transpiler.passes import ALAPScheduleAnalysis, PadDelay
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from ibmq_backend.emulator.checks.noise_options import Method
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.simulation.circuits import build_circuit
from ibmq_backend.emulator.simulation.scheduling import (
    WAIT,
    Entry,
    insert_waits,
    replace_delays,
    timetable_of,
)
from ibmq_backend.emulator.simulation.simulator import Simulator

pytestmark = pytest.mark.filterwarnings("ignore:All fake backend instances:DeprecationWarning")

SHOTS = 8000
SECONDS = {"x": 1.0, "cx": 4.0, "measure": 10.0, "rz": 0.0, "bfunc": 0.0}


@lru_cache(maxsize=1)
def published() -> Simulator:
    return Simulator(DeviceOptions(calibration="published"), threads=1)


def gate(name: str, *qubits: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "qubits": list(qubits), **more}


def delay(qubit: int, samples: int) -> dict[str, Any]:
    return gate("delay", qubit, params=[samples])


def measured(*qubits: int) -> list[dict[str, Any]]:
    return [gate("measure", qubit, memory=[slot]) for slot, qubit in enumerate(qubits)]


def seconds_of(instruction: dict[str, Any]) -> float:
    if instruction["name"] == "delay":
        return float(instruction["params"][0])
    return SECONDS[instruction["name"]]


def waits(
    *instructions: dict[str, Any], method: Method = "alap", initialized: bool = True
) -> list[tuple[str, int, float]]:
    """The waits as (instruction waited for, qubit, time); "end" for the end of the circuit."""
    schedule = insert_waits(instructions, seconds_of, method, initialized=initialized)
    found, pending = [], []
    for one in schedule.instructions:
        if one["name"] == WAIT:
            pending.append((one["qubits"][0], one["seconds"]))
        else:
            found += [(one["name"], *wait) for wait in pending]
            pending = []
    assert not any(one["name"] == "delay" for one in schedule.instructions)
    return found + [("end", *wait) for wait in pending]


def job(
    instructions: list[dict[str, Any]],
    device: str = "ibmq_rome",
    simulator: Simulator | None = None,
    **config: Any,
) -> dict[str, Any]:
    document = {
        "qobj_id": "id",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": {"shots": SHOTS, **config},
        "experiments": [{"instructions": instructions}],
    }
    return (simulator or published()).run("j", device, document, 7)


def zeros(result: dict[str, Any], slot: int = 0) -> float:
    """The share of shots in which a bit reads 0."""
    counts: dict[str, int] = result["results"][0]["data"]["counts"]
    return sum(n for value, n in counts.items() if not int(value, 16) >> slot & 1) / SHOTS


# -- times ---------------------------------------------------------------------------------


def test_instructions_start_late_or_soon() -> None:
    entries = [Entry((0,), 1.0), Entry((1,), 3.0), Entry((0, 1), 2.0), Entry((0,), 5.0)]
    assert timetable_of(entries, "asap").starts == [0.0, 0.0, 3.0, 5.0]
    late = timetable_of(entries, "alap")
    assert (late.starts, late.seconds) == ([2.0, 0.0, 3.0, 5.0], 10.0)
    entries = [Entry((0,), 1.0), Entry((1,), 3.0)]
    assert timetable_of(entries, "alap").starts == [2.0, 0.0]
    assert timetable_of([], "alap").seconds == 0.0


def test_a_qubit_waits_for_its_neighbour() -> None:
    assert waits(gate("x", 0), gate("cx", 1, 2), gate("cx", 0, 1), *measured(0)) == []
    circuit = gate("x", 0), gate("cx", 1, 2), gate("cx", 0, 1), *measured(0)
    assert waits(*circuit, method="asap") == [("cx", 0, 3.0)]
    circuit = gate("cx", 0, 1), gate("cx", 1, 2), *measured(0, 1, 2)
    assert waits(*circuit) == [("measure", 0, 4.0)]
    assert waits(*circuit, method="asap") == []


def test_barriers_tie_qubits_that_no_gate_connects() -> None:
    wall = gate("barrier", 0, 1)
    circuit = gate("x", 0), wall, gate("x", 1), gate("x", 1), wall, *measured(0, 1)
    for method in ("alap", "asap"):
        assert waits(*circuit, method=method) == [("measure", 0, 2.0)]
    assert waits(gate("x", 0), gate("x", 1), gate("x", 1), *measured(0, 1)) == []


def test_delays_and_idle_time_are_one_wait() -> None:
    circuit = gate("x", 0), delay(0, 5), gate("rz", 0), delay(0, 2), *measured(0)
    assert waits(*circuit) == [("rz", 0, 5.0), ("measure", 0, 2.0)]
    assert waits(delay(0, 5), gate("x", 0), *measured(0), delay(0, 9)) == []
    schedule = replace_delays(circuit, seconds_of)
    assert [one["name"] for one in schedule.instructions] == ["x", WAIT, "rz", WAIT, "measure"]


def test_without_initialization_qubits_wait_from_the_start_to_the_end() -> None:
    circuit = gate("cx", 0, 1), gate("x", 2), *measured(0)
    assert waits(*circuit, initialized=False) == [("x", 2, 13.0), ("end", 1, 10.0)]
    assert waits(*circuit, initialized=False, method="asap") == [("end", 1, 10.0), ("end", 2, 13.0)]
    delays = (delay(0, 5), gate("x", 0), delay(0, 7))
    found = replace_delays(delays, seconds_of, initialized=False).instructions
    assert [one.get("seconds") for one in found] == [5.0, None, 7.0]


def test_conditions_wait_for_their_measurement() -> None:
    circuit = (
        gate("measure", 0, memory=[3]),
        gate("x", 1),
        {"name": "bfunc", "mask": "0x8", "val": "0x8", "relation": "==", "register": 2},
        gate("x", 1, conditional=2),
        gate("measure", 1, memory=[1]),
    )
    assert waits(*circuit, method="asap") == [("x", 1, 9.0)]
    assert waits(*circuit) == []


# -- what relaxes --------------------------------------------------------------------------

WALL = gate("barrier", 0, 1)
BUSY_NEIGHBOUR = [gate("x", 0), WALL, *[gate("x", 1)] * 2000, WALL, *measured(0, 1)]


def t1_and_pulse(device: str) -> tuple[float, float]:
    chosen = published()
    noise = chosen.noise(chosen.device(device), {})
    assert noise is not None
    return noise.t1_seconds(0), noise.durations.of(gate("x", 1))


@pytest.mark.parametrize("device", ["ibmq_rome", "ibmq_essex", "ibmqx4"])
def test_an_excited_qubit_decays_while_its_neighbour_works(device: str) -> None:
    """With and without dt in the snapshot; the calibration of ibmqx4 has no gate lengths."""
    t1, pulse = t1_and_pulse(device)
    at_once, ground = (zeros(job([*x, *measured(0)], device)) for x in ([gate("x", 0)], []))
    waited = zeros(job(BUSY_NEIGHBOUR, device))
    decayed = 1 - math.exp(-2000 * pulse / t1)
    assert decayed > 0.3
    assert waited == pytest.approx(at_once + (ground - at_once) * decayed, abs=0.04)
    gates = job(BUSY_NEIGHBOUR, device, noise="gates")
    assert zeros(gates) == pytest.approx(at_once, abs=0.03)


def test_a_job_may_choose_its_noise() -> None:
    assert zeros(job(BUSY_NEIGHBOUR, noise="none")) == 0.0
    document = job(BUSY_NEIGHBOUR)
    assert document["metadata"]["noise"] is True
    assert document["metadata"]["noise_model"] == "full"
    assert document["metadata"]["scheduling_method"] == "alap"
    assert 0.42 < zeros(document) < 0.50


def test_an_emulator_may_choose_the_noise_of_all_jobs() -> None:
    quiet = Simulator(DeviceOptions(noise="none"), threads=1)
    document = job(BUSY_NEIGHBOUR, simulator=quiet)
    assert (zeros(document), document["metadata"]["noise_model"]) == (0.0, "none")
    document = job(BUSY_NEIGHBOUR, simulator=quiet, noise="gates")
    assert document["metadata"]["noise_model"] == "gates"


def test_the_results_state_the_noise() -> None:
    stated = {
        word: job(measured(0), noise=word)["results"][0]["metadata"]
        for word in ("full", "gates", "none")
    }
    assert [stated[word]["noise"] for word in stated] == [True, True, False]
    assert [stated[word]["noise_model"] for word in stated] == ["full", "gates", "none"]
    assert "warning" not in stated["none"]
    assert "scheduling_method" not in stated["gates"]
    assert "warning" in job(measured(0), "ibmqx5")["metadata"]


def test_as_late_as_possible_leaves_a_flip_next_to_its_measurement() -> None:
    """After the barrier the neighbour of the flipped qubit has work, and nothing ties the flip."""
    circuit = [gate("x", 0), *[gate("x", 1)] * 2000, WALL, *measured(0, 1)]
    at_once = zeros(job([gate("x", 0), *measured(0)]))
    for word in ("alap", "as_late_as_possible"):
        late = job(circuit, scheduling_method=word)
        assert zeros(late) == pytest.approx(at_once, abs=0.02)
    for word in ("asap", "as_soon_as_possible"):
        soon = job(circuit, scheduling_method=word)
        assert soon["metadata"]["scheduling_method"] == "asap"
        assert 0.42 < zeros(soon) < 0.50


def test_the_same_seed_gives_the_same_shots() -> None:
    one, two = (job(BUSY_NEIGHBOUR, memory=True)["results"][0]["data"] for _ in range(2))
    assert one == two


@pytest.mark.parametrize("noise", ["full", "gates"])
def test_delays_relax_with_and_without_idle_time(noise: str) -> None:
    t1, _ = t1_and_pulse("ibmq_rome")
    dt = published().device("ibmq_rome").dt
    assert dt is not None
    at_once = zeros(job([gate("x", 0), *measured(0)]))
    waited = zeros(job([gate("x", 0), delay(0, round(t1 / dt)), *measured(0)], noise=noise))
    assert waited == pytest.approx(at_once + (1 - at_once) * (1 - math.exp(-1)), abs=0.03)


# -- beside Aer's own way ------------------------------------------------------------------


def scheduled_by_terra(backend: Any, circuit: QuantumCircuit) -> DensityMatrix:
    """The state before the measurements, with a noise model and delays as Aer makes them."""
    durations = InstructionDurations.from_backend(backend)
    passes = PassManager([ALAPScheduleAnalysis(durations), PadDelay()])
    scheduled = passes.run(circuit)
    scheduled.remove_final_measurements()
    scheduled.save_density_matrix()
    model = NoiseModel.from_backend(backend)
    run = AerSimulator(method="density_matrix").run(scheduled, noise_model=model).result()
    return DensityMatrix(run.data()["density_matrix"])


def scheduled_here(device: Device, instructions: list[dict[str, Any]]) -> DensityMatrix:
    noise = published().noise(device, {})
    assert noise is not None
    qubits = tuple(range(device.num_qubits))
    timed = noise.schedule(instructions).instructions
    assert any(one["name"] == WAIT for one in timed)
    circuit = build_circuit(
        [one for one in timed if one["name"] != "measure"],
        qubits=qubits,
        slots=(),
        basis=device.calibrated_basis,
        name="here",
        relaxation=noise.relaxation,
    )
    circuit.save_density_matrix()
    simulator = AerSimulator(method="density_matrix")
    run = simulator.run(circuit, noise_model=noise.model(qubits)).result()
    return DensityMatrix(run.data()["density_matrix"])


@pytest.mark.parametrize(
    ("name", "fake"),
    [("ibmq_rome", "FakeRome"), ("ibmq_lima", "FakeLima"), ("ibmq_jakarta", "FakeJakarta")],
)
def test_agreement_with_circuits_that_terra_schedules(name: str, fake: str) -> None:
    backend, device = getattr(fake_provider, fake)(), published().device(name)
    document = device.properties()
    backend.properties = lambda: BackendProperties.from_dict(document)  # of the same date
    for seed in range(3):
        circuit = random_circuit(4, 6, max_operands=2, seed=seed)
        circuit.measure_all()
        compiled = transpile(circuit, backend, optimization_level=1, seed_transpiler=seed,
                             initial_layout=[0, 1, 2, 3])  # fmt: skip
        instructions = []
        for one in compiled.data:
            qubits = [compiled.find_bit(qubit).index for qubit in one.qubits]
            more = {"memory": [compiled.find_bit(bit).index for bit in one.clbits]}
            params = [float(value) for value in one.operation.params]
            instructions.append(gate(one.operation.name, *qubits, params=params, **more))
        expected = scheduled_by_terra(backend, compiled).data
        assert np.allclose(scheduled_here(device, instructions).data, expected, atol=1e-5)
