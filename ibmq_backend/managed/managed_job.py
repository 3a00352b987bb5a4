"""``ManagedJob``, one job of a set, from before its submission to its result."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import frozen
from qiskit.providers import JobStatus
from qiskit.providers.jobstatus import JOB_FINAL_STATES
from qiskit.qobj import PulseQobj, QasmQobj
from qiskit.result import Result

from ibmq_backend._errors.causes import shown
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import (
    IBMQJobError,
    IBMQJobInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.job import IBMQJob

__all__ = ["ManagedJob"]


@frozen
class Outcome:
    """The result of a job, or the reason why it has none."""

    result: Result | None
    reason: str | None = None


class ManagedJob:
    """One job of a set, which runs the experiments ``start_index`` to ``end_index``.

    :meth:`ManagedJobSet.managed_jobs` returns these.

    Attributes:
        number: number of the job in the set, from 0.
        start_index: index in the set of the first experiment of this job.
        end_index: index in the set of the last experiment of this job.

    Source: ``ManagedJob`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(
        self, number: int, start_index: int, end_index: int, originals: Iterable[Any] | None = None
    ) -> None:
        self.number = number
        self.start_index = start_index
        self.end_index = end_index
        self._job: IBMQJob | None = None
        self._submit_error: Exception | None = None
        self._cancelled = False
        self._over = threading.Event()
        self._names: list[str] | None = None
        self._originals: list[Callable[[], Any]] = []
        if originals is not None:
            listed = list(originals)
            self._names = [each.name for each in listed]
            self._originals = [_reference(each) for each in listed]

    # -- submission ------------------------------------------------------------------------------

    @property
    def job(self) -> IBMQJob | None:
        """The job; ``None`` before its submission and if that failed."""
        return self._job

    @property
    def submit_error(self) -> Exception | None:
        """Why the submission failed; ``None`` before the submission and if it succeeded."""
        return self._submit_error

    @property
    def submission_over(self) -> bool:
        """Whether the submission succeeded or failed."""
        return self._over.is_set()

    def wait_for_submission(self, timeout: float | None = None) -> bool:
        """Wait until the submission succeeds or fails; return False after the timeout."""
        return self._over.wait(timeout)

    def set_job(self, job: IBMQJob) -> None:
        """Set the job after its submission."""
        self._job = job
        self._over.set()

    def set_error(self, error: Exception, *, cancelled: bool = False) -> None:
        """Set the error of the submission.

        Args:
            error: the value of ``submit_error``.
            cancelled: whether the user cancelled the job before its submission.
        """
        self._submit_error = error
        self._cancelled = cancelled
        self._over.set()

    # -- the job ---------------------------------------------------------------------------------

    @property
    def known_status(self) -> JobStatus | None:
        """The last known status, as :meth:`status` returns it, without a request."""
        if self._job is not None:
            return self._job._known_status()
        if self._cancelled:
            return JobStatus.CANCELLED
        return None if self.submission_over else JobStatus.INITIALIZING

    @property
    def unfinished_job(self) -> IBMQJob | None:
        """The job, if it was submitted and is not known to have ended, without a request."""
        return None if self.known_status in JOB_FINAL_STATES else self._job

    def status(self) -> JobStatus | None:
        """Return the state of the job.

        Returns:
            The state: INITIALIZING before the submission, CANCELLED if the job was cancelled before
            that, ``None`` if the submission failed.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: getJobStatus until the job has ended.
        """
        return self.known_status if self._job is None else self._job.status()

    def result(
        self, timeout: float | None = None, partial: bool = False, refresh: bool = False
    ) -> Result | None:
        """Wait for the job to be submitted and to end, and return its result.

        Args:
            timeout: maximum wait in seconds; ``None`` waits without limit.
            partial: whether to accept a failed job that has results for some experiments.
            refresh: whether to download the result again.

        Returns:
            The result, or ``None`` if the submission failed (see ``submit_error``).

        Raises:
            IBMQJobTimeoutError: the job was not submitted or did not end within the timeout.
            IBMQJobError: the job has no result; see ``IBMQJob.result``.

        Wire: as ``IBMQJob.result``.
        """
        started = time.monotonic()
        if not self.wait_for_submission(timeout):
            raise IBMQJobTimeoutError(
                f"Job {self.number} of the set was not submitted within {timeout} seconds."
            )
        if self._job is None:
            return None
        left = None if timeout is None else max(timeout - (time.monotonic() - started), 0.0)
        result = self._job.result(timeout=left, partial=partial, refresh=refresh)
        expected = self.end_index - self.start_index + 1
        if len(result.results) != expected:
            raise IBMQJobInvalidStateError(
                f"Job {self._job.job_id()} has {len(result.results)} results for {expected} "
                "experiments of the set, so the results cannot be assigned."
            )
        if self._names is None:
            self._names = [_name_in(entry) for entry in result.results]
        return result

    def wait(self, timeout: float | None = None) -> None:
        """Wait for a submitted job to end; why that fails is found again by :meth:`outcome`.

        Args:
            timeout: maximum wait in seconds; ``None`` waits without limit.

        Raises:
            IBMQJobTimeoutError: the time is over.

        Wire: as ``IBMQJob.wait_for_final_state``.
        """
        if self._job is None:
            return
        try:
            self._job.wait_for_final_state(timeout)
        except IBMQJobTimeoutError:
            raise
        except IBMQJobError as error:
            if time_left() == 0.0:
                raise IBMQJobTimeoutError(error.message) from shown(error)

    def outcome(self, timeout: float | None, partial: bool, refresh: bool) -> Outcome:
        """Return the result, or the reason why the job has none.

        Args:
            timeout: maximum wait in seconds; ``None`` waits without limit.
            partial: whether to accept a failed job that has results for some experiments.
            refresh: whether to download the result again.

        Raises:
            IBMQJobTimeoutError: the time is over.

        Wire: as :meth:`result`.
        """
        try:
            result = self.result(timeout, partial, refresh)
        except IBMQJobTimeoutError:
            raise
        except IBMQJobError as error:
            if time_left() == 0.0:
                raise IBMQJobTimeoutError(error.message) from shown(error)
            return Outcome(None, error.message)
        if result is None:
            return Outcome(None, self.submission_report())
        return Outcome(result)

    def submission_report(self) -> str | None:
        """Return a sentence with the reason why the submission failed; ``None`` if it did not."""
        if self._submit_error is None:
            return None
        if self._cancelled:
            return "The job was cancelled before it was submitted."
        error = self._submit_error
        text = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        return f"The job could not be submitted. {text}"

    def error_message(self) -> str | None:
        """Wait for the job to end and return why it failed; ``None`` if it did not fail.

        Raises:
            IBMQJobApiError: a call failed.

        Wire: as ``IBMQJob.error_message``.
        """
        self.wait_for_submission()
        if self._job is None:
            return None if self._cancelled else self.submission_report()
        return self._job.error_message()

    def cancel(self) -> bool:
        """Wait for the submission of the job and cancel it.

        Returns:
            Whether the job was cancelled; False if its submission failed.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: as ``IBMQJob.cancel``.
        """
        self.wait_for_submission()
        return False if self._job is None else self._job.cancel()

    def qobj(self) -> QasmQobj | PulseQobj | None:
        """Return the Qobj as submitted; ``None`` if the submission failed.

        Wire: as ``IBMQJob.qobj``.
        """
        self.wait_for_submission()
        return None if self._job is None else self._job.qobj()

    # -- experiments -----------------------------------------------------------------------------

    def names(self) -> Sequence[str]:
        """Return the names of the experiments.

        Wire: as ``qobj``, unless this process submitted the job or has read its result.
        """
        if self._names is None:
            qobj = self.qobj()
            experiments = () if qobj is None else qobj.experiments
            self._names = [_name_in(experiment) for experiment in experiments]
        return self._names

    def indexes_of(self, experiment: object) -> list[int]:
        """Return the indexes in this job at which the user submitted this object."""
        return [place for place, made in enumerate(self._originals) if made() is experiment]

    def __repr__(self) -> str:
        status = self.known_status
        return (
            f"<ManagedJob {self.number}, experiments {self.start_index} to {self.end_index}, "
            f"{'not submitted' if status is None else status.name}>"
        )


def _name_in(entry: Any) -> str:
    return str(getattr(getattr(entry, "header", None), "name", ""))


def _reference(experiment: Any) -> Callable[[], Any]:
    """Return a function that returns the object as long as the user keeps it."""
    try:
        return weakref.ref(experiment)
    except TypeError:  # a ScheduleBlock does not support weak references

        def kept() -> Any:
            return experiment

        return kept
