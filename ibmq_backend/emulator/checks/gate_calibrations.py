"""Pulses that a circuit job defines for its gates: the ``calibrations`` of a Qobj."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isclose
from typing import Any

__all__ = [
    "Calibrations",
    "calibrations_of",
    "drive_channels",
    "mentions_pulses",
    "needs_channels",
    "uses_pulses",
]

Instructions = list[dict[str, Any]]
_PULSE_KEYS = ("calibrations", "qubit_lo_freq", "meas_lo_freq")
_SAME_FREQUENCY = 1e-9  # GHz
_IDLE = frozenset({"measure", "barrier", "delay", "id"})
_DRIVE_CHANNEL = re.compile(r"d\d{1,9}")
_NOT_ON_ONE_QUBIT = frozenset({"bfunc", "reset"})


class Calibrations:
    """Pulses by gate, qubits and parameters.

    Args:
        entries: well-formed entries ``{"name", "qubits", "params", "instructions"}``; later
            entries take precedence.
    """

    def __init__(self, entries: Sequence[dict[str, Any]]) -> None:
        self._entries: dict[tuple[str, tuple[int, ...]], list[tuple[list[Any], Instructions]]] = {}
        for entry in reversed(entries):
            key = (entry["name"], tuple(entry["qubits"]))
            found = (list(entry.get("params") or ()), entry["instructions"])
            self._entries.setdefault(key, []).append(found)

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def max_alternatives(self) -> int:
        """Largest number of entries for one gate on the same qubits."""
        return max(map(len, self._entries.values()), default=0)

    def find(self, instruction: dict[str, Any]) -> Instructions | None:
        """Return the pulses for a gate of a circuit, None without an entry for its parameters."""
        qubits = instruction.get("qubits")
        if not isinstance(qubits, list):
            return None
        try:
            found = self._entries.get((instruction["name"], tuple(qubits)), ())
        except TypeError:  # a list among the qubits: CircuitChecker refuses it
            return None
        params = instruction.get("params") or ()
        return next((pulses for given, pulses in found if _same(given, params)), None)


def calibrations_of(config: dict[str, Any], own: dict[str, Any]) -> Calibrations:
    """Return the pulses that apply to a circuit: those of the job and those of the circuit."""
    return Calibrations([*_entries(config), *_entries(own)])


def mentions_pulses(document: dict[str, Any]) -> bool:
    """Return whether a circuit job has settings that only concern pulses; this is fast."""
    configs = [document["config"]]
    for experiment in document["experiments"]:
        own = experiment.get("config") if isinstance(experiment, dict) else None
        if isinstance(own, dict):
            configs.append(own)
    return any(
        config.get("meas_level") not in (None, 2)
        or any(config.get(key) is not None for key in _PULSE_KEYS)
        for config in configs
    )


def uses_pulses(
    config: dict[str, Any], experiment: dict[str, Any], frequencies: Sequence[float]
) -> bool:
    """Return whether a circuit defines pulses or frequencies, or asks for IQ points.

    Such a circuit cannot be simulated gate by gate.

    Args:
        config: configuration of the job.
        experiment: the circuit, in Qobj form.
        frequencies: calibrated frequencies of the device's qubits in GHz.
    """
    own = experiment.get("config") or {}
    if own.get("meas_level", config.get("meas_level", 2)) == 1:
        return True
    if _changes_frequency(config, own, frequencies):
        return True
    calibrations = calibrations_of(config, own)
    return bool(calibrations) and any(
        calibrations.find(instruction) is not None for instruction in experiment["instructions"]
    )


def needs_channels(
    config: dict[str, Any], experiment: dict[str, Any], frequencies: Sequence[float]
) -> bool:
    """Return whether a circuit that uses pulses is simulated gate by gate nevertheless.

    Its pulses are gates beside its other gates. These are circuits that drive more than one qubit,
    or have resets, conditions, or no initialization of qubits.

    Args:
        config: configuration of the job.
        experiment: a circuit that uses pulses, in Qobj form.
        frequencies: calibrated frequencies of the device's qubits in GHz.
    """
    own = experiment.get("config") or {}
    if _changes_frequency(config, own, frequencies):
        return False
    if False in (own.get("init_qubits"), config.get("init_qubits")):
        return True
    calibrations = calibrations_of(config, own)
    driven: set[int] = set()
    for instruction in experiment["instructions"]:
        name = instruction["name"]
        if name in _NOT_ON_ONE_QUBIT or instruction.get("conditional") is not None:
            return True
        pulses = calibrations.find(instruction)
        if pulses is not None:
            driven |= drive_channels(pulses)
        elif name not in _IDLE:
            driven.update(instruction.get("qubits") or ())
    return len(driven) > 1


def drive_channels(pulses: Instructions) -> set[int]:
    """Return the qubits whose drive channels occur in the pulses of a gate, checked or not."""
    channels = [str(one.get("ch")) for one in pulses if isinstance(one, dict)]
    return {int(one[1:]) for one in channels if _DRIVE_CHANNEL.fullmatch(one)}


def _changes_frequency(
    config: dict[str, Any], own: dict[str, Any], frequencies: Sequence[float]
) -> bool:
    wanted = own.get("qubit_lo_freq") or config.get("qubit_lo_freq") or ()
    return any(
        not isclose(one, usual, rel_tol=0, abs_tol=_SAME_FREQUENCY)
        for one, usual in zip(wanted, frequencies, strict=False)
    )


def _entries(config: dict[str, Any]) -> list[dict[str, Any]]:
    return list((config.get("calibrations") or {}).get("gates") or ())


def _same(given: Sequence[Any], params: Sequence[Any]) -> bool:
    try:
        return len(given) == len(params) and all(
            isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
            for one, other in zip(given, params, strict=True)
        )
    except (TypeError, OverflowError):
        return False
