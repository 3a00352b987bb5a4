"""Run options: their documented names, units and defaults."""

from __future__ import annotations

from typing import Final

from qiskit.providers import Options

DEFAULT_SHOTS: Final = 4000
"""Default of the provider since 0.18; smaller where a backend allows fewer."""

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
    "max_credits",  # of the years of credits; without effect since
    "meas_lo_range",
    "meas_map",
    "parameter_binds",
    "parametric_pulses",
    "qobj_header",
    "qobj_id",
    "qubit_lo_range",
    "seed_simulator",  # the emulator keeps to it
}
"""Options that devices, or the assembling before them, understand."""

SHARE_LEVELS: Final = ("global", "hub", "group", "project", "none")


def default_options(*, simulator: bool) -> Options:
    """Return the documented default run options of a device or a simulator."""
    return Options(**(SIMULATOR_OPTIONS if simulator else DEVICE_OPTIONS))
