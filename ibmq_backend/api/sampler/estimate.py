"""Estimates how long a job occupies a device."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ibmq_backend.records import Document

JOB_SECONDS: Final = 2.0
"""Charged for every job, even one that fails at once."""

REP_DELAY_MICROSECONDS: Final = 250.0
GATE_SECONDS: Final = 0.1e-6
LONG_GATE_SECONDS: Final = 0.7e-6
READOUT_SECONDS: Final = 5e-6
CONDITION_SECONDS: Final = 1e-6
TIME_STEP_NANOSECONDS: Final = 4.0

_MICROSECOND: Final = 1e-6
_NANOSECOND: Final = 1e-9


def estimated_seconds(qobj: Document, configuration: Document) -> float:
    """Return the estimated time of a job on a device, rather too long than too short.

    Gates are assumed to take the time of slow ones, so no calibration is needed.

    Args:
        qobj: the document of the job.
        configuration: the configuration from the service, with ``dt`` in ns and
            ``default_rep_delay`` in µs.
    """
    total = JOB_SECONDS
    # The documents come from users and services; others say what is wrong with them.
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        config = qobj.get("config") or {}
        pause = config.get("rep_delay")
        if pause is None:
            pause = configuration.get("default_rep_delay") or REP_DELAY_MICROSECONDS
        dt = (configuration.get("dt") or TIME_STEP_NANOSECONDS) * _NANOSECOND
        for experiment in qobj.get("experiments") or ():
            shots = (experiment.get("config") or {}).get("shots") or config.get("shots") or 1
            total += shots * (pause * _MICROSECOND + _circuit_seconds(experiment, dt))
    return total if math.isfinite(total) else JOB_SECONDS


def _circuit_seconds(experiment: Mapping[str, Any], dt: float) -> float:
    """Return the length of the longest chain of instructions.

    A condition waits for all measurements before it.
    """
    ends: defaultdict[int, float] = defaultdict(float)
    measured = 0.0
    for instruction in experiment.get("instructions") or ():
        if instruction["name"] == "bfunc":  # reads the bits of a condition
            measured += CONDITION_SECONDS
            continue
        qubits = instruction.get("qubits") or ()
        start = max((ends[qubit] for qubit in qubits), default=0.0)
        if instruction.get("conditional") is not None:
            start = max(start, measured)
        end = start + _length(instruction, dt)
        ends.update(dict.fromkeys(qubits, end))
        if instruction["name"] == "measure":
            measured = max(measured, end)
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
