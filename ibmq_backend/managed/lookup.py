"""Which job of a set holds an experiment."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence

from qiskit.circuit import QuantumCircuit
from qiskit.pulse import Schedule, ScheduleBlock

from ibmq_backend.exceptions import IBMQJobManagerJobNotFound
from ibmq_backend.managed.managed_job import ManagedJob


def locate(experiment: object, jobs: Sequence[ManagedJob]) -> tuple[ManagedJob, int]:
    """Return the job that holds an experiment, and the place in it.

    A circuit or schedule is looked for as the very object that was submitted, and by its name when
    it is another object. The first of several is meant, with a warning.

    Args:
        experiment: index in the set, name, circuit or schedule.
        jobs: the jobs of the set, in order.

    Raises:
        IBMQJobManagerJobNotFound: no job holds it.
    """
    if isinstance(experiment, str):
        return _by_name(experiment, jobs)
    if isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
        found = [(job, place) for job in jobs for place in job.places_of(experiment)]
        if found:
            return _first(found, f"The experiment {experiment.name!r} was submitted")
        return _by_name(str(experiment.name), jobs)
    try:
        index = operator.index(experiment)  # type: ignore[arg-type]
    except TypeError:
        index = None
    if index is None or isinstance(experiment, bool):
        raise IBMQJobManagerJobNotFound(
            f"An experiment is given by its index in the set, its name, or as the circuit or "
            f"schedule itself, not by {experiment!r}."
        )
    for job in jobs:
        if job.start_index <= index <= job.end_index:
            return job, index - job.start_index
    last = jobs[-1].end_index if jobs else -1
    raise IBMQJobManagerJobNotFound(
        f"The job set has no experiment {index}; its experiments are 0 to {last}."
    )


def _by_name(name: str, jobs: Sequence[ManagedJob]) -> tuple[ManagedJob, int]:
    found = [
        (job, place) for job in jobs for place, known in enumerate(job.names()) if known == name
    ]
    if not found:
        raise IBMQJobManagerJobNotFound(
            f"No experiment of the job set has the name {name!r}. An index works in any case."
        )
    return _first(found, f"The name {name!r} occurs")


def _first(found: list[tuple[ManagedJob, int]], what: str) -> tuple[ManagedJob, int]:
    if len(found) > 1:
        indexes = ", ".join(str(job.start_index + place) for job, place in found[:5])
        more = ", ..." if len(found) > 5 else ""
        warnings.warn(
            f"{what} {len(found)} times in the job set (experiments {indexes}{more}); the first "
            "one is used. Give the index to have another.",
            UserWarning,
            stacklevel=4,
        )
    return found[0]
