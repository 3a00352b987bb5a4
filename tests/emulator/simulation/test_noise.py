"""The noise of a device is the one that Aer derives from the same calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.providers import fake_provider
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.simulator import Simulator

pytestmark = pytest.mark.filterwarnings("ignore:All fake backend instances:DeprecationWarning")
SHOTS = 8192


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(DeviceOptions(calibration="published"), threads=1)


def qobj(*circuits: list[dict[str, Any]], shots: int = SHOTS, **config: Any) -> dict[str, Any]:
    return {
        "qobj_id": "id",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": {"shots": shots, **config},
        "experiments": [{"instructions": instructions} for instructions in circuits],
    }


def gate(name: str, *qubits: int, params: tuple[float, ...] = ()) -> dict[str, Any]:
    return {"name": name, "qubits": list(qubits), "params": list(params)}


def measured(*qubits: int) -> list[dict[str, Any]]:
    return [
        {"name": "measure", "qubits": [qubit], "memory": [slot]}
        for slot, qubit in enumerate(qubits)
    ]


BELL_U = [gate("u2", 0, params=(0.0, math.pi)), gate("cx", 0, 1), *measured(0, 1)]
BELL_RZ = [
    gate("rz", 0, params=(math.pi / 2,)), gate("sx", 0), gate("rz", 0, params=(math.pi / 2,)),
    gate("cx", 0, 1), *measured(0, 1),
]  # fmt: skip


def counts_of(result: dict[str, Any], index: int = 0) -> dict[int, int]:
    counts = result["results"][index]["data"]["counts"]
    assert sum(counts.values()) == result["results"][index]["shots"]
    return {int(value, 16): number for value, number in counts.items()}


def assert_same_distribution(first: Mapping[int, int], second: Mapping[int, int]) -> None:
    """Total variation distance within what sampling twice explains, at odds of one in 10^6.

    The mean of the distance is at most sqrt(outcomes / (pi * shots)); McDiarmid's inequality
    bounds the excess.
    """
    shots = sum(first.values())
    assert shots == sum(second.values())
    outcomes = set(first) | set(second)
    distance = sum(abs(first.get(k, 0) - second.get(k, 0)) for k in outcomes) / (2 * shots)
    mean = math.sqrt(len(outcomes) / (math.pi * shots))
    assert distance <= mean + math.sqrt(math.log(1e6) / shots), (first, second)


def reference(fake: str, circuit: QuantumCircuit, seed: int = 11) -> dict[int, int]:
    backend = getattr(fake_provider, fake)()
    simulator = AerSimulator.from_backend(backend)
    result = simulator.run(circuit, shots=SHOTS, seed_simulator=seed).result()
    return {int(value, 2): number for value, number in result.get_counts().items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "fake"), [("ibmq_vigo", "FakeVigo"), ("ibmq_london", "FakeLondon")]
)
def test_every_error_is_aers_own(simulator: Simulator, name: str, fake: str) -> None:
    device = simulator.device(name)
    model = DeviceNoise(device).model(tuple(range(device.num_qubits)))
    expected = NoiseModel.from_backend(getattr(fake_provider, fake)())
    assert model.noise_instructions == expected.noise_instructions
    assert model._local_quantum_errors == expected._local_quantum_errors
    assert model._local_readout_errors == expected._local_readout_errors


def test_errors_move_with_the_qubits_of_the_reduced_circuit(catalog: Catalog) -> None:
    noise = DeviceNoise(catalog.get("ibmq_vigo"))
    whole, part = noise.model((0, 1, 2, 3, 4)), noise.model((3, 4))
    assert set(part._local_quantum_errors["cx"]) == {(0, 1), (1, 0)}
    for here, there in (((0, 1), (3, 4)), ((1, 0), (4, 3))):
        assert part._local_quantum_errors["cx"][here] == whole._local_quantum_errors["cx"][there]
    assert part._local_quantum_errors["sx"][0,] == whole._local_quantum_errors["sx"][3,]
    assert part._local_readout_errors[1,] == whole._local_readout_errors[4,]
    assert noise.model((3, 4)) is part


def test_broken_gates_have_no_noise(catalog: Catalog) -> None:
    noise = DeviceNoise(catalog.get("ibm_geneva"))
    assert not noise.calibrated("cx", (20, 19))
    assert noise.calibrated("cx", (19, 20))
    model = noise.model((19, 20))
    assert set(model._local_quantum_errors["cx"]) == {(0, 1)}


def test_a_device_without_calibration_has_no_noise_model(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="ibmqx5 has no calibration"):
        DeviceNoise(catalog.get("ibmqx5"))


@pytest.mark.slow
def test_bell_counts_agree_with_aer_on_the_same_snapshot(simulator: Simulator) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    compiled = transpile(circuit, fake_provider.FakeVigo(), initial_layout=[0, 1],
                         optimization_level=1, seed_transpiler=1)  # fmt: skip
    expected = reference("FakeVigo", compiled)
    for bell in (BELL_U, BELL_RZ):
        counts = counts_of(simulator.run("j", "ibmq_vigo", qobj(bell), 5))
        assert_same_distribution(counts, expected)
        assert counts[1] + counts[2] > 100, "no noise"


@pytest.mark.parametrize(
    ("device", "foreign", "own"),
    [
        ("ibmq_vigo", gate("u3", 2, params=(2.0, 0.3, -1.1)),
         [gate("rz", 2, params=(-1.1,)), gate("sx", 2), gate("rz", 2, params=(2.0 + math.pi,)),
          gate("sx", 2), gate("rz", 2, params=(0.3 + math.pi,))]),
        ("ibmq_london", gate("sx", 2), [gate("u2", 2, params=(-math.pi / 2, math.pi / 2))]),
        ("ibmq_london", gate("x", 2), [gate("u3", 2, params=(math.pi, 0.0, math.pi))]),
    ],
)  # fmt: skip
def test_gates_of_the_other_basis_have_the_same_noise(
    simulator: Simulator, device: str, foreign: dict[str, Any], own: list[dict[str, Any]]
) -> None:
    one = simulator.run("j", device, qobj([foreign] * 9 + measured(2)), 5)
    two = simulator.run("j", device, qobj(own * 9 + measured(2)), 5)
    assert counts_of(one) == counts_of(two)


def test_one_qubit_flips_as_often_as_its_readout_error_says(simulator: Simulator) -> None:
    document = Catalog().get("ibmq_vigo").properties()
    assert document is not None
    for qubit in range(5):
        rates = {block["name"]: block["value"] for block in document["qubits"][qubit]}
        stated = rates["prob_meas1_prep0"]
        counts = counts_of(simulator.run("j", "ibmq_vigo", qobj(measured(qubit)), qubit))
        deviation = math.sqrt(stated * (1 - stated) / SHOTS)
        assert abs(counts.get(1, 0) / SHOTS - stated) < 5 * deviation


def test_delays_relax(simulator: Simulator) -> None:
    excited = [gate("x", 0), gate("delay", 0, params=(450_000,)), *measured(0)]  # 100 µs
    direct = [gate("x", 0), *measured(0)]
    result = simulator.run("j", "ibmq_vigo", qobj(excited, direct), 5)
    assert counts_of(result, 0)[1] < 0.6 * SHOTS < 0.9 * SHOTS < counts_of(result, 1)[1]


@pytest.mark.parametrize("device", ["ibmqx4", "ibmq_20_tokyo", "ibm_prague", "ibm_sherbrooke"])
def test_devices_of_all_kinds_are_noisy(
    simulator: Simulator, catalog: Catalog, device: str
) -> None:
    chosen = catalog.get(device)
    assert chosen.coupling is not None
    first, second = min(chosen.coupling)
    two = next(name for name in ("cx", "cz", "ecr") if name in chosen.basis_gates)
    flips = [gate("x", first)] * (two == "cx") + [gate("x", second)]
    gates = [gate(two, first, second)] * 32  # even: nothing, but for the noise
    result = simulator.run("j", device, qobj([*flips, *gates, *measured(first, second)]), 5)
    direct = simulator.run("j", device, qobj([*flips, *measured(first, second)]), 5)
    assert result["metadata"]["noise"] is True
    right = 3 if two == "cx" else 2
    assert counts_of(result)[right] < counts_of(direct)[right] - 300  # seven deviations


def test_noise_is_that_of_the_median_of_the_calibrations(catalog: Catalog) -> None:
    device = catalog.get("ibmq_vigo")
    newest, usual = device.properties(), device.noise_properties()
    assert newest is not None
    assert usual is not None

    def readout(document: dict[str, Any], qubit: int) -> tuple[float, float]:
        values = {block["name"]: block["value"] for block in document["qubits"][qubit]}
        return values["prob_meas1_prep0"], values["prob_meas0_prep1"]

    found = [DeviceNoise(device).readout_flips(qubit) for qubit in range(5)]
    assert found == [pytest.approx(readout(usual, qubit)) for qubit in range(5)]
    assert found != [pytest.approx(readout(newest, qubit)) for qubit in range(5)]


def test_a_device_without_calibration_says_so_in_the_result(simulator: Simulator) -> None:
    bell = [gate("u2", 1, params=(0.0, math.pi)), gate("cx", 1, 0), *measured(0, 1)]
    result = simulator.run("j", "ibmq_16_rueschlikon", qobj(bell), 5)
    assert set(counts_of(result)) == {0, 3}
    for metadata in (result["metadata"], result["results"][0]["metadata"]):
        assert metadata["noise"] is False
        assert "without noise" in metadata["warning"]
