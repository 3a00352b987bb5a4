"""``ManagedJob``: one job of a set, from before it is submitted until its result is read."""

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
    """The result of a job, or why there is none."""

    result: Result | None
    reason: str | None = None


class ManagedJob:
    """A part of a job set: the experiments ``start_index`` to ``end_index``, and their job.

    Users get these from :meth:`ManagedJobSet.managed_jobs`.

    Attributes:
        number: place in the set, from 0.
        start_index: index in the set of the first experiment of this job.
        end_index: index in the set of the last one, inclusive.

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
        """The job; ``None`` before it is submitted, and when that failed."""
        return self._job

    @property
    def submit_error(self) -> Exception | None:
        """Why there is no job; ``None`` before it is submitted, and when that went well."""
        return self._submit_error

    @property
    def submission_over(self) -> bool:
        """Whether the job was submitted, or will never be."""
        return self._over.is_set()

    def wait_for_submission(self, timeout: float | None = None) -> bool:
        """Wait until the job was submitted or will never be; False when the time is over."""
        return self._over.wait(timeout)

    def set_job(self, job: IBMQJob) -> None:
        """Say which job came of the submission."""
        self._job = job
        self._over.set()

    def set_error(self, error: Exception, *, cancelled: bool = False) -> None:
        """Say that there is no job, and why.

        Args:
            error: becomes ``submit_error``.
            cancelled: the user did not want it any more.
        """
        self._submit_error = error
        self._cancelled = cancelled
        self._over.set()

    # -- the job ---------------------------------------------------------------------------------

    @property
    def known_status(self) -> JobStatus | None:
        """The last status heard of, as :meth:`status`; no request."""
        if self._job is not None:
            return self._job._known_status()
        if self._cancelled:
            return JobStatus.CANCELLED
        return None if self.submission_over else JobStatus.INITIALIZING

    @property
    def unfinished_job(self) -> IBMQJob | None:
        """The job, if it was submitted and has not ended as far as is known; no request."""
        return None if self.known_status in JOB_FINAL_STATES else self._job

    def status(self) -> JobStatus | None:
        """Return the state of the job.

        Returns:
            INITIALIZING before it is submitted, CANCELLED if it was cancelled before that, ``None``
            when it could not be submitted.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: getJobStatus while it has not ended.
        """
        return self.known_status if self._job is None else self._job.status()

    def result(
        self, timeout: float | None = None, partial: bool = False, refresh: bool = False
    ) -> Result | None:
        """Return the result of the job, waiting for its submission and its end.

        Args:
            timeout: seconds to wait; ``None`` waits without limit.
            partial: accept a failed job, some of whose experiments have results.
            refresh: download again.

        Returns:
            ``None`` when there is no job (see ``submit_error``).

        Raises:
            IBMQJobTimeoutError: the job was not submitted or did not end in time.
            IBMQJobError: the job has no result; as ``IBMQJob.result``.

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
                f"Job {self._job.job_id()} has {len(result.results)} results where the set has "
                f"{expected} experiments, so it cannot be told which is which."
            )
        if self._names is None:
            self._names = [_name_in(entry) for entry in result.results]
        return result

    def outcome(self, timeout: float | None, partial: bool, refresh: bool) -> Outcome:
        """Return the result, or why there is none; arguments as for :meth:`result`.

        Raises:
            IBMQJobTimeoutError: the time is over.
        """
        try:
            result = self.result(timeout, partial, refresh)
        except IBMQJobTimeoutError:
            raise
        except IBMQJobError as error:
            if time_left() == 0.0:
                raise IBMQJobTimeoutError(error.message) from error
            return Outcome(None, error.message)
        if result is None:
            return Outcome(None, self.submission_report())
        return Outcome(result)

    def submission_report(self) -> str | None:
        """Return why there is no job, as a sentence; ``None`` when there is one."""
        if self._submit_error is None:
            return None
        if self._cancelled:
            return "The job was cancelled before it was submitted."
        error = self._submit_error
        text = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        return f"The job could not be submitted. {text}"

    def error_message(self) -> str | None:
        """Return why the job failed, waiting for its end; ``None`` when it did not fail.

        Raises:
            IBMQJobApiError: a call failed.

        Wire: as ``IBMQJob.error_message``.
        """
        self.wait_for_submission()
        if self._job is None:
            return None if self._cancelled else self.submission_report()
        return self._job.error_message()

    def cancel(self) -> bool:
        """Cancel the job, waiting for its submission.

        Returns:
            False when there is no job, or the service refuses.

        Raises:
            IBMQJobApiError: the call failed.

        Wire: cancelJob, getJob.
        """
        self.wait_for_submission()
        return False if self._job is None else self._job.cancel()

    def qobj(self) -> QasmQobj | PulseQobj | None:
        """Return the Qobj as submitted; ``None`` when there is no job.

        Wire: as ``IBMQJob.qobj``.
        """
        self.wait_for_submission()
        return None if self._job is None else self._job.qobj()

    # -- experiments -----------------------------------------------------------------------------

    def names(self) -> Sequence[str]:
        """Return the names of the experiments.

        Wire: none where they were submitted here or their result was read, else as ``qobj``.
        """
        if self._names is None:
            qobj = self.qobj()
            experiments = () if qobj is None else qobj.experiments
            self._names = [_name_in(experiment) for experiment in experiments]
        return self._names

    def places_of(self, experiment: object) -> list[int]:
        """Return where in this job the user's very object was submitted."""
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
    """Return what gives the object back as long as the user has it, without keeping it alive."""
    try:
        return weakref.ref(experiment)
    except TypeError:  # a ScheduleBlock has no room for weak references

        def kept() -> Any:
            return experiment

        return kept
