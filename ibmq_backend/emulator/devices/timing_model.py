"""Models of how long jobs wait and run, by the clock of the service.

A model says how many other jobs a device runs first, and how long a job is reported as running even
if the simulation has ended earlier.
"""

# The models share one interface; some methods ignore arguments.
# ruff: noqa: ARG002

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final, Protocol

from ibmq_backend.emulator.devices.catalog import Device

_OTHER_USERS_JOB_MS: Final = 25_000
"""Run time of a job of another user on a real device."""

_HOUR_MS: Final = 3_600_000

_MAX_RUN_MS: Final = 3 * _HOUR_MS
"""Jobs that ran longer were ended by the service."""


@dataclass(frozen=True, slots=True)
class Work:
    """The amount of work that a job asks of a device.

    Attributes:
        shots: repetitions of each circuit.
        circuits: number of circuits.
        seed: seed of the job, which makes its times repeatable.
    """

    shots: int
    circuits: int
    seed: int


class Speed(Protocol):
    """A model of the service's times, in milliseconds."""

    @property
    def one_job_at_a_time(self) -> bool:
        """Whether a device runs one job at a time, or as many as simulator processes are free."""
        ...

    def validation_ms(self, work: Work) -> int:
        """Return how long the validation of a job takes."""
        ...

    def run_ms(self, device: Device, work: Work) -> int | None:
        """Return the run time of a job; None if it ends when its simulation ends."""
        ...

    def others(self, device: Device, now: int) -> int:
        """Return the number of jobs of imaginary other users that wait for the device."""
        ...

    def estimate_ms(self, device: Device) -> int:
        """Return the estimated run time of a job of which nothing is known."""
        ...


class Instant:
    """No waiting: a job runs as soon as a simulator process is free."""

    one_job_at_a_time: Final = False

    def validation_ms(self, work: Work) -> int:
        """Return 0."""
        return 0

    def run_ms(self, device: Device, work: Work) -> int | None:
        """Return None: a job ends when it is done."""
        return None

    def others(self, device: Device, now: int) -> int:
        """Return 0: there are no other users."""
        return 0

    def estimate_ms(self, device: Device) -> int:
        """Return a second."""
        return 1_000


class Realistic:
    """Queues and run times like those of the real devices, repeatable by seed.

    Args:
        seed: seed of the service.
    """

    one_job_at_a_time: Final = True

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def validation_ms(self, work: Work) -> int:
        """Return one to three seconds."""
        return 1_000 + int(2_000 * self._share("validation", work.seed))

    def run_ms(self, device: Device, work: Work) -> int | None:
        """Return a time that grows with circuits and shots, up to three hours."""
        if device.simulator:
            planned = 500 + math.ceil(work.circuits * (50 + 0.05 * work.shots))
        else:
            # 250 µs between shots and half a second to load a circuit.
            planned = 3_000 + math.ceil(work.circuits * (500 + 0.25 * work.shots))
        return min(planned, _MAX_RUN_MS)

    def others(self, device: Device, now: int) -> int:
        """Return a number that changes hourly: up to 3 on simulators, up to 40 on devices."""
        most = 3 if device.simulator else 40
        share = self._share(f"queue {device.name}", now // _HOUR_MS)
        return int((most + 1) * share**2)

    def estimate_ms(self, device: Device) -> int:
        """Return two seconds on a simulator, 25 on a device."""
        return 2_000 if device.simulator else _OTHER_USERS_JOB_MS

    def _share(self, purpose: str, number: int) -> float:
        digest = hashlib.sha256(f"{self._seed}\0{purpose}\0{number}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / 2**32


def speed_model(name: str, seed: int = 0) -> Speed:
    """Return the model called ``instant`` or ``realistic``.

    Raises:
        ValueError: if there is no model of this name.
    """
    if name == "instant":
        return Instant()
    if name == "realistic":
        return Realistic(seed)
    raise ValueError(f"the speed must be 'instant' or 'realistic', not {name!r}")
