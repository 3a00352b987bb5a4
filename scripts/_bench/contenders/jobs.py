"""Bell jobs of ``ibmq_vigo``, with the local service or with Aer alone in a loop.

python jobs.py local|aer           answers the command
python jobs.py local|aer first     runs one job and ends
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from bell import bell_circuit
from driver import Operation, drive

JOBS = 60
SHOTS = 1024


class Aer:
    """Aer with the noise of the same calibration."""

    def __init__(self) -> None:
        from qiskit.providers.fake_provider import FakeVigo
        from qiskit_aer import AerSimulator
        from qiskit_aer.noise import NoiseModel

        self._simulator = AerSimulator(noise_model=NoiseModel.from_backend(FakeVigo()))

    def run_jobs(self, circuits: list[Any]) -> None:
        """Run each circuit by itself."""
        for circuit in circuits:
            self._simulator.run(circuit, shots=SHOTS).result().get_counts()

    def run_job(self, circuits: list[Any]) -> None:
        """Run all circuits in one call."""
        self._simulator.run(circuits, shots=SHOTS).result().get_counts()


class Local:
    """The local service."""

    def __init__(self) -> None:
        logging.disable()
        from ibmq_backend import IBMQ

        self._backend = IBMQ.enable_local().get_backend("ibmq_vigo")

    def run_jobs(self, circuits: list[Any]) -> None:
        """Submit a job for each circuit, then fetch the results."""
        jobs = [self._backend.run(circuit, shots=SHOTS) for circuit in circuits]
        for job in jobs:
            job.result().get_counts()

    def run_job(self, circuits: list[Any]) -> None:
        """Submit one job and fetch its result."""
        self._backend.run(circuits, shots=SHOTS).result().get_counts()


if __name__ == "__main__":
    place = Aer() if sys.argv[1] == "aer" else Local()
    if sys.argv[2:] == ["first"]:
        place.run_jobs([bell_circuit()])
    else:
        many = [bell_circuit() for _ in range(JOBS)]
        drive(
            {
                "60 jobs": Operation(lambda _: place.run_jobs(many)),
                "60 circuits in one job": Operation(lambda _: place.run_job(many)),
            },
            "qiskit-aer",
        )
