"""``ManagedResults``, the results of a job set by experiment."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from qiskit.exceptions import QiskitError
from qiskit.result import Result

from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend.exceptions import IBMQManagedResultDataNotAvailable
from ibmq_backend.managed.lookup import locate
from ibmq_backend.managed.managed_job import ManagedJob, Outcome

__all__ = ["ManagedResults"]

Data = TypeVar("Data")


@methods_suggest_keywords
class ManagedResults:
    """The results of a job set, returned by :meth:`ManagedJobSet.results`.

    An experiment is given by its index in the set, its name, or as the circuit or schedule itself.
    Results can be read even if other jobs of the set have failed.

    Attributes:
        backend_name: backend of the jobs.
        success: whether every experiment of every job has its result.

    Source: ``ManagedResults`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(
        self, backend_name: str, jobs: Sequence[ManagedJob], outcomes: Sequence[Outcome]
    ) -> None:
        self.backend_name = backend_name
        self._jobs = tuple(jobs)
        self._outcomes = tuple(outcomes)
        self.success = all(
            outcome.result is not None and outcome.result.success for outcome in self._outcomes
        )

    def data(self, experiment: Any) -> dict[str, Any]:
        """Return all data of an experiment, counts keyed by hexadecimal text.

        Args:
            experiment: index, name, circuit or schedule.

        Raises:
            IBMQManagedResultDataNotAvailable: the experiment failed, or its result has no such
                data; the message gives the reason.
            IBMQJobManagerJobNotFound: the set has no such experiment.
        """
        return self._read(experiment, lambda result, place: result.data(place))

    def get_memory(self, experiment: Any) -> Any:
        """Return the outcome of every shot.

        Args:
            experiment: index, name, circuit or schedule.

        Returns:
            A list of bit strings for measurement level 2; for level 1 a complex array of shots x
            slots (or of slots, averaged), for level 0 one more axis for the samples.

        Raises:
            IBMQManagedResultDataNotAvailable: the experiment failed, or its result has no such
                data; the message gives the reason.
            IBMQJobManagerJobNotFound: the set has no such experiment.
        """
        return self._read(experiment, lambda result, place: result.get_memory(place))

    def get_counts(self, experiment: Any) -> dict[str, int]:
        """Return how often each bit string was measured.

        Args:
            experiment: index, name, circuit or schedule.

        Raises:
            IBMQManagedResultDataNotAvailable: the experiment failed, or its result has no such
                data; the message gives the reason.
            IBMQJobManagerJobNotFound: the set has no such experiment.
        """
        return self._read(experiment, lambda result, place: result.get_counts(place))

    def get_statevector(self, experiment: Any, decimals: int | None = None) -> Any:
        """Return the final state as a complex vector of 2**qubits amplitudes.

        Args:
            experiment: index, name, circuit or schedule.
            decimals: number of decimals to round to; ``None`` does not round.

        Raises:
            IBMQManagedResultDataNotAvailable: the experiment failed, or its result has no such
                data; the message gives the reason.
            IBMQJobManagerJobNotFound: the set has no such experiment.
        """
        return self._read(
            experiment, lambda result, place: result.get_statevector(place, decimals=decimals)
        )

    def get_unitary(self, experiment: Any, decimals: int | None = None) -> Any:
        """Return the final unitary as a complex matrix of 2**qubits x 2**qubits.

        Args:
            experiment: index, name, circuit or schedule.
            decimals: number of decimals to round to; ``None`` does not round.

        Raises:
            IBMQManagedResultDataNotAvailable: the experiment failed, or its result has no such
                data; the message gives the reason.
            IBMQJobManagerJobNotFound: the set has no such experiment.
        """
        return self._read(
            experiment, lambda result, place: result.get_unitary(place, decimals=decimals)
        )

    def combine_results(self) -> Result:
        """Return one result with all experiments of the set, in order.

        The other fields (job id, date, header) are those of the first job. The result is a copy,
        which may be changed.

        Raises:
            IBMQManagedResultDataNotAvailable: an experiment has no result; the message names it and
                gives the reason.
        """
        results = []
        for job, outcome in zip(self._jobs, self._outcomes, strict=True):
            if outcome.result is None or not outcome.result.success:
                raise IBMQManagedResultDataNotAvailable(
                    f"The results cannot be combined: experiments {job.start_index} to "
                    f"{job.end_index} are not complete. "
                    f"{outcome.reason or _failures(outcome.result, job.start_index)}"
                )
            results.append(outcome.result)
        combined = copy.deepcopy(results[0])
        for result in results[1:]:
            combined.results.extend(copy.deepcopy(result.results))
        return combined

    def _read(self, experiment: Any, read: Callable[[Any, int], Data]) -> Data:
        job, place = locate(experiment, self._jobs)
        outcome = self._outcomes[job.number]
        where = f"Experiment {job.start_index + place} of the job set"
        if outcome.result is None:
            raise IBMQManagedResultDataNotAvailable(f"{where} has no result. {outcome.reason}")
        entry = outcome.result.results[place]
        if not entry.success:
            raise IBMQManagedResultDataNotAvailable(
                f"{where} failed: {getattr(entry, 'status', None) or 'no reason given'}."
            )
        try:
            return read(outcome.result, place)
        except QiskitError as error:
            raise IBMQManagedResultDataNotAvailable(
                f"{where} has no such data: {error.message}"
            ) from error

    def __repr__(self) -> str:
        there = sum(outcome.result is not None for outcome in self._outcomes)
        return (
            f"<ManagedResults of {there} of {len(self._jobs)} jobs on {self.backend_name}, "
            f"success={self.success}>"
        )


def _failures(result: Any, start: int) -> str:
    failed = [
        f"Experiment {start + place}: {getattr(entry, 'status', None) or 'no reason given'}."
        for place, entry in enumerate(result.results)
        if not entry.success
    ]
    return " ".join(failed) or "The job failed."
