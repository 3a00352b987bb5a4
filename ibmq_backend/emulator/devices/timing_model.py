"""How long jobs wait and run by the clock of the service.

The simulation itself takes as long as it takes; these models say when a job may start, and
before when its end is not told.
"""

# The models answer the same questions; not each needs every argument.
# ruff: noqa: ARG002

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final, Protocol

from ibmq_backend.emulator.devices.catalog import Device

_OTHERS_MS: Final = 25_000
"""What a job of somebody else takes on a real device."""

_HOUR_MS: Final = 3_600_000

_LONGEST_RUN_MS: Final = 3 * _HOUR_MS
"""The service ended jobs that ran longer."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job asks of a device.

    Attributes:
        shots: Repetitions of each circuit.
        circuits: Number of circuits.
        seed: The seed of the job; makes its times repeatable.
        dedicated: Whether it runs in a booking of its user.
    """

    shots: int
    circuits: int
    seed: int
    dedicated: bool = False


class Speed(Protocol):
    """A model of the service's times; all of them in milliseconds."""

    def validation_ms(self, work: Work) -> int:
        """How long the validation of a job takes."""
        ...

    def plan(
        self, device: Device, work: Work, now: int, busy_until: int | None
    ) -> tuple[int, int | None]:
        """When a job entering the queue now starts, and when it ends.

        The end is None when it comes as soon as the simulation is done.
        """
        ...

    def others(self, device: Device, now: int) -> int:
        """How many jobs of people outside this service wait for the device."""
        ...

    def estimate_ms(self, device: Device) -> int:
        """What one job ahead in the queue costs, for estimates."""
        ...


class Instant:
    """No waiting: a job runs as soon as a simulator process is free."""

    def validation_ms(self, work: Work) -> int:
        """How long the validation takes: nothing."""
        return 0

    def plan(
        self, device: Device, work: Work, now: int, busy_until: int | None
    ) -> tuple[int, int | None]:
        """Start at once, end when done."""
        return now, None

    def others(self, device: Device, now: int) -> int:
        """Nobody else waits."""
        return 0

    def estimate_ms(self, device: Device) -> int:
        """A second for every job ahead."""
        return 1_000


class Realistic:
    """Queues and run times as users of the real devices knew them, repeatable by seed.

    Args:
        seed: The seed of the service.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def validation_ms(self, work: Work) -> int:
        """One to three seconds."""
        return 1_000 + int(2_000 * self._share("validation", work.seed))

    def plan(
        self, device: Device, work: Work, now: int, busy_until: int | None
    ) -> tuple[int, int | None]:
        """Start after the others' jobs and after our own earlier ones on the device."""
        waiting = 0 if work.dedicated else self.others(device, now) * self.estimate_ms(device)
        start = max(now + waiting, busy_until or now)
        return start, start + min(self._run_ms(device, work), _LONGEST_RUN_MS)

    def others(self, device: Device, now: int) -> int:
        """A number that changes from hour to hour: up to 3 on simulators, up to 40 on devices."""
        most = 3 if device.simulator else 40
        share = self._share(f"queue {device.name}", now // _HOUR_MS)
        return int((most + 1) * share**2)

    def estimate_ms(self, device: Device) -> int:
        """Two seconds on a simulator, 25 on a device."""
        return 2_000 if device.simulator else _OTHERS_MS

    def _run_ms(self, device: Device, work: Work) -> int:
        if device.simulator:
            return 500 + math.ceil(work.circuits * (50 + 0.05 * work.shots))
        # 250 µs between shots and half a second to load a circuit.
        return 3_000 + math.ceil(work.circuits * (500 + 0.25 * work.shots))

    def _share(self, purpose: str, number: int) -> float:
        digest = hashlib.sha256(f"{self._seed}\0{purpose}\0{number}".encode()).digest()
        return int.from_bytes(digest[:4], "big") / 2**32


def speed_model(name: str, seed: int = 0) -> Speed:
    """The model called ``instant`` or ``realistic``.

    Raises:
        ValueError: There is no model of this name.
    """
    if name == "instant":
        return Instant()
    if name == "realistic":
        return Realistic(seed)
    raise ValueError(f"the speed is 'instant' or 'realistic', not {name!r}")
