"""Finding the job of an experiment."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence

from qiskit.circuit import QuantumCircuit
from qiskit.pulse import Schedule, ScheduleBlock

from ibmq_backend.exceptions import IBMQJobManagerJobNotFound
from ibmq_backend.managed.managed_job import ManagedJob


def locate(experiment: object, jobs: Sequence[ManagedJob]) -> tuple[ManagedJob, int]:
    """Return the job of an experiment, and the index of the experiment in the job.

    A circuit or schedule is found as the submitted object, or else by its name. If several match,
    the first one is used, with a warning.

    Args:
        experiment: index in the set, name, circuit or schedule.
        jobs: the jobs of the set, in order.

    Raises:
        IBMQJobManagerJobNotFound: the set has no such experiment.
    """
    if isinstance(experiment, str):
        return _by_name(experiment, jobs)
    if isinstance(experiment, QuantumCircuit | Schedule | ScheduleBlock):
        found = [(job, place) for job in jobs for place in job.indexes_of(experiment)]
        if found:
            return _first(found, f"The experiment {experiment.name!r} was submitted")
        return _by_name(str(experiment.name), jobs)
    try:
        index = operator.index(experiment)  # type: ignore[arg-type]
    except TypeError:
        index = None
    if index is None or isinstance(experiment, bool):
        raise IBMQJobManagerJobNotFound(
            f"{experiment!r} is not an experiment. Give its index in the set, its name, or the "
            "circuit or schedule itself."
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
            f"The job set has no experiment with the name {name!r}. Use its index."
        )
    return _first(found, f"The name {name!r} occurs")


def _first(found: list[tuple[ManagedJob, int]], what: str) -> tuple[ManagedJob, int]:
    if len(found) > 1:
        indexes = ", ".join(str(job.start_index + place) for job, place in found[:5])
        more = ", ..." if len(found) > 5 else ""
        warnings.warn(
            f"{what} {len(found)} times in the job set (experiments {indexes}{more}). The first "
            "one is used. Use the index to select another.",
            UserWarning,
            stacklevel=4,
        )
    return found[0]
