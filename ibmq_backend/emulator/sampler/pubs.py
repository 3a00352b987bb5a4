"""What the pubs of all programs have in common: circuits with their values, options and limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from qiskit.circuit import QuantumCircuit

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.circuit_loading import (
    load_circuit,
    parameter_names,
    parameters_of,
)
from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS
from ibmq_backend.emulator.sampler.isa import Target
from ibmq_backend.emulator.sampler.typed_values import parameter_values

__all__ = [
    "MAX_CIRCUITS",
    "Document",
    "LoadedPub",
    "check_executions",
    "check_options",
    "circuit_metadata",
    "largest_value",
    "load_pub",
    "run_config",
    "seeds_of",
    "too_many_circuits",
]

Document = dict[str, Any]

MAX_CIRCUITS: Final = 100_000
"""Limit of circuits of a job, which are kept in memory; not the service's."""


@dataclass(frozen=True)
class LoadedPub:
    """The circuit of a pub.

    Attributes:
        circuit: with free parameters.
        bound: a circuit for each point of the parameter values, in C order.
        shape: shape of the parameter values.
        label: name of the circuit for messages.
    """

    circuit: QuantumCircuit
    bound: list[QuantumCircuit]
    shape: list[int]
    label: str


def load_pub(device: Device, circuit: Any, values: Any, index: int) -> LoadedPub:
    """Load a circuit, check it against the device and bind its parameters.

    Args:
        device: device of the job.
        circuit: OpenQASM 3 text, or a typed ``QuantumCircuit``.
        values: parameter values, see ``parameter_values``.
        index: position of the pub.

    Raises:
        JobRefused: if the circuit cannot be read or run, or the values do not fit it.
    """
    label = f"circuit {index}"
    loaded = load_circuit(circuit, label)
    if not isinstance(circuit, str) and loaded.name:
        label = f"circuit {index} ({loaded.name!r})"
    _target(device).check(loaded, label)
    shape, points = parameter_values(values, parameter_names(loaded))
    if len(points) > MAX_CIRCUITS:
        raise too_many_circuits()
    free = parameters_of(loaded)
    bound = [
        loaded.assign_parameters(dict(zip(free, point, strict=True))) if free else loaded
        for point in points
    ]
    return LoadedPub(loaded, bound, shape, label)


def too_many_circuits() -> JobRefused:
    """Return the error of a job with more than ``MAX_CIRCUITS`` circuits."""
    return JobRefused(
        f"With its parameter values the job has more than {MAX_CIRCUITS} circuits",
        ErrorCode.OVER_SYSTEM_LIMITS,
    )


def check_executions(executions: int) -> None:
    """Check the sum of the shots of all circuits of a job.

    Raises:
        JobRefused: 1520, if there are too many.
    """
    if executions > MAX_EXECUTIONS:
        raise JobRefused(
            f"The job needs {executions} executions; at most {MAX_EXECUTIONS} are possible",
            ErrorCode.OVER_SYSTEM_LIMITS,
        )


def check_options(device: Device, options: Document) -> list[str]:
    """Refuse unsupported options that change the result's meaning; return the ignored ones."""
    execution = options.get("execution") or {}
    delay = execution.get("rep_delay")
    if delay is not None:
        span = device.rep_delay_range
        if span is None or not span[0] <= delay * 1e6 <= span[1]:
            allowed = "none" if span is None else f"{span[0]} to {span[1]} µs"
            raise JobRefused(
                f"A rep_delay of {delay} s is not possible; {device.name} allows {allowed}",
                ErrorCode.OPTIONS_DO_NOT_FIT,
            )
    ignored = []
    if (options.get("dynamical_decoupling") or {}).get("enable"):
        ignored.append("dynamical_decoupling")
    twirling = options.get("twirling") or {}
    if twirling.get("enable_gates") or twirling.get("enable_measure"):
        ignored.append("twirling")
    return ignored


def run_config(options: Document) -> Document:
    """Return the options of a simulation on a device, in the units of a Qobj."""
    execution = options.get("execution") or {}
    config: Document = {"memory": True, "init_qubits": execution.get("init_qubits", True)}
    if execution.get("rep_delay") is not None:
        config["rep_delay"] = execution["rep_delay"] * 1e6
    return config


def circuit_metadata(circuit: QuantumCircuit) -> Document:
    """Return the JSON values in the metadata of a circuit; OpenQASM 3 has no metadata."""
    metadata = circuit.metadata or {}
    return {
        str(key): value
        for key, value in metadata.items()
        if isinstance(value, str | int | float | bool | list | dict | None)
    }


def seeds_of(seed: int, number: int) -> list[int]:
    """Return seeds for parts of a job: the job's for the first, unrelated ones for the others."""
    drawn = np.random.SeedSequence(seed).generate_state(max(number, 1)) & 0x7FFFFFFF
    return [seed, *(int(value) for value in drawn[1:])][:number]


def largest_value(result: Document) -> list[str]:
    """Return the path of the largest value of a result: the array of the results of pubs."""
    typed = "__type__" in result["document"]
    return ["document", *(("__value__", "pub_results") if typed else ("results",))]


@lru_cache(maxsize=64)
def _target(device: Device) -> Target:
    return Target(device)
