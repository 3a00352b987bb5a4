"""Running the program `sampler`: circuits in, the document of `getJobResults` out.

Used inside a worker process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.result_size import too_large
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.circuit_loading import (
    load_circuit,
    parameter_names,
    parameters_of,
)
from ibmq_backend.emulator.sampler.dynamic_run import run_dynamic
from ibmq_backend.emulator.sampler.errors import (
    OPTIONS_DO_NOT_FIT,
    OVER_SYSTEM_LIMITS,
    PROGRAM_FAILED,
)
from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS, shots_of
from ibmq_backend.emulator.sampler.isa import Target
from ibmq_backend.emulator.sampler.reading_limits import bounded_reading
from ibmq_backend.emulator.sampler.static_run import instructions_of, is_dynamic
from ibmq_backend.emulator.sampler.typed_values import bit_array, parameter_values, plain_bits
from ibmq_backend.emulator.simulation.device_run import run_on_device
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.simulator import Simulator, describe_emulation, seed_of

__all__ = ["largest_value", "run_sampler"]

Document = dict[str, Any]

MAX_BITS: Final = 1 << 32
"""Most classical bits of a job times their shots, which are kept in memory; our own limit."""

MAX_CIRCUITS: Final = 100_000
"""Most bound circuits of a job, which are kept in memory; our own limit."""

_LEAST_SAMPLE_BYTES: Final = 6
"""A sample in a plain result: "0x0" and a comma."""


@dataclass
class _Pub:
    """One pub: its circuit, the circuits bound from it, and the memory of each."""

    circuit: QuantumCircuit
    bound: list[QuantumCircuit]
    shape: list[int]
    shots: int
    memories: list[list[int]] = field(default_factory=list)


def run_sampler(
    simulator: Simulator, _job_id: str, device_name: str, params: Document, seed: int | None
) -> Document:
    """Load the circuits of a job, check them against the device and simulate them.

    The same job with the same seed gives the same samples.

    Args:
        simulator: devices and limits.
        _job_id: id of the job, which the document does not carry.
        device_name: name or alias of a device, not of a simulator.
        params: input of the program, in its documented form.
        seed: seed of the job; None = one is drawn and reported.

    Returns:
        `document`, plain or typed as the job asks; `shapes`, for each pub the shape of its values
        and its shots; `executions`, the shots of each bound circuit.

    Raises:
        UnknownDevice: if there is no such device.
        JobRefused: with the code of the service, if a circuit cannot be read or run, or the options
            ask for something other than classified bits.
    """
    device, seed = simulator.device(device_name), seed_of(seed)
    noise = simulator.noise(device)
    stated = describe_emulation(device, noise is not None, seed)
    ignored = _check_options(device, params.get("options") or {})
    with bounded_reading():
        pubs = _load_all(device, params)
    executions = [pub.shots for pub in pubs for _ in pub.bound]
    if sum(executions) > MAX_EXECUTIONS:
        raise JobRefused(
            f"The job asks for {sum(executions)} executions, at most {MAX_EXECUTIONS} are possible",
            OVER_SYSTEM_LIMITS,
        )
    if sum(pub.circuit.num_clbits * pub.shots * len(pub.bound) for pub in pubs) > MAX_BITS:
        raise JobRefused(
            f"The result would hold more than {MAX_BITS} bits; ask for fewer shots or bits",
            OVER_SYSTEM_LIMITS,
        )
    typed = bool(params.get("support_qiskit"))
    samples = sum(len(pub.circuit.cregs) * pub.shots * len(pub.bound) for pub in pubs)
    if not typed and samples * _LEAST_SAMPLE_BYTES > simulator.result_bytes:
        raise too_large(simulator.result_bytes, OVER_SYSTEM_LIMITS)
    _simulate(simulator.aer, device, noise, pubs, seed)
    stated = {**stated, "ignored_options": ignored} if ignored else stated
    document = _typed(pubs, stated) if typed else _plain(pubs, stated)
    return {
        "document": document,
        "shapes": [[pub.shape, pub.shots] for pub in pubs],
        "executions": executions,
    }


def largest_value(result: Document) -> list[str]:
    """Return the path of the largest value of a result: the array of what each pub gave."""
    typed = "__type__" in result["document"]
    return ["document", *(("__value__", "pub_results") if typed else ("results",))]


def _check_options(device: Device, options: Document) -> list[str]:
    """Refuse what would change the meaning of the result; return what would only improve it."""
    execution = options.get("execution") or {}
    if execution.get("meas_type", "classified") != "classified":
        raise JobRefused("Only classified measurements are emulated", OPTIONS_DO_NOT_FIT)
    if execution.get("init_qubits") is False:
        raise JobRefused("Runs without initialised qubits are not emulated", OPTIONS_DO_NOT_FIT)
    delay = execution.get("rep_delay")
    if delay is not None:
        span = device.rep_delay_range
        if span is None or not span[0] <= delay * 1e6 <= span[1]:
            allowed = "none" if span is None else f"{span[0]} to {span[1]} µs"
            raise JobRefused(
                f"A rep_delay of {delay} s is not possible, {device.name} allows {allowed}",
                OPTIONS_DO_NOT_FIT,
            )
    ignored = []
    if (options.get("dynamical_decoupling") or {}).get("enable"):
        ignored.append("dynamical_decoupling")
    twirling = options.get("twirling") or {}
    if twirling.get("enable_gates") or twirling.get("enable_measure"):
        ignored.append("twirling")
    return ignored


def _load_all(device: Device, params: Document) -> list[_Pub]:
    pubs: list[_Pub] = []
    for index, pub in enumerate(params["pubs"]):
        pubs.append(_load(device, params, pub, index))
        if sum(len(one.bound) for one in pubs) > MAX_CIRCUITS:
            raise _too_many_circuits()
    return pubs


def _too_many_circuits() -> JobRefused:
    return JobRefused(
        f"With its parameter values the job holds more than {MAX_CIRCUITS} circuits",
        OVER_SYSTEM_LIMITS,
    )


def _load(device: Device, params: Document, pub: Any, index: int) -> _Pub:
    parts = pub if isinstance(pub, list) else [pub]
    label = f"circuit {index}"
    circuit = load_circuit(parts[0], label)
    if not isinstance(parts[0], str) and circuit.name:
        label = f"circuit {index} ({circuit.name!r})"
    _target(device).check(circuit, label)
    names = parameter_names(circuit)
    shape, points = parameter_values(parts[1] if len(parts) > 1 else None, names)
    if len(points) > MAX_CIRCUITS:
        raise _too_many_circuits()
    free = parameters_of(circuit)
    bound = [
        circuit.assign_parameters(dict(zip(free, point, strict=True))) if free else circuit
        for point in points
    ]
    return _Pub(circuit, bound, shape, shots_of(pub, params))


def _simulate(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    pubs: Sequence[_Pub],
    seed: int,
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
    seeds = iter(_seeds(seed, len(still) + len(moving)))
    for shots, members in still.items():
        memories = _run_static(simulator, device, noise, members, shots, next(seeds))
        for (pub, index), memory in zip(members, memories, strict=True):
            pub.memories[index] = memory
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
) -> list[list[int]]:
    """Run circuits without control flow; those that measure nothing need no simulation."""
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
    qobj = {"config": {"memory": True}, "experiments": experiments}
    runs = run_on_device(simulator, device, noise, qobj, shots, seed)
    for place, run in zip(places, runs, strict=True):
        if not run.success:
            raise JobRefused(f"The simulation failed: {run.status}", PROGRAM_FAILED)
        memories[place] = [int(value, 16) for value in run.data["memory"]]
    return memories


def _plain(pubs: Sequence[_Pub], stated: Document) -> Document:
    results = [
        {
            "data": {
                register.name: plain_bits(_values(pub, register), register.size)
                for register in pub.circuit.cregs
            },
            "metadata": {"circuit_metadata": _metadata(pub)},
        }
        for pub in pubs
    ]
    return {"results": results, "metadata": {"version": 2, "emulation": stated}}


def _typed(pubs: Sequence[_Pub], stated: Document) -> Document:
    results = []
    for pub in pubs:
        names = [register.name for register in pub.circuit.cregs]
        fields = {
            register.name: bit_array(_values(pub, register), register.size, [*pub.shape, pub.shots])
            for register in pub.circuit.cregs
        }
        data = {
            "field_names": names,
            "field_types": ["BitArray"] * len(names),
            "shape": pub.shape,
            "fields": fields,
        }
        value = {
            "data": {"__type__": "DataBin", "__value__": data},
            "metadata": {"circuit_metadata": _metadata(pub)},
        }
        results.append({"__type__": "SamplerPubResult", "__value__": value})
    metadata = {"version": 2, "emulation": stated}
    return {
        "__type__": "PrimitiveResult",
        "__value__": {"pub_results": results, "metadata": metadata},
    }


def _values(pub: _Pub, register: Any) -> list[int]:
    """The value of a register in every shot, all points one after another."""
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


def _metadata(pub: _Pub) -> Document:
    """The metadata of the circuit, as far as it is JSON; OpenQASM 3 carries none."""
    metadata = pub.circuit.metadata or {}
    return {
        str(key): value
        for key, value in metadata.items()
        if isinstance(value, str | int | float | bool | list | dict | None)
    }


@lru_cache(maxsize=64)
def _target(device: Device) -> Target:
    return Target(device)


def _seeds(seed: int, number: int) -> list[int]:
    drawn = np.random.SeedSequence(seed).generate_state(max(number, 1)) & 0x7FFFFFFF
    return [seed, *(int(value) for value in drawn[1:])][:number]
