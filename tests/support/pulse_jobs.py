"""Pulse jobs as JSON documents."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
from qiskit import assemble
from qiskit.providers.models import PulseBackendConfiguration, PulseDefaults

from ibmq_backend.emulator.devices.catalog import Device

Document = dict[str, Any]


class AssemblyTarget:
    """The part of a backend that Terra's assembler and pulse builder use."""

    def __init__(self, device: Device) -> None:
        self._configuration = PulseBackendConfiguration.from_dict(device.configuration())
        defaults = device.defaults()
        assert defaults is not None
        self._defaults = PulseDefaults.from_dict(defaults)
        self.version = 1

    def configuration(self) -> PulseBackendConfiguration:
        return self._configuration

    def defaults(self) -> PulseDefaults:
        return self._defaults

    def name(self) -> str:
        return str(self._configuration.backend_name)


def on_the_wire(experiments: Any, device: Device, **options: Any) -> Document:
    """Assemble schedules or circuits, and return the Qobj after a trip through JSON."""
    document = assemble(experiments, AssemblyTarget(device), **options).to_dict()
    return dict(json.loads(json.dumps(document, default=_plain)))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, complex):
        return [value.real, value.imag]
    raise TypeError(type(value))


def constant(start: int, duration: int, amplitude: complex, channel: str = "d0") -> Document:
    """Return a rectangular pulse."""
    return {
        "name": "parametric_pulse",
        "pulse_shape": "constant",
        "t0": start,
        "ch": channel,
        "parameters": {"duration": duration, "amp": [amplitude.real, amplitude.imag]},
    }


def acquire(start: int, slot: int = 0, qubit: int = 0) -> Document:
    return {
        "name": "acquire", "t0": start, "duration": 1600, "qubits": [qubit], "memory_slot": [slot],
    }  # fmt: skip


def schedule_job(*instructions: Document, **config: Any) -> Document:
    """Return a job with one schedule and four memory slots."""
    experiment = {"header": {"name": "swing"}, "config": {}, "instructions": [*instructions]}
    return {
        "qobj_id": "id",
        "type": "PULSE",
        "schema_version": "1.2.0",
        "header": {},
        "config": {
            "shots": 1024, "meas_level": 2, "meas_return": "avg", "memory_slot_size": 100,
            "memory_slots": 4, "pulse_library": [], "parametric_pulses": ["constant"], **config,
        },
        "experiments": [copy.deepcopy(experiment)],
    }  # fmt: skip
