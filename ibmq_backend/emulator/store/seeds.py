"""The seeds of the simulations, derived from the seed of the service."""

from __future__ import annotations

import hashlib


class JobSeeds:
    """Derives the seed of each job from the seed of a service and the number of the job.

    Args:
        seed: seed of the service.
        per_service: whether to number the jobs of this service alone. Then a program with a seed
            gets the same counts again when the database contains more jobs.
    """

    def __init__(self, seed: int, *, per_service: bool = False) -> None:
        self._seed = seed
        self._per_service = per_service
        self._created = 0

    def of_new_job(self, sequence: int) -> int:
        """Return the seed of a new job, within the transaction that creates it.

        Args:
            sequence: number of the job in the database.
        """
        self._created += 1
        number = self._created if self._per_service else sequence
        digest = hashlib.sha256(f"{self._seed}:{number}".encode()).digest()
        return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
