"""The program ``sampler``: from circuits to the document of ``getJobResults``, in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qiskit.circuit import QuantumCircuit
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.result_size import too_large
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.dynamic_run import run_dynamic
from ibmq_backend.emulator.sampler.form import shots_of
from ibmq_backend.emulator.sampler.pubs import (
    MAX_CIRCUITS,
    Document,
    check_executions,
    check_options,
    circuit_metadata,
    load_pub,
    run_config,
    seeds_of,
    too_many_circuits,
)
from ibmq_backend.emulator.sampler.reading_limits import bounded_reading
from ibmq_backend.emulator.sampler.signals import circuit_points
from ibmq_backend.emulator.sampler.static_run import instructions_of, is_dynamic
from ibmq_backend.emulator.sampler.typed_values import (
    bit_array,
    encode_array,
    plain_bits,
)
from ibmq_backend.emulator.simulation.device_run import run_on_device
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.pulse_run import SYNTHETIC
from ibmq_backend.emulator.simulation.simulator import (
    Simulator,
    describe_device_emulation,
    seed_of,
)

__all__ = ["run_sampler"]

MAX_BITS: Final = 1 << 32
"""Limit of classical bits times shots of a job, which are kept in memory; not the service's."""

CLASSIFIED: Final = "classified"
AVERAGED: Final = "avg_kerneled"

_POINT_BYTES: Final = 22
"""A point in a result: 16 bytes, which hardly compress, as base64."""
_MIN_SAMPLE_BYTES: Final = 6
"""A sample in a plain result: "0x0" and a comma."""


@dataclass
class _Pub:
    """One pub: its circuit, the circuits bound from it, and the memory of each.

    Attributes:
        points: with points in the IQ plane, see ``circuit_points``; None for bits.
    """

    circuit: QuantumCircuit
    bound: list[QuantumCircuit]
    shape: list[int]
    shots: int
    memories: list[list[int]] = field(default_factory=list)
    points: Any = None


def run_sampler(
    simulator: Simulator, _job_id: str, device_name: str, params: Document, seed: int | None
) -> Document:
    """Load the circuits of a job, check them against the device and simulate them.

    The same job with the same seed gives the same samples.

    Args:
        simulator: devices and limits.
        _job_id: id of the job, which is not part of the document.
        device_name: name or alias of a device, not of a simulator.
        params: input of the program, in its documented form.
        seed: seed of the job; for None a seed is drawn and reported.

    Returns:
        ``document``, plain or typed as the job asks; ``shapes``, for each pub the shape of its
        values and its shots; ``executions``, the shots of each bound circuit.

    Raises:
        UnknownDevice: if the device does not exist.
        JobRefused: with the code of the service, if a circuit cannot be read or run, or if the
            options do not fit it.
    """
    device, seed = simulator.device(device_name), seed_of(seed)
    noise = simulator.noise(device, {})
    stated = describe_device_emulation(device, seed, noise)
    options = params.get("options") or {}
    ignored = check_options(device, options)
    with bounded_reading():
        pubs = _load_all(device, params)
    executions = [pub.shots for pub in pubs for _ in pub.bound]
    check_executions(sum(executions))
    if sum(pub.circuit.num_clbits * pub.shots * len(pub.bound) for pub in pubs) > MAX_BITS:
        raise JobRefused(
            f"The result would have more than {MAX_BITS} bits; ask for fewer shots or bits",
            ErrorCode.OVER_SYSTEM_LIMITS,
        )
    typed = bool(params.get("support_qiskit"))
    samples = sum(len(pub.circuit.cregs) * pub.shots * len(pub.bound) for pub in pubs)
    if not typed and samples * _MIN_SAMPLE_BYTES > simulator.result_bytes:
        raise too_large(simulator.result_bytes, ErrorCode.OVER_SYSTEM_LIMITS)
    config, kind = run_config(options), _measurement_type(options)
    if kind == CLASSIFIED:
        _simulate(simulator.aer, device, noise, pubs, seed, config)
    else:
        _check_points(simulator, pubs, kind)
        levels = noise.without_readout_errors() if noise else None
        _simulate(simulator.aer, device, levels, pubs, seed, config)
        for index, pub in enumerate(pubs):
            pub.points = circuit_points(
                pub.circuit, pub.memories, noise, kind == AVERAGED, seed + index
            )
        stated = {**stated, "iq": SYNTHETIC}
    stated = {**stated, "ignored_options": ignored} if ignored else stated
    document = _typed(pubs, stated) if typed else _plain(pubs, stated)
    return {
        "document": document,
        "shapes": [[pub.shape, pub.shots] for pub in pubs],
        "executions": executions,
    }


def _measurement_type(options: Document) -> str:
    execution = options.get("execution") or {}
    return str(execution.get("meas_type", CLASSIFIED))


def _check_points(simulator: Simulator, pubs: Sequence[_Pub], kind: str) -> None:
    """Refuse points in the IQ plane of circuits with control flow, or too many of them."""
    if any(is_dynamic(circuit) for pub in pubs for circuit in pub.bound):
        raise JobRefused(
            "Circuits with control flow give classified measurements only (meas_type)",
            ErrorCode.OPTIONS_DO_NOT_FIT,
        )
    number = sum(
        pub.circuit.num_clbits * len(pub.bound) * (1 if kind == AVERAGED else pub.shots)
        for pub in pubs
    )
    if number * _POINT_BYTES > simulator.result_bytes:
        raise too_large(simulator.result_bytes, ErrorCode.OVER_SYSTEM_LIMITS)


