"""The pulse interface of a device: channels, ranges, limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ibmq_backend.emulator.devices.catalog import Device

__all__ = ["PulseSetup", "setup_of"]

Span = tuple[float, float]
_CACHED_DEVICES = 64
_MIN_SAMPLE_SECONDS = 1e-12  # one snapshot gives seconds instead of nanoseconds


@dataclass(frozen=True)
class PulseSetup:
    """The pulse interface of a device, from its configuration and pulse defaults.

    Attributes:
        name: name of the device.
        num_qubits: number of qubits, and of drive, measure and acquire channels each.
        num_controls: number of control channels (``u0``, ...).
        dt: length of one sample in seconds.
        shapes: accepted parametric pulse shapes.
        drive_frequencies: calibrated frequency of each qubit in GHz.
        drive_ranges: frequency range of each drive channel in GHz; empty if unknown.
        measure_ranges: frequency range of each measure channel in GHz; empty if unknown.
        measurement_levels: levels of measured data that the device offered.
        repetition_times: times between the starts of shots in µs; empty for any.
        repetition_fixed: True if a shot must fit into the repetition time.
        repeated_acquisition: True if a qubit may be acquired more than once in a shot.
        granularity: durations of pulses are multiples of this number of samples.
        shortest: minimum number of samples of a pulse.
        acquire_alignment: acquisitions start at multiples of this number of samples.
        pulse_alignment: pulses start at multiples of this number of samples; delays last them.
    """

    name: str
    num_qubits: int
    num_controls: int
    dt: float
    shapes: frozenset[str]
    drive_frequencies: tuple[float, ...]
    drive_ranges: tuple[Span, ...]
    measure_ranges: tuple[Span, ...]
    measurement_levels: frozenset[int]
    repetition_times: tuple[float, ...]
    repetition_fixed: bool
    repeated_acquisition: bool
    granularity: int
    shortest: int
    acquire_alignment: int
    pulse_alignment: int

    def has_channel(self, channel: str) -> bool:
        """Return whether the device has a channel, such as ``d0``."""
        kind, number = channel[:1], channel[1:]
        if not number.isdecimal() or number != str(int(number)):
            return False
        count = {"d": self.num_qubits, "m": self.num_qubits, "a": self.num_qubits}.get(
            kind, self.num_controls if kind == "u" else 0
        )
        return int(number) < count


@lru_cache(maxsize=_CACHED_DEVICES)
def setup_of(device: Device) -> PulseSetup | None:
    """Return the pulse interface of a device; None if it has none or its data are unusable.

    Raises:
        SnapshotError: if the snapshot's file of pulse defaults is damaged.
    """
    defaults = device.defaults()
    if defaults is None or device.dt is None or device.dt < _MIN_SAMPLE_SECONDS:
        return None
    configuration = device.configuration()
    timing = configuration.get("timing_constraints") or {}
    return PulseSetup(
        name=device.name,
        num_qubits=device.num_qubits,
        num_controls=int(configuration.get("n_uchannels") or 0),
        dt=device.dt,
        shapes=frozenset(configuration.get("parametric_pulses") or ()),
        drive_frequencies=tuple(float(value) for value in defaults["qubit_freq_est"]),
        drive_ranges=_spans(configuration.get("qubit_lo_range")),
        measure_ranges=_spans(configuration.get("meas_lo_range")),
        measurement_levels=frozenset(configuration.get("meas_levels") or (1, 2)),
        repetition_times=tuple(float(value) for value in configuration.get("rep_times") or ()),
        repetition_fixed=not configuration.get("dynamic_reprate_enabled"),
        repeated_acquisition=bool(configuration.get("multi_meas_enabled")),
        granularity=int(timing.get("granularity", 1)),
        shortest=int(timing.get("min_length", 1)),
        acquire_alignment=int(timing.get("acquire_alignment", 1)),
        pulse_alignment=device.pulse_alignment,
    )


def _spans(pairs: Any) -> tuple[Span, ...]:
    return tuple((float(low), float(high)) for low, high in pairs or ())
