"""Published counts beside those of the emulator and of a simulator without noise."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from qiskit import QuantumCircuit, assemble, transpile
from qiskit.providers.models import BackendProperties
from qiskit.transpiler.exceptions import TranspilerError

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.simulation.simulator import Simulator
from scripts._agreement.records import Record, RecordError

__all__ = ["Comparison", "Drift", "compare", "distance", "drifts", "sampling_distance"]

_NOISELESS = "ibmq_qasm_simulator"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far one published result is from the emulated ones, in total variation distance.

    Attributes:
        record: the published result.
        emulated: mean distance from the emulation, over the layouts that the transpiler chose.
        noiseless: distance from the simulation without noise.
        sampling: distance to expect of two samples of the emulated distribution.
    """

    record: Record
    emulated: float
    noiseless: float
    sampling: float

    @property
    def is_nearer(self) -> bool:
        """Whether the emulation is nearer to the device than a simulation without noise."""
        return self.emulated < self.noiseless


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one device is from itself, in total variation distance.

    Attributes:
        device: name of the device.
        dates: days of the two runs.
        distance: distance of the two results of one circuit on one layout.
    """

    device: str
    dates: tuple[str, str]
    distance: float


def compare(simulator: Simulator, record: Record, *, seeds: int, shots: int) -> Comparison:
    """Run the circuit of a record on the emulated device and compare the counts.

    Args:
        simulator: the emulator.
        record: the published result.
        seeds: number of transpiler seeds, for as many possible layouts.
        shots: shots for each seed, limited by the device.

    Raises:
        UnknownDevice: the device is not emulated on the date of the simulator.
        RecordError: on that date the device has fewer qubits than the layout.
    """
    device = simulator.device(record.device)
    if record.layout is not None and max(record.layout) >= device.num_qubits:
        raise RecordError(
            f"{record.id} needs qubit {max(record.layout)}, but {device.name} has "
            f"{device.num_qubits} qubits on that date."
        )
    circuit = record.circuit()
    published = _frequencies(record.counts)
    compiled = [_transpiled(device, circuit, record, seed) for seed in range(seeds)]
    different = [each for index, each in enumerate(compiled) if each not in compiled[:index]]
    weights = [compiled.count(each) for each in different]  # often all seeds give one circuit
    shots = min(shots, device.max_shots)
    emulated = [
        _run(simulator, device, each, shots, weight)
        for each, weight in zip(different, weights, strict=True)
    ]
    limits = [
        sampling_distance(each, record.shots, shots * weight)
        for each, weight in zip(emulated, weights, strict=True)
    ]
    ideal = simulator.device(_NOISELESS)
    noiseless = _run(simulator, ideal, circuit, ideal.max_shots)
    return Comparison(
        record=record,
        emulated=_weighted([distance(published, each) for each in emulated], weights),
        noiseless=distance(published, noiseless),
        sampling=_weighted(limits, weights),
    )


def drifts(records: Iterable[Record]) -> list[Drift]:
    """Return the distances between results of the same circuit on the same qubits."""
    same: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        if record.date is not None and record.layout is not None:
            same.setdefault((record.device, record.qasm, record.layout), []).append(record)
    return [
        Drift(
            first.device,
            (str(first.date), str(second.date)),
            distance(_frequencies(first.counts), _frequencies(second.counts)),
        )
        for group in same.values()
        for first, second in itertools.combinations(group, 2)
        if first.date != second.date
    ]


def distance(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """Return the total variation distance of two distributions."""
    values = first.keys() | second.keys()
    return sum(abs(first.get(each, 0.0) - second.get(each, 0.0)) for each in values) / 2


def sampling_distance(distribution: Mapping[int, float], *shots: int) -> float:
    """Return the expected distance of two samples of one distribution, of these numbers of shots.

    A difference of two frequencies is nearly normal, and the mean of its absolute value is
    sqrt(2/pi) times its standard deviation.
    """
    per_shot = sum(1 / number for number in shots)
    return sum(math.sqrt(2 / math.pi * p * (1 - p) * per_shot) for p in distribution.values()) / 2


def _transpiled(
    device: Device, circuit: QuantumCircuit, record: Record, seed: int
) -> QuantumCircuit:
    properties = device.properties()
    broken = {qubits for _, qubits in device.broken_gates}
    compiled = partial(
        transpile,
        circuit,
        basis_gates=list(device.basis_gates),
        coupling_map=sorted(map(list, (device.coupling or frozenset()) - broken)),
        backend_properties=properties and BackendProperties.from_dict(properties),
        optimization_level=record.optimization_level,
        seed_transpiler=seed,
    )
    if record.layout is not None:
        return compiled(initial_layout=list(record.layout))
    # Until 2022 Terra placed a circuit as it was if its gates fitted, and densely otherwise.
    try:
        return compiled(layout_method="trivial", routing_method="none")
    except TranspilerError:
        return compiled(layout_method="dense", routing_method="stochastic")


def _run(
    simulator: Simulator, device: Device, circuit: QuantumCircuit, shots: int, times: int = 1
) -> dict[int, float]:
    """Return the frequencies of the counts of a circuit that is run several times."""
    qobj = assemble([circuit] * times, shots=shots).to_dict()
    result = simulator.run("", device.name, qobj, seed=1)
    if not result["success"]:
        raise RuntimeError(f"{circuit.name} fails on {device.name}: {result['error']['message']}")
    counts: Counter[int] = Counter()
    for each in result["results"]:
        found = each["data"]["counts"]
        counts.update({int(value, 16): number for value, number in found.items()})
    return _frequencies(counts)


def _frequencies(counts: Mapping[int, int]) -> dict[int, float]:
    total = sum(counts.values())
    return {value: number / total for value, number in counts.items()}


def _weighted(values: Sequence[float], weights: Sequence[int]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
