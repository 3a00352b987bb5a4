"""Jobs on the simulators: conditions, seeds, noise, methods."""

from __future__ import annotations

from checks import check, distance, equal, share
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, assemble, transpile
from qiskit_aer.noise import NoiseModel, ReadoutError
from scene import SIMULATOR, Scene, bell, constant, fitted
from steps import Steps

steps = Steps("simulators")

_SHOTS = 2000


@steps("an assembled Qobj, a circuit and a list")
def inputs(scene: Scene) -> None:
    backend = scene.backend(SIMULATOR)
    document = assemble(transpile(bell(), backend), backend, shots=_SHOTS)
    jobs = [
        backend.run(document),
        backend.run(transpile(bell(), backend), shots=_SHOTS),
        backend.run([bell("first"), constant(6, 3, "second")], shots=_SHOTS),
    ]
    for job in jobs:
        counts = job.result().get_counts(0)
        equal(sum(counts.values()), _SHOTS, "shots")
        equal(set(counts), {"00", "11"}, "outcomes")
        check(0.42 < share(counts, "00") < 0.58, f"not half and half: {counts}")
    equal(dict(jobs[2].result().get_counts("second")), {"110": _SHOTS}, "second circuit")
    scene.jobs["simulated"] = jobs[1]


@steps("a gate that depends on a measurement, over two registers")
def conditions(scene: Scene) -> None:
    qubits = QuantumRegister(2)
    sent, got = ClassicalRegister(1, "sent"), ClassicalRegister(2, "got")
    circuit = QuantumCircuit(qubits, sent, got)
    circuit.x(0)
    circuit.measure(0, sent[0])
    circuit.x(1).c_if(sent, 1)
    circuit.reset(0)
    circuit.measure(qubits, got)
    counts = scene.backend(SIMULATOR).run(circuit, shots=100).result().get_counts()
    equal(dict(counts), {"10 1": 100}, "counts")


@steps("the same seed gives the same counts, another one others")
def seeds(scene: Scene) -> None:
    backend = scene.backend(SIMULATOR)
    circuit = QuantumCircuit(4, 4)
    circuit.h(range(4))
    circuit.measure(range(4), range(4))
    found = [
        backend.run(circuit, seed_simulator=seed, shots=_SHOTS).result().get_counts()
        for seed in (11, 11, 12)
    ]
    equal(found[0], found[1], "same seed")
    check(found[0] != found[2], f"seeds 11 and 12 both gave {found[0]}")


@steps("a noise model is applied")
def noise_model(scene: Scene) -> None:
    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[0.8, 0.2], [0.4, 0.6]]))
    backend = scene.backend(SIMULATOR)
    job = backend.run(constant(1, 1, "one"), noise_model=model, shots=8000, seed_simulator=3)
    counts = job.result().get_counts()
    check(0.37 < share(counts, "0") < 0.43, f"of ones, 40 % are to be read as 0: {counts}")
    check("noise_model" in job.backend_options(), "the noise model is not among the options")


@steps("the noise of a device on the simulator is that of the device")
def device_noise(scene: Scene) -> None:
    device = scene.backend()
    model = NoiseModel.from_backend(device)
    job = scene.backend(SIMULATOR).run(
        fitted(bell(), device), noise_model=model, shots=8000, seed_simulator=4
    )
    counts, found = job.result().get_counts(), scene.job("qobj").result().get_counts()
    check(distance(counts, found) < 0.04, f"{counts} on the simulator, {found} on the device")


@steps("simulators of other methods")
def methods(scene: Scene) -> None:
    for name, width in (
        ("simulator_statevector", 4),
        ("simulator_mps", 40),
        ("simulator_stabilizer", 60),
        ("simulator_extended_stabilizer", 4),
    ):
        circuit = QuantumCircuit(width, width)
        circuit.h(0)
        for qubit in range(1, width):
            circuit.cx(qubit - 1, qubit)
        circuit.measure(range(width), range(width))
        counts = scene.backend(name).run(circuit, shots=400).result().get_counts()
        equal(set(counts), {"0" * width, "1" * width}, name)