def _load_all(device: Device, params: Document) -> list[_Pub]:
    pubs: list[_Pub] = []
    for index, pub in enumerate(params["pubs"]):
        circuit, values, *_ = [*pub, None] if isinstance(pub, list) else [pub, None]
        loaded = load_pub(device, circuit, values, index)
        pubs.append(_Pub(loaded.circuit, loaded.bound, loaded.shape, shots_of(pub, params)))
        if sum(len(one.bound) for one in pubs) > MAX_CIRCUITS:
            raise too_many_circuits()
    return pubs


def _simulate(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    pubs: Sequence[_Pub],
    seed: int,
    config: Document,
) -> None:
    for pub in pubs:
        pub.memories = [[] for _ in pub.bound]
    still: dict[int, list[tuple[_Pub, int]]] = {}
    moving: list[tuple[_Pub, int]] = []
    for pub in pubs:
        for index, circuit in enumerate(pub.bound):
            if is_dynamic(circuit):
                moving.append((pub, index))
            else:
                still.setdefault(pub.shots, []).append((pub, index))
    seeds = iter(seeds_of(seed, len(still) + len(moving)))
    for shots, members in still.items():
        memories = _run_static(simulator, device, noise, members, shots, next(seeds), config)
        for (pub, index), memory in zip(members, memories, strict=True):
            pub.memories[index] = memory
    if moving and config.get("init_qubits") is False:
        raise JobRefused(
            "Circuits with control flow cannot be run without initialized qubits (init_qubits)",
            ErrorCode.OPTIONS_DO_NOT_FIT,
        )
    for pub, index in moving:
        pub.memories[index] = run_dynamic(
            simulator, device, noise, pub.bound[index], pub.shots, next(seeds)
        )


def _run_static(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    members: Sequence[tuple[_Pub, int]],
    shots: int,
    seed: int,
    config: Document,
) -> list[list[int]]:
    """Run circuits without control flow; circuits without measurements are not simulated."""
    experiments, places = [], []
    for place, (pub, index) in enumerate(members):
        instructions = instructions_of(pub.bound[index], device)
        if any(entry["name"] == "measure" for entry in instructions):
            header = {"name": f"circuit {place}"}
            experiments.append({"header": header, "instructions": instructions})
            places.append(place)
    memories = [[0] * shots for _ in members]
    if not experiments:
        return memories
    qobj = {"config": config, "experiments": experiments}
    runs = run_on_device(simulator, device, noise, qobj, shots, seed)
    for place, run in zip(places, runs, strict=True):
        if not run.success:
            raise JobRefused(f"The simulation failed: {run.status}", ErrorCode.PROGRAM_FAILED)
        memories[place] = [int(value, 16) for value in run.data["memory"]]
    return memories


def _plain(pubs: Sequence[_Pub], stated: Document) -> Document:
    results = [
        {
            "data": {
                register.name: (
                    plain_bits(_values(pub, register), register.size)
                    if pub.points is None
                    else _register_points(pub, register)
                )
                for register in pub.circuit.cregs
            },
            "metadata": {"circuit_metadata": circuit_metadata(pub.circuit)},
        }
        for pub in pubs
    ]
    return {"results": results, "metadata": {"version": 2, "emulation": stated}}


def _typed(pubs: Sequence[_Pub], stated: Document) -> Document:
    results = []
    for pub in pubs:
        names = [register.name for register in pub.circuit.cregs]
        fields = {
            register.name: (
                bit_array(_values(pub, register), register.size, [*pub.shape, pub.shots])
                if pub.points is None
                else _register_points(pub, register)
            )
            for register in pub.circuit.cregs
        }
        data = {
            "field_names": names,
            "field_types": ["BitArray" if pub.points is None else "ndarray"] * len(names),
            "shape": pub.shape,
            "fields": fields,
        }
        value = {
            "data": {"__type__": "DataBin", "__value__": data},
            "metadata": {"circuit_metadata": circuit_metadata(pub.circuit)},
        }
        results.append({"__type__": "SamplerPubResult", "__value__": value})
    metadata = {"version": 2, "emulation": stated}
    return {
        "__type__": "PrimitiveResult",
        "__value__": {"pub_results": results, "metadata": metadata},
    }


def _register_points(pub: _Pub, register: Any) -> Document:
    slots = [pub.circuit.find_bit(bit).index for bit in register]
    points = pub.points[..., slots]
    return encode_array(points.reshape((*pub.shape, *points.shape[1:])))


def _values(pub: _Pub, register: Any) -> list[int]:
    """Return the value of a register in every shot, point after point."""
    slots = [pub.circuit.find_bit(bit).index for bit in register]
    first = slots[0]
    if slots == list(range(first, first + len(slots))):
        mask = (1 << len(slots)) - 1
        return [value >> first & mask for memory in pub.memories for value in memory]
    return [
        sum((value >> slot & 1) << index for index, slot in enumerate(slots))
        for memory in pub.memories
        for value in memory
    ]
