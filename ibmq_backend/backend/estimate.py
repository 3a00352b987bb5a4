"""Estimates how long a job occupies a device."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ibmq_backend.models import Configuration
from ibmq_backend.records import Document

JOB_SECONDS: Final = 2.0
"""Charged for every job, even one that fails at once."""

REP_DELAY_SECONDS: Final = 250e-6
GATE_SECONDS: Final = 0.1e-6
LONG_GATE_SECONDS: Final = 0.7e-6
READOUT_SECONDS: Final = 5e-6
DT_SECONDS: Final = 4e-9

_MICROSECOND: Final = 1e-6


def estimated_seconds(qobj: Document, configuration: Configuration) -> float:
    """Return the estimated time of a job on a device, rather too long than too short.

    Gates are assumed to take the time of slow ones, so no calibration is needed.

    Args:
        qobj: the document of the job.
        configuration: the configuration of the device, with times in seconds.
    """
    config = qobj.get("config") or {}
    delay = config.get("rep_delay")
    pause = (
        (getattr(configuration, "default_rep_delay", None) or REP_DELAY_SECONDS)
        if delay is None
        else delay * _MICROSECOND
    )
    dt = getattr(configuration, "dt", None) or DT_SECONDS
    total = JOB_SECONDS
    with suppress(KeyError, TypeError, ValueError):  # the adapter says what is wrong with the Qobj
        for experiment in qobj.get("experiments") or ():
            shots = (experiment.get("config") or {}).get("shots") or config.get("shots") or 1
            total += shots * (pause + _circuit_seconds(experiment, dt))
    return total


def _circuit_seconds(experiment: Mapping[str, Any], dt: float) -> float:
    """Return the length of the longest chain of instructions."""
    ends: defaultdict[int, float] = defaultdict(float)
    for instruction in experiment.get("instructions") or ():
        qubits = instruction.get("qubits") or ()
        end = max((ends[qubit] for qubit in qubits), default=0.0) + _length(instruction, dt)
        ends.update(dict.fromkeys(qubits, end))
    return max(ends.values(), default=0.0)


def _length(instruction: Mapping[str, Any], dt: float) -> float:
    name = instruction["name"]
    if name in ("measure", "reset"):
        return READOUT_SECONDS
    if name == "delay":
        (steps,) = instruction["params"]
        return float(steps) * dt
    if name == "barrier":
        return 0.0
    return GATE_SECONDS if len(instruction.get("qubits") or ()) == 1 else LONG_GATE_SECONDS
