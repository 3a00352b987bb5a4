"""Run options: their documented names, units and defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np
from qiskit.providers import Options

from ibmq_backend._errors.suggestions import refuse_misspelled
from ibmq_backend.exceptions import IBMQBackendValueError

DEFAULT_SHOTS: Final = 4000
"""Default of the original since 0.18; smaller if a backend allows fewer."""

DEVICE_OPTIONS: Final[dict[str, object]] = {
    "shots": DEFAULT_SHOTS,
    "memory": False,
    "qubit_lo_freq": None,  # Hz, one per qubit
    "meas_lo_freq": None,  # Hz, one per qubit
    "schedule_los": None,
    "meas_level": 2,
    "meas_return": "avg",
    "memory_slots": None,
    "memory_slot_size": 100,
    "rep_time": None,  # seconds
    "rep_delay": None,  # seconds
    "init_qubits": True,
    "use_measure_esp": None,
    "live_data_enabled": None,
}

SIMULATOR_OPTIONS: Final[dict[str, object]] = {
    **DEVICE_OPTIONS,
    "noise_model": None,
    "seed_simulator": None,
}

KNOWN_RUN_OPTIONS: Final = frozenset(DEVICE_OPTIONS) | {
    "max_credits",  # without effect since credits were abolished
    "meas_lo_range",
    "meas_map",
    "n_qubits",  # computed by the assembler
    "noise",  # used by the emulator
    "parameter_binds",
    "parametric_pulses",
    "qobj_header",
    "qobj_id",
    "qubit_lo_range",
    "scheduling_method",  # used by the emulator
    "seed_simulator",  # used by the emulator
}
"""Options that devices or the assembler accept."""

TERM_OPTIONS: Final = (
    "max_execution_time",
    "private",
    "session_id",
    "dynamical_decoupling",
    "twirling",
)
"""Options of IBM Quantum Platform only, which are no part of the Qobj."""

ALLOW_UNKNOWN: Final = "allow_unknown_options"

ACCEPTED_ENTRIES: Final = KNOWN_RUN_OPTIONS - {"noise", "scheduling_method"} | {
    "calibrations",
    "pulse_library",
    "seed",  # of Qiskit before 0.8
}
"""Options and entries of a Qobj's config that IBM Quantum Platform carries out or does not need."""

WITHOUT_EFFECT: Final = ("live_data_enabled", "rep_time", "seed", "seed_simulator")
"""Accepted options that a user may expect something of."""

SHARE_LEVELS: Final = ("global", "hub", "group", "project", "none")


def refuse_misspelled_options(
    given: Mapping[str, Any],
    runs: Iterable[Callable[..., Any]],
    error: type[Exception] = IBMQBackendValueError,
) -> None:
    """Raise an error for a run option that looks like another one, unless any name is allowed.

    Args:
        given: options that ``run()`` has no parameter for.
        runs: the methods whose parameters are options.
        error: class of the error.
    """
    if given.get(ALLOW_UNKNOWN):
        return
    others = {*TERM_OPTIONS, ALLOW_UNKNOWN}
    unknown = given.keys() - KNOWN_RUN_OPTIONS - SIMULATOR_OPTIONS.keys() - others
    if unknown:
        documented = {name for run in runs for name in inspect.signature(run).parameters}
        refuse_misspelled(sorted(unknown), {*documented, "seed_simulator", *others}, "run()", error)


def check_share_level(share_level: object, error: type[Exception] = IBMQBackendValueError) -> None:
    """Raise an error for a share level that never existed; the others have no effect.

    Args:
        share_level: name of the level in any case, or ``None``.
        error: class of the error.
    """
    if share_level is not None and str(share_level).lower() not in SHARE_LEVELS:
        raise error(f"{share_level!r} is not a share level. Use one of: {', '.join(SHARE_LEVELS)}.")


def check_texts(error: type[Exception] = IBMQBackendValueError, **labels: object) -> None:
    """Raise an error for a label that is neither text nor ``None``.

    Args:
        error: class of the error.
        **labels: the values by the names of their arguments.
    """
    for name, value in labels.items():
        if value is not None and not isinstance(value, str):
            raise error(f"{name} must be text, not {value!r}. Use {name}={str(value)!r}.")


def without_numpy(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with lists and numbers of Python instead of numpy's arrays and scalars."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray | np.generic) else value
        for name, value in options.items()
    }


def default_options(*, simulator: bool) -> Options:
    """Return the documented default run options of a device or a simulator."""
    return Options(**(SIMULATOR_OPTIONS if simulator else DEVICE_OPTIONS))
