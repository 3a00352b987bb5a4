"""``ManagedJobSet``, a set of jobs that are submitted in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qiskit.providers import JobStatus
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend._errors.causes import shown
from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._html import MAX_READ_SECONDS
from ibmq_backend.backend.variants import IBMQBackend, is_local
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import (
    ApiError,
    IBMQError,
    IBMQJobApiError,
    IBMQJobManagerInvalidStateError,
    IBMQJobManagerTimeoutError,
    IBMQJobManagerUnknownJobSet,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.job import LAST_REQUEST_SECONDS, IBMQJob
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
from ibmq_backend.managed.report import set_html, set_lines
from ibmq_backend.managed.results import ManagedResults
from ibmq_backend.managed.retrieval import jobs_by_number, labels_of, managed_jobs_of
from ibmq_backend.managed.set_calls import (
    change_each,
    countdown,
    read_outcomes,
    read_states,
    repeatable,
)
from ibmq_backend.managed.splitting import Part, check_name
from ibmq_backend.managed.submitter import Submitter, Task

if TYPE_CHECKING:
    from ibmq_backend.backend.provider import Provider

__all__ = ["ManagedJobSet"]


@methods_suggest_keywords
class ManagedJobSet:
    """A set of jobs, returned by ``IBMQJobManager.run()`` or ``retrieve_job_set()``.

    Experiments are numbered through the whole set. Methods may be called from several threads.
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

    # -- called by the manager ------------------------------------------------------------------

    def run(
        self,
        experiment_list: Sequence[Part],
        backend: IBMQBackend,
        job_tags: Sequence[str] = (),
        **labels: Any,
    ) -> None:
        """Start submitting jobs; called by the manager.

        Args:
            experiment_list: one part for each job.
            backend: backend that runs the jobs.
            job_tags: tags of the user.
            **labels: arguments of ``backend.run()`` other than the Qobj, for every job.

        Raises:
            IBMQJobManagerInvalidStateError: the set already has jobs.
        """
        with self._lock:
            if self._jobs:
                raise IBMQJobManagerInvalidStateError(
                    f"Job set {self._name!r} already has jobs. Use IBMQJobManager.run() to make a "
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
        """Read the jobs of this set from the service.

        Args:
            provider: provider that the set was submitted with.
            refresh: whether to read them again if they are known.

        Raises:
            IBMQJobManagerUnknownJobSet: no job has the tag of this set.
            IBMQJobManagerInvalidStateError: the jobs are not a set.
            IBMQJobApiError: a call failed.

        Warns:
            UserWarning: jobs of the set are missing; they have a ``submit_error``.

        Wire: listJobStatuses, page by page; getJob for two jobs.
        """
        service = getattr(provider, "backend", None)
        if not callable(getattr(service, "jobs", None)):
            raise IBMQJobManagerInvalidStateError(
                f"provider must be a provider, not {provider!r}. IBMQ.load_account() returns one."
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
            ) from shown(error)
        if not found:
            raise IBMQJobManagerUnknownJobSet(
                f"{provider.describe_service()} has no jobs of job set {self._id!r}. An id looks "
                f"like {new_set_id(3)!r}; job_set.job_set_id() returns it."
            )
        numbered = jobs_by_number(self._id, found)
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
            One entry for each job: INITIALIZING if it is not submitted yet, CANCELLED if it was
            cancelled before that, ``None`` if it could not be submitted or its state cannot be
            read.

        Wire: listJobStatuses by the tag of the set, page by page; getJobStatus if only one job has
        not ended; no request if all have.
        """
        unknown = self._read_states()
        return [None if job.number in unknown else job.known_status for job in self._jobs]

    def report(self, detailed: bool = True) -> str:
        """Return a report as text.

        Args:
            detailed: whether to include a paragraph for each job.

        Wire: as :meth:`statuses`; if detailed, also as ``IBMQJob.error_message`` for failed jobs.
        """
        statuses = self.statuses()
        lines = set_lines(self._name, self._id, self._tags, self._jobs, statuses, detailed=detailed)
        return "\n".join(lines)

    # -- results ---------------------------------------------------------------------------------

    def results(
        self, timeout: float | None = None, partial: bool = False, refresh: bool = False
    ) -> ManagedResults:
        """Wait for all jobs to be submitted and to end, and return their results.

        If a job failed, was cancelled or could not be submitted, only its own experiments have no
        data.

        Args:
            timeout: maximum number of seconds for the whole set, including submission and
                downloads; ``None`` waits without limit.
            partial: whether to include the experiments of a failed job that have results.
            refresh: whether to download the results again.

        Raises:
            IBMQJobManagerTimeoutError: the timeout is over. The jobs continue, and results that
                were read are kept.
            IBMQJobManagerInvalidStateError: the timeout is not valid.

        Wire: as :meth:`statuses`, then for each job as ``IBMQJob.result``.
        """
        with self._lock:
            if self._results is not None and not refresh:
                return self._results
        left = countdown(timeout)
        with time_limit(None if timeout is None else timeout + LAST_REQUEST_SECONDS):
            try:
                with counting(len(self._jobs)) as progress:
                    progress.update("submitting", None)
                    self._wait_for_submission(left)
                    self._read_states()
                    outcomes = read_outcomes(
                        self._jobs, left, partial, refresh, self._read_states, progress.advance
                    )
            except IBMQJobTimeoutError as error:
                raise IBMQJobManagerTimeoutError(
                    f"The results of job set {self._name!r} were not complete within {timeout} "
                    f"seconds; {self._count_unfinished()} of its submitted jobs have not ended. "
                    f"Call results() again, or {self._fetching()} later."
                ) from shown(error)
            except KeyboardInterrupt as interrupt:
                interrupt.add_note(self._interrupt_note())
                raise
        backend_name = "" if self._backend is None else self._backend.name()
        results = ManagedResults(backend_name, self._jobs, outcomes)
        if results.success:
            with self._lock:
                self._results = results
        return results

    def error_messages(self) -> str | None:
        """Wait for all jobs to end and return why jobs failed; ``None`` if none failed.

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

        If a job is being submitted, it is cancelled after its submission.

        Raises:
            IBMQJobManagerError: some jobs, named in the message, could not be cancelled.

        Wire: as :meth:`statuses`, then cancelJob and getJob for each unfinished job.
        """
        if self._submitter is not None:
            self._submitter.stop()
        self._read_states()
        unfinished = [each for each in self._jobs if each.unfinished_job is not None]
        change_each(unfinished, lambda _, job: job.cancel(), "be cancelled")

    # -- jobs and experiments --------------------------------------------------------------------

    def jobs(self) -> list[IBMQJob | None]:
        """Wait until all jobs are submitted and return them; ``None`` for failed submissions."""
        self._wait_for_submission()
        return [each.job for each in self._jobs]

    def job(self, experiment: Any) -> tuple[IBMQJob | None, int]:
        """Wait until the job of an experiment is submitted and return it.

        Args:
            experiment: index in the set, name, or the circuit or schedule itself. If several have
                the same name, the first one is used, with a warning.

        Returns:
            The job (``None`` if it could not be submitted), and the index of the experiment in it.

        Raises:
            IBMQJobManagerJobNotFound: the set has no such experiment.

        Wire: as ``IBMQJob.qobj`` for each job, once, to find a name in a retrieved set.
        """
        found, place = locate(experiment, self._jobs)
        found.wait_for_submission()
        return found.job, place

    def qobjs(self) -> list[QasmQobj | PulseQobj | None]:
        """Return the Qobj of each job, in order. Wire: as ``ManagedJob.qobj`` for each job."""
        self._wait_for_submission()
        return [each.qobj() for each in self._jobs]

    def managed_jobs(self) -> list[ManagedJob]:
        """Return the jobs of the set with their indexes, in order, without waiting or a request."""
        return list(self._jobs)

    # -- labels ----------------------------------------------------------------------------------

    def job_set_id(self) -> str:
        """Return the id with which this or another program can retrieve the set."""
        return self._id

    def name(self) -> str:
        """Return the name of the set, without a request."""
        return self._name

    def update_name(self, name: str) -> str:
        """Wait until all jobs are submitted, change the name of the set, and return the new one.

        Raises:
            IBMQJobManagerInvalidStateError: the name is not text, or empty.
            IBMQJobManagerError: some jobs, named in the message, could not be renamed. It is safe
                to try again.

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
        """Return the user's tags, without a request."""
        return list(self._tags)

    def update_tags(
        self,
        replacement_tags: Iterable[str] | None = None,
        additional_tags: Iterable[str] | None = None,
        removal_tags: Iterable[str] | None = None,
    ) -> list[str]:
        """Wait until all jobs are submitted, and replace, add and remove tags, in this order.

        Args:
            replacement_tags: tags that replace all others; an empty list removes all.
            additional_tags: tags to add.
            removal_tags: tags to remove, if the jobs have them.

        Returns:
            The user's new tags.

        Raises:
            IBMQJobInvalidStateError: no argument was given, or one is not a list of text.
            IBMQJobManagerInvalidStateError: no job of the set was submitted.
            IBMQJobManagerError: some jobs, named in the message, could not be changed. It is safe
                to try again.

        Wire: updateJob for each job.
        """
        self._wait_for_submission()
        if all(each.job is None for each in self._jobs):
            raise IBMQJobManagerInvalidStateError(
                f"No job of job set {self._name!r} was submitted, so its tags cannot be changed."
            )
        wanted = [repeatable(tags) for tags in (replacement_tags, additional_tags, removal_tags)]
        changed: list[list[str]] = []
        change_each(
            self._jobs,
            lambda _, job: changed.append(job.update_tags(*wanted)),
            "be tagged",
        )
        own = set_tag(self._id)
        self._tags = tuple(tag for tag in changed[0] if tag != own)
        return self.tags()

    # -- internal --------------------------------------------------------------------------------

    def _read_states(self) -> set[int]:
        return read_states(self._jobs, self._backend, set_tag(self._id))

    def _wait_for_submission(self, left: Callable[[], float | None] = lambda: None) -> None:
        """Wait until every job is submitted or has failed to be.

        Raises:
            IBMQJobTimeoutError: the time is over.
        """
        for job in self._jobs:
            if not job.wait_for_submission(left()):
                raise IBMQJobTimeoutError(f"Job {job.number} is not submitted yet.")

    def _fetching(self) -> str:
        return f"IBMQJobManager().retrieve_job_set({self._id!r}, provider)"

    def _interrupt_note(self) -> str:
        waiting = sum(not each.submission_over for each in self._jobs)
        note = f"Job set {self._name!r} was not cancelled. {self._fetching()} fetches it later."
        if waiting:
            note += (
                f" {waiting} of its jobs are not submitted yet, and only this program does that."
            )
        return note

    def _count_unfinished(self) -> int:
        return sum(each.unfinished_job is not None for each in self._jobs)

    def __repr__(self) -> str:
        where = "" if self._backend is None else f" on {self._backend.name()}"
        return f"<ManagedJobSet('{self._name}', {self._id}) of {len(self._jobs)} jobs{where}>"

    def _repr_html_(self) -> str:
        """Return a table of the jobs. Only the service of this machine is asked for news."""
        if self._backend is not None and is_local(self._backend):
            with suppress(IBMQError), time_limit(MAX_READ_SECONDS):
                self._read_states()
        return set_html(self._name, self._id, self._tags, self._jobs)
