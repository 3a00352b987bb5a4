"""The program ``estimator``: from circuits and observables to expectation values, in a worker.

Each circuit is measured on the device in every basis that its observables need, as by a user of
the sampler. Errors of the readout are mitigated with the errors that the calibration states; other
mitigation is not emulated, which the metadata of the result says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from math import pi
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.form import (
    DEFAULT_RESILIENCE_LEVEL,
    observables_of,
    precision_of,
)
from ibmq_backend.emulator.sampler.observables import (
    Basis,
    Observable,
    broadcast,
    group,
    read_observables,
)
from ibmq_backend.emulator.sampler.pubs import (
    MAX_CIRCUITS,
    Document,
    LoadedPub,
    check_executions,
    check_options,
    circuit_metadata,
    load_pub,
    run_config,
    seeds_of,
    too_many_circuits,
)
from ibmq_backend.emulator.sampler.reading_limits import bounded_reading
from ibmq_backend.emulator.sampler.static_run import instructions_of, is_dynamic
from ibmq_backend.emulator.sampler.typed_values import encode_array
from ibmq_backend.emulator.simulation.device_run import run_on_device
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.simulator import (
    Simulator,
    describe_device_emulation,
    seed_of,
)

__all__ = ["run_estimator"]

Array = NDArray[np.float64]
Counts = Mapping[str, int]

_MITIGATION: Final = "inverse of the readout errors in the calibration"
_WORST_READOUT: Final = 0.01
"""A qubit whose readout distinguishes the levels less than this is not mitigated."""


class _Setting(NamedTuple):
    """One circuit to be run: a point of a pub in one basis, for some of its Pauli strings."""

    point: int
    basis: Basis
    paulis: list[str]


@dataclass(frozen=True)
class _Pub:
    """A pub and all circuits that it needs.

    Attributes:
        loaded: the circuit.
        observables: in C order.
        shape: of the result.
        pairs: for each element of the result the point and the observable.
        wanted: the observables of each point.
        settings: the circuits to be run, point after point.
    """

    loaded: LoadedPub
    observables: list[Observable]
    shape: list[int]
    pairs: list[tuple[int, int]]
    wanted: dict[int, list[int]]
    settings: list[_Setting]
    precision: float
    shots: int


class _Estimates(NamedTuple):
    """Expectation values and their standard errors, in the shape of the pub."""

    evs: Array
    stds: Array


def run_estimator(
    simulator: Simulator, _job_id: str, device_name: str, params: Document, seed: int | None
) -> Document:
    """Load the circuits of a job, check them against the device and estimate the observables.

    The same job with the same seed gives the same estimates.

    Args:
        simulator: devices and limits.
        _job_id: id of the job, which is not part of the document.
        device_name: name or alias of a device, not of a simulator.
        params: input of the program, in its documented form.
        seed: seed of the job; for None a seed is drawn and reported.

    Returns:
        ``document``, plain or typed as the job asks, and ``executions``, the shots of each circuit
        that was run.

    Raises:
        UnknownDevice: if the device does not exist.
        JobRefused: with the code of the service, if a circuit or its observables cannot be read or
            run, or if the options do not fit.
    """
    device, seed = simulator.device(device_name), seed_of(seed)
    noise = simulator.noise(device, {})
    options = params.get("options") or {}
    mitigated, not_applied = _mitigation(params)
    ignored = [*check_options(device, options), *not_applied]
    with bounded_reading():
        pubs = _load_all(device, params)
    executions = [pub.shots for pub in pubs for _ in pub.settings]
    check_executions(sum(executions))
    config = {**run_config(options), "memory": False}
    outcomes = _simulate(simulator, device, noise, pubs, config, seed)
    readout = noise if mitigated else None
    estimates = [_estimates(pub, own, readout) for pub, own in zip(pubs, outcomes, strict=True)]
    stated = describe_device_emulation(device, seed, noise)
    if mitigated and noise:
        stated = {**stated, "measure_mitigation": _MITIGATION}
    metadata = {
        "version": 2,
        "dynamical_decoupling": {"enable": False},
        "twirling": {"enable_gates": False, "enable_measure": False},
        "resilience": {
            "measure_mitigation": mitigated,
            "zne_mitigation": False,
            "pec_mitigation": False,
        },
        "emulation": {**stated, "ignored_options": ignored} if ignored else stated,
    }
    typed = bool(params.get("support_qiskit"))
    document = (_typed if typed else _plain)(pubs, estimates, metadata)
    return {"document": document, "executions": executions}


def _mitigation(params: Document) -> tuple[bool, list[str]]:
    """Return whether readout errors are mitigated, and what else was asked for."""
    level = params.get("resilience_level", DEFAULT_RESILIENCE_LEVEL)
    asked = (params.get("options") or {}).get("resilience") or {}
    zne = asked.get("zne_mitigation", level == 2 and not asked.get("pec_mitigation"))
    others = {"zne_mitigation": zne, "pec_mitigation": asked.get("pec_mitigation")}
    return asked.get("measure_mitigation", level >= 1), [name for name in others if others[name]]


def _load_all(device: Device, params: Document) -> list[_Pub]:
    pubs: list[_Pub] = []
    for index, pub in enumerate(params["pubs"]):
        pubs.append(_load(device, params, pub, index))
        if sum(len(one.settings) for one in pubs) > MAX_CIRCUITS:
            raise too_many_circuits()
    return pubs


def _load(device: Device, params: Document, pub: list[Any], index: int) -> _Pub:
    loaded = load_pub(device, pub[0], pub[2] if len(pub) > 2 else None, index)
    if is_dynamic(loaded.circuit):
        raise JobRefused(
            f"{loaded.label} has control flow, which an estimator cannot run",
            ErrorCode.DYNAMIC_CIRCUIT,
        )
    num_qubits = loaded.circuit.num_qubits
    own_shape, observables = read_observables(observables_of(pub[1]), num_qubits, loaded.label)
    shape, places = broadcast(loaded.shape, own_shape, loaded.label)
    pairs = list(places)
    wanted: dict[int, list[int]] = {}
    for point, observable in dict.fromkeys(pairs):
        wanted.setdefault(point, []).append(observable)
    groups: dict[tuple[int, ...], list[tuple[Basis, list[str]]]] = {}
    settings: list[_Setting] = []
    for point in sorted(wanted):
        key = tuple(wanted[point])
        if key not in groups:
            groups[key] = group(pauli for one in key for pauli in observables[one])
        settings += [_Setting(point, *one) for one in groups[key]]
        if len(settings) > MAX_CIRCUITS:
            raise too_many_circuits()
    precision, shots = precision_of(pub, params)
    return _Pub(loaded, observables, shape, pairs, wanted, settings, precision, shots)


def _simulate(
    simulator: Simulator,
    device: Device,
    noise: DeviceNoise | None,
    pubs: list[_Pub],
    config: Document,
    seed: int,
) -> list[list[Counts]]:
    """Return for each pub the counts of its circuits, in the order of its settings."""
    outcomes: list[list[Counts]] = [[] for _ in pubs]
    numbers = sorted({pub.shots for pub in pubs})
    for shots, own_seed in zip(numbers, seeds_of(seed, len(numbers)), strict=True):
        members = [place for place, pub in enumerate(pubs) if pub.shots == shots]
        experiments = [one for place in members for one in _experiments(pubs[place], device)]
        qobj = {"config": config, "experiments": experiments}
        runs = iter(run_on_device(simulator.aer, device, noise, qobj, shots, own_seed))
        for place in members:
            for run in islice(runs, len(pubs[place].settings)):
                if not run.success:
                    raise JobRefused(
                        f"The simulation failed: {run.status}", ErrorCode.PROGRAM_FAILED
                    )
                outcomes[place].append(run.data["counts"])
    return outcomes


def _experiments(pub: _Pub, device: Device) -> Iterator[Document]:
    for point, settings in groupby(pub.settings, key=attrgetter("point")):
        instructions = instructions_of(pub.loaded.bound[point], device)
        for setting in settings:
            yield {
                "header": {"name": pub.loaded.label},
                "instructions": _measured(instructions, setting.basis, device),
            }


def _measured(instructions: list[Document], basis: Basis, device: Device) -> list[Document]:
    """Return a circuit that measures qubits in a basis; its own measurements are left out.

    The result of the lowest qubit is in memory slot 0.
    """
    qubits = sorted(basis)
    written = [one for one in instructions if one["name"] != "measure"]
    for qubit in qubits:
        written += _rotation(qubit, basis[qubit], device)
    written.append({"name": "barrier", "qubits": qubits})
    return written + [
        {"name": "measure", "qubits": [qubit], "memory": [slot]}
        for slot, qubit in enumerate(qubits)
    ]


def _rotation(qubit: int, letter: str, device: Device) -> list[Document]:
    """Return the gates of the device that turn X or Y into Z."""
    if letter == "Z":
        return []
    if "sx" not in device.basis_gates:
        angle = pi if letter == "X" else pi / 2
        return [{"name": "u2", "qubits": [qubit], "params": [0.0, angle]}]
    half_turn = {"name": "sx", "qubits": [qubit]}
    if letter == "Y":
        return [half_turn]
    return [{"name": "rz", "qubits": [qubit], "params": [pi / 2]}, half_turn]


def _estimates(pub: _Pub, outcomes: list[Counts], readout: DeviceNoise | None) -> _Estimates:
    """Estimate the observables of a pub.

    Args:
        pub: the pub.
        outcomes: the counts of its circuits.
        readout: has the readout errors that are mitigated; None to mitigate none.
    """
    identity = "I" * pub.loaded.circuit.num_qubits
    means = {pair: pub.observables[pair[1]].get(identity, 0.0) for pair in pub.pairs}
    variances = dict.fromkeys(pub.pairs, 0.0)
    for setting, counts in zip(pub.settings, outcomes, strict=True):
        weights, values = _values(setting, counts, readout)
        for one in pub.wanted[setting.point]:
            terms = pub.observables[one]
            shares = [terms[pauli] * values[pauli] for pauli in setting.paulis if pauli in terms]
            if shares:
                total = np.sum(shares, axis=0)
                mean = float(weights @ total)
                means[setting.point, one] += mean
                variances[setting.point, one] += float(weights @ (total - mean) ** 2)
    evs = np.array([means[pair] for pair in pub.pairs]).reshape(pub.shape)
    stds = np.sqrt([variances[pair] / pub.shots for pair in pub.pairs]).reshape(pub.shape)
    return _Estimates(evs, stds)


def _values(
    setting: _Setting, counts: Counts, readout: DeviceNoise | None
) -> tuple[Array, dict[str, Array]]:
    """Return the share of each outcome, and the value of each Pauli string for each outcome."""
    qubits = sorted(setting.basis)
    width = -(-len(qubits) // 8)
    content = b"".join(int(value, 16).to_bytes(width, "little") for value in counts)
    packed = np.frombuffer(content, np.uint8).reshape(len(counts), width)
    bits = np.unpackbits(packed, axis=1, bitorder="little")
    columns = {
        qubit: _eigenvalues(qubit, readout)[bits[:, slot]] for slot, qubit in enumerate(qubits)
    }
    values = {
        pauli: np.prod(
            [columns[qubit] for qubit, letter in enumerate(reversed(pauli)) if letter != "I"],
            axis=0,
        )
        for pauli in setting.paulis
    }
    weights = np.array(list(counts.values()), dtype=np.float64)
    return weights / weights.sum(), values


def _eigenvalues(qubit: int, readout: DeviceNoise | None) -> Array:
    """Return the values of the outcomes 0 and 1 of a qubit.

    With mitigation they are those whose mean over the wrong readings is 1 in level 0 and -1 in
    level 1.
    """
    zero_as_one, one_as_zero = readout.readout_flips(qubit) if readout else (0.0, 0.0)
    contrast = 1 - zero_as_one - one_as_zero
    if contrast < _WORST_READOUT:
        return np.array([1.0, -1.0])
    offset = one_as_zero - zero_as_one
    return np.array([1 - offset, -1 - offset]) / contrast


def _metadata(pub: _Pub) -> Document:
    return {
        "shots": pub.shots,
        "target_precision": pub.precision,
        "circuit_metadata": circuit_metadata(pub.loaded.circuit),
        "resilience": {},
        "num_randomizations": 1,
    }


def _fields(estimates: _Estimates) -> dict[str, Array]:
    # Without twirling the shots of a circuit are one ensemble.
    return {
        "evs": estimates.evs,
        "stds": estimates.stds,
        "ensemble_standard_error": estimates.stds,
    }


def _plain(pubs: list[_Pub], estimates: list[_Estimates], metadata: Document) -> Document:
    results = [
        {
            "data": {name: array.tolist() for name, array in _fields(one).items()},
            "metadata": _metadata(pub),
        }
        for pub, one in zip(pubs, estimates, strict=True)
    ]
    return {"results": results, "metadata": metadata}


def _typed(pubs: list[_Pub], estimates: list[_Estimates], metadata: Document) -> Document:
    results = []
    for pub, one in zip(pubs, estimates, strict=True):
        fields = {name: encode_array(array) for name, array in _fields(one).items()}
        data = {
            "field_names": list(fields),
            "field_types": ["ndarray"] * len(fields),
            "shape": pub.shape,
            "fields": fields,
        }
        value = {
            "data": {"__type__": "DataBin", "__value__": data},
            "metadata": _metadata(pub),
        }
        results.append({"__type__": "PubResult", "__value__": value})
    return {
        "__type__": "PrimitiveResult",
        "__value__": {"pub_results": results, "metadata": metadata},
    }
