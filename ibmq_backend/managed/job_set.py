"""``ManagedJobSet``: jobs that belong together, submitted in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from qiskit.providers import JobStatus
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiError,
    IBMQJobApiError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerTimeoutError,
    IBMQJobManagerUnknownJobSet,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.job import LAST_LOOK_SECONDS, IBMQJob
from ibmq_backend.job.progress import counting
from ibmq_backend.managed.labels import (
    default_set_name,
    job_name,
    new_set_id,
    set_id_of,
    set_tag,
)
from ibmq_backend.managed.lookup import locate
from ibmq_backend.managed.managed_job import ManagedJob
from ibmq_backend.managed.report import set_lines
from ibmq_backend.managed.results import ManagedResults
from ibmq_backend.managed.retrieval import by_number, labels_of, managed_jobs_of
from ibmq_backend.managed.set_calls import change_each, countdown, read_states, reusable
from ibmq_backend.managed.splitting import Part, check_name
from ibmq_backend.managed.submitter import Submitter, Task

if TYPE_CHECKING:
    from ibmq_backend.backend.provider import Provider

__all__ = ["ManagedJobSet"]


class ManagedJobSet:
    """Jobs that belong together; made by ``IBMQJobManager.run()`` or ``retrieve_job_set()``.

    Experiments are counted through the whole set. Methods may be called from several threads.
    Source: ``ManagedJobSet`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self, name: str | None = None, short_id: str | None = None) -> None:
        self._name = check_name(name) or default_set_name()
        self._id = new_set_id(0) if short_id is None else set_id_of(short_id)
        self._tags: tuple[str, ...] = ()
        self._jobs: tuple[ManagedJob, ...] = ()
        self._backend: IBMQBackend | None = None
        self._submitter: Submitter | None = None
        self._results: ManagedResults | None = None
        self._lock = threading.RLock()

    # -- made by the manager ---------------------------------------------------------------------

    def run(
        self,
        experiment_list: Sequence[Part],
        backend: IBMQBackend,
        job_tags: Sequence[str] = (),
        **labels: Any,
    ) -> None:
        """Start to submit parts as jobs; called by the manager.

        Args:
            experiment_list: one part for each job.
            backend: where to.
            job_tags: the user's tags.
            **labels: what ``backend.run()`` takes beside a Qobj, for every job.

        Raises:
            IBMQJobManagerInvalidStateError: the set has jobs already.
        """
        with self._lock:
            if self._jobs:
                raise IBMQJobManagerInvalidStateError(
                    f"Job set {self._name!r} has its jobs already. IBMQJobManager.run() makes a "
                    "new set."
                )
            tasks = []
            start = 0
            for number, part in enumerate(experiment_list):
                end = start + len(part.originals) - 1
                managed_job = ManagedJob(number, start, end, part.originals)
                tasks.append(Task(managed_job, part, job_name(self._name, number)))
                start = end + 1
            self._jobs = tuple(task.managed_job for task in tasks)
            self._backend = backend
            self._tags = tuple(job_tags)
            tags = [*job_tags, set_tag(self._id)]
            self._submitter = Submitter(tasks, backend, {**labels, "job_tags": tags})
            self._submitter.start()

    def retrieve_jobs(self, provider: Provider, refresh: bool = False) -> None:
        """Find the jobs of this set at the service.

        Args:
            provider: provider the set was submitted with.
            refresh: look again though the jobs are known.

        Raises:
            IBMQJobManagerUnknownJobSet: no job carries the id of the set.
            IBMQJobManagerInvalidStateError: the jobs do not make up a set.
            IBMQJobApiError: a call failed.

        Warns:
            UserWarning: jobs of the set are missing; they have a ``submit_error``.

        Wire: listJobStatuses, page by page; getJob for two jobs.
        """
        service = getattr(provider, "backend", None)
        if not callable(getattr(service, "jobs", None)):
            raise IBMQJobManagerInvalidStateError(
                f"A provider is needed, as IBMQ.load_account() returns it, not {provider!r}."
            )
        if self._jobs and not refresh:
            return
        self._wait_for_submission()
        try:
            found = provider.backend.jobs(
                limit=None, job_tags=[set_tag(self._id)], descending=False
            )
        except ApiError as error:
            raise IBMQJobApiError(
                f"Error reading the jobs of job set {self._id}: {error.message}"
            ) from error
        if not found:
            raise IBMQJobManagerUnknownJobSet(
                f"{provider.place_text()} has no jobs of job set {self._id!r}. An id looks like "
                f"{new_set_id(3)!r}; job_set.job_set_id() gives it."
            )
        numbered = by_number(self._id, found)
        with self._lock:
            if self._jobs:
                for each in self._jobs:
                    if each.number in numbered:
                        each.set_job(numbered[each.number])
            else:
                self._jobs = managed_jobs_of(self._id, numbered)
            self._name, self._tags = labels_of(numbered)
            self._backend = found[0].backend()
            self._results = None

    # -- state -----------------------------------------------------------------------------------

    def statuses(self) -> list[JobStatus | None]:
        """Return the state of every job, in order.

        Returns:
            INITIALIZING for a job that is not submitted yet, CANCELLED for one that was cancelled
            before that, ``None`` for one that could not be submitted or whose state the service
            does not tell.

        Wire: listJobStatuses by the tag of the set, page by page; getJobStatus when only one job
        has not ended; nothing when all have.
        """
        unknown = self._read_states()
        return [None if job.number in unknown else job.known_status for job in self._jobs]

    def report(self, detailed: bool = True) -> str:
        """Return a report as text.

        Args:
            detailed: with a paragraph for each job.

        Wire: as :meth:`statuses`; for failed jobs, when detailed, the reason.
        """
        statuses = self.statuses()
        lines = set_lines(self._name, self._id, self._tags, self._jobs, statuses, detailed=detailed)
        return "\n".join(lines)

    # -- results ---------------------------------------------------------------------------------

    def results(
        self, timeout: float | None = None, partial: bool = False, refresh: bool = False
    ) -> ManagedResults:
        """Return the results of all jobs, waiting for their submission and their end.

        A job that failed, was cancelled or could not be submitted does not spoil the others: only
        its own experiments have no data.

        Args:
            timeout: seconds for the whole set, submission and downloads included; ``None`` waits
                without limit.
            partial: of a failed job, take those experiments that have results.
            refresh: download again.

        Raises:
            IBMQJobManagerTimeoutError: the time is over; the jobs go on, results read so far are
                kept.
            IBMQJobManagerInvalidStateError: a time that is none.

        Wire: as :meth:`statuses`, then for each job as ``IBMQJob.result``.
        """
        with self._lock:
            if self._results is not None and not refresh:
                return self._results
        left = countdown(timeout)
        with time_limit(None if timeout is None else timeout + LAST_LOOK_SECONDS):
            try:
                self._wait_for_submission(left)
                self._read_states()
                outcomes = []
                with counting(len(self._jobs)) as done:
                    for job in self._jobs:
                        waits = job.unfinished_job is not None
                        outcomes.append(job.outcome(left(), partial, refresh))
                        done.advance()
                        if waits and self._unfinished() > 1:
                            self._read_states()
            except IBMQJobTimeoutError as error:
                raise IBMQJobManagerTimeoutError(
                    f"The results of job set {self._name!r} did not come within {timeout} seconds "
                    f"({self._unfinished()} jobs submitted and unfinished). The jobs go on; call "
                    "results() again, or job_set.jobs() for single jobs."
                ) from error
        backend_name = "" if self._backend is None else self._backend.name()
        results = ManagedResults(backend_name, self._jobs, outcomes)
        if results.success:
            with self._lock:
                self._results = results
        return results

    def error_messages(self) -> str | None:
        """Return why jobs failed, waiting for all; ``None`` when none failed.

        Raises:
            IBMQJobApiError: a call failed.

        Wire: as ``IBMQJob.error_message`` for each job.
        """
        self._wait_for_submission()
        self._read_states()
        messages = [(job.number, job.error_message()) for job in self._jobs]
        texts = [f"Job {number}: {message}" for number, message in messages if message]
        return "\n".join(texts) or None

    def cancel(self) -> None:
        """Cancel all jobs that have not ended, and submit no more.

        A submission on its way is waited for, and its job cancelled.

        Raises:
            IBMQJobManagerError: some jobs could not be cancelled; says which.

        Wire: as :meth:`statuses`, then cancelJob and getJob for each unfinished job.
        """
        if self._submitter is not None:
            self._submitter.stop()
        self._read_states()
        unfinished = [each for each in self._jobs if each.unfinished_job is not None]
        change_each(unfinished, lambda _, job: job.cancel(), "be cancelled")

    # -- jobs and experiments --------------------------------------------------------------------

    def jobs(self) -> list[IBMQJob | None]:
        """Return the jobs, in order, waiting until all are submitted; ``None`` for a failure."""
        self._wait_for_submission()
        return [each.job for each in self._jobs]

    def job(self, experiment: Any) -> tuple[IBMQJob | None, int]:
        """Return the job that holds an experiment, waiting until it is submitted.

        Args:
            experiment: index in the set, name, or the circuit or schedule itself. Of several with
                one name the first is meant, with a warning.

        Returns:
            The job (``None`` if it could not be submitted), and the index of the experiment in it.

        Raises:
            IBMQJobManagerJobNotFound: no job holds it.

        Wire: none; by name in a set that was retrieved as ``IBMQJob.qobj`` for each job, once.
        """
        found, place = locate(experiment, self._jobs)
        found.wait_for_submission()
        return found.job, place

    def qobjs(self) -> list[QasmQobj | PulseQobj | None]:
        """Return what was submitted, as ``ManagedJob.qobj`` of each job, in order."""
        self._wait_for_submission()
        return [each.qobj() for each in self._jobs]

    def managed_jobs(self) -> list[ManagedJob]:
        """Return the parts of the set, in order; no request, and no waiting."""
        return list(self._jobs)

    # -- labels ----------------------------------------------------------------------------------

    def job_set_id(self) -> str:
        """Return the id by which the set can be retrieved, also by another program."""
        return self._id

    def name(self) -> str:
        """Return the name of the set; no request."""
        return self._name

    def update_name(self, name: str) -> str:
        """Give the set another name and return it; waits until all jobs are submitted.

        Raises:
            IBMQJobManagerInvalidStateError: the name is not text, or empty.
            IBMQJobManagerError: not all jobs could be renamed; says which. Doing it again is safe.

        Wire: updateJob for each job.
        """
        if not check_name(name):
            raise IBMQJobManagerInvalidStateError("The name of a job set must not be empty.")
        self._wait_for_submission()
        self._name = name
        change_each(
            self._jobs, lambda number, job: job.update_name(job_name(name, number)), "be renamed"
        )
        return name

    def tags(self) -> list[str]:
        """Return the user's tags; no request."""
        return list(self._tags)

    def update_tags(
        self,
        replacement_tags: Iterable[str] | None = None,
        additional_tags: Iterable[str] | None = None,
        removal_tags: Iterable[str] | None = None,
    ) -> list[str]:
        """Change the tags of all jobs; waits until all are submitted.

        Args:
            replacement_tags: instead of all tags; an empty list removes them.
            additional_tags: added.
            removal_tags: removed where they are there.

        Returns:
            The user's new tags, in this order.

        Raises:
            IBMQJobInvalidStateError: no argument, or not a list of text.
            IBMQJobManagerInvalidStateError: the set has no job that was submitted.
            IBMQJobManagerError: not all jobs could be changed; says which. Doing it again is safe.

        Wire: updateJob for each job.
        """
        self._wait_for_submission()
        if all(each.job is None for each in self._jobs):
            raise IBMQJobManagerInvalidStateError(
                f"No job of job set {self._name!r} was submitted, so none can have other tags."
            )
        wanted = [reusable(tags) for tags in (replacement_tags, additional_tags, removal_tags)]
        changed: list[list[str]] = []
        change_each(
            self._jobs,
            lambda _, job: changed.append(job.update_tags(*wanted)),
            "be given other tags",
        )
        own = set_tag(self._id)
        self._tags = tuple(tag for tag in changed[0] if tag != own)
        return self.tags()

    # -- inside ----------------------------------------------------------------------------------

    def _read_states(self) -> set[int]:
        return read_states(self._jobs, self._backend, set_tag(self._id))

    def _wait_for_submission(self, left: Callable[[], float | None] = lambda: None) -> None:
        """Wait until every job is submitted or will never be.

        Raises:
            IBMQJobTimeoutError: the time is over.
        """
        for job in self._jobs:
            if not job.wait_for_submission(left()):
                raise IBMQJobTimeoutError(f"Job {job.number} is not submitted yet.")

    def _unfinished(self) -> int:
        return sum(each.unfinished_job is not None for each in self._jobs)

    def __repr__(self) -> str:
        where = "" if self._backend is None else f" on {self._backend.name()}"
        return f"<ManagedJobSet('{self._name}', {self._id}) of {len(self._jobs)} jobs{where}>"
