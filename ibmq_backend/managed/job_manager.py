"""``IBMQJobManager``: runs any number of experiments as jobs of the size a backend takes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import IBMQJobManagerInvalidStateError
from ibmq_backend.managed.job_set import ManagedJobSet
from ibmq_backend.managed.labels import new_set_id, set_id_of
from ibmq_backend.managed.report import summary_lines
from ibmq_backend.managed.splitting import check_backend, check_labels, check_name, split

if TYPE_CHECKING:
    from ibmq_backend.backend.provider import Provider

__all__ = ["IBMQJobManager"]

_LABELS: Final = ("experiment_id", "live_data_enabled")
"""Options of ``backend.run()`` that are not part of a Qobj."""


class IBMQJobManager:
    """Splits experiments into jobs, submits them in the background, and finds them again.

    Each manager knows the sets it ran or retrieved; sets of other managers, or of programs that
    have ended, are found by their id. All methods may be called from several threads.

    Source: ``IBMQJobManager`` of qiskit-ibmq-provider 0.8 to 0.20.2.
    """

    def __init__(self) -> None:
        self._sets: list[ManagedJobSet] = []
        self._lock = threading.Lock()

    def run(
        self,
        experiments: Any,
        backend: IBMQBackend,
        name: str | None = None,
        max_experiments_per_job: int | None = None,
        job_share_level: str | None = None,
        job_tags: Iterable[str] | None = None,
        **run_config: Any,
    ) -> ManagedJobSet:
        """Run experiments as a set of jobs; returns once they are assembled.

        The jobs are submitted by a background thread, one after another. When the limit of
        unfinished jobs is reached, it waits for the oldest one and tries again. A job that cannot
        be submitted keeps its ``submit_error``, and the others are submitted all the same. What is
        done to the experiments afterwards changes nothing. A program that ends early leaves jobs
        unsubmitted; ``job_set.jobs()`` waits for all.

        Args:
            experiments: circuits or schedules, ready for the backend (nothing is transpiled); a
                single one is fine.
            backend: where to run.
            name: name of the set, need not be unique; the current time in UTC when not given.
            max_experiments_per_job: at most so many, if the backend does not take fewer.
            job_share_level: accepted and without effect, as with the provider since 0.15.
            job_tags: list of text, on every job.
            **run_config: options of ``backend.run()``, for every job. ``parameter_binds`` and
                ``schedule_los`` are given for the whole and split along.

        Raises:
            IBMQJobManagerInvalidStateError: an argument that cannot be used, or experiments that
                this backend cannot run; nothing was submitted.

        Wire: in the background, for each job as ``backend.run()``.
        """
        target = check_backend(backend)
        label = check_name(name)
        tags = check_labels(job_share_level, job_tags)
        labels = {name: run_config.pop(name) for name in _LABELS if name in run_config}
        parts = split(experiments, target, max_experiments_per_job, run_config)
        job_set = ManagedJobSet(label, new_set_id(len(parts)))
        job_set.run(parts, target, tags, **labels)
        with self._lock:
            self._sets.append(job_set)
        return job_set

    def report(self, detailed: bool = True) -> str:
        """Return a report on all sets of this manager as text.

        Args:
            detailed: with a paragraph for each job.

        Wire: as ``ManagedJobSet.report`` for each set.
        """
        sets = self.job_sets()
        reports = [job_set.report(detailed) for job_set in sets]
        statuses = [job.known_status for job_set in sets for job in job_set.managed_jobs()]
        heading = [f"Job sets: {len(sets)}", *summary_lines(statuses)]
        return "\n\n".join(["\n".join(heading), *reports])

    def job_sets(self, name: str | None = None) -> list[ManagedJobSet]:
        """Return the sets of this manager, oldest first; no request.

        Args:
            name: only those with this name.
        """
        with self._lock:
            return [each for each in self._sets if name is None or each.name() == name]

    def retrieve_job_set(
        self, job_set_id: str, provider: Provider, refresh: bool = False
    ) -> ManagedJobSet:
        """Return a set by its id, whatever program submitted it.

        Args:
            job_set_id: what ``job_set.job_set_id()`` gave.
            provider: provider the set was submitted with.
            refresh: look for the jobs again though this manager knows the set.

        Raises:
            IBMQJobManagerUnknownJobSet: no job carries this id.
            IBMQJobManagerInvalidStateError: the jobs do not make up a set, or an argument cannot
                be used.
            IBMQJobApiError: a call failed.

        Warns:
            UserWarning: jobs of the set are missing, because its program ended before they were
                submitted, or because they were deleted. The others can be used; the missing ones
                have a ``submit_error``.

        Wire: listJobStatuses by tag, page by page; getJob for two jobs.
        """
        if not isinstance(job_set_id, str) or not job_set_id:
            raise IBMQJobManagerInvalidStateError(f"A job set id is text, not {job_set_id!r}.")
        wanted = set_id_of(job_set_id)
        known = [each for each in self.job_sets() if each.job_set_id() == wanted]
        job_set = known[0] if known else ManagedJobSet(short_id=wanted)
        job_set.retrieve_jobs(provider, refresh)
        if not known:
            with self._lock:
                self._sets.append(job_set)
        return job_set
