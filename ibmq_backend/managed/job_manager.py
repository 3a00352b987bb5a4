"""``IBMQJobManager``, which runs any number of experiments as jobs a backend accepts."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend.backend.run_options import (
    ALLOW_UNKNOWN,
    TERM_OPTIONS,
    check_texts,
    refuse_misspelled_options,
)
from ibmq_backend.backend.terms import take_terms
from ibmq_backend.backend.variants import IBMQBackend
from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobManagerInvalidStateError
from ibmq_backend.managed.job_set import ManagedJobSet
from ibmq_backend.managed.labels import new_set_id, set_id_of
from ibmq_backend.managed.report import summary_lines
from ibmq_backend.managed.splitting import check_backend, check_labels, check_name, split

if TYPE_CHECKING:
    from ibmq_backend.backend.provider import Provider

__all__ = ["IBMQJobManager"]

_LABELS: Final = ("experiment_id", "live_data_enabled", ALLOW_UNKNOWN, *TERM_OPTIONS)
"""Options of ``backend.run()`` that are not part of the Qobj."""


@methods_suggest_keywords
class IBMQJobManager:
    """Splits experiments into jobs, submits them in the background, and collects their results.

    A manager knows the sets that it ran or retrieved. Sets of other managers, or of programs that
    have ended, are retrieved by their id. All methods may be called from several threads.

    Source: ``IBMQJobManager`` of qiskit-ibmq-provider 0.8 to 0.20.2.

    Example:
        >>> from ibmq_backend import IBMQ, IBMQJobManager
        >>> from qiskit import QuantumCircuit
        >>> provider = IBMQ.enable_local()
        >>> backend = provider.get_backend("ibmq_qasm_simulator")
        >>> circuit = QuantumCircuit(1)
        >>> circuit.measure_all()
        >>> manager = IBMQJobManager()
        >>> job_set = manager.run([circuit] * 5, backend, max_experiments_per_job=2, shots=100)
        >>> results = job_set.results()
        >>> len(job_set.jobs()), results.get_counts(4)
        (3, {'0': 100})
        >>> set_id = job_set.job_set_id()
        >>> IBMQJobManager().retrieve_job_set(set_id, provider).statuses()
        [<JobStatus.DONE: ...>, <JobStatus.DONE: ...>, <JobStatus.DONE: ...>]
        >>> IBMQ.disable_account()
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
        """Run experiments as a set of jobs.

        Return once the jobs are assembled. A background thread creates them one after another,
        while the data of several is uploaded; when the limit of unfinished jobs is reached, it
        waits for the oldest one and tries again. A job that cannot be submitted has a
        ``submit_error``, and the others are still submitted.
        Later changes of the experiments have no effect. A program that ends early leaves jobs
        unsubmitted; ``job_set.jobs()`` waits for all of them.

        On IBM Quantum Platform, several jobs share a batch, unless a session of the backend is open
        or ``session_id`` is given. Jobs that would be submitted in the second half of its life are
        submitted without it, since those that wait at its end fail.

        Args:
            experiments: one or more transpiled circuits, or schedules.
            backend: backend that runs the jobs.
            name: name of the set, which need not be unique; by default the current UTC time.
            max_experiments_per_job: maximum number of experiments in a job, if the backend does not
                accept fewer.
            job_share_level: accepted but has no effect, as with the provider since 0.15.
            job_tags: list of tags for every job.
            **run_config: options of ``backend.run()`` for every job. ``parameter_binds`` and
                ``schedule_los`` are given for all experiments and are split with them.

        Raises:
            IBMQJobManagerInvalidStateError: an argument is not valid, or the backend cannot run the
                experiments; nothing was submitted.

        Wire: in the background, for each job as ``IBMQBackend.run``; createSession before several
        jobs, and updateSession after them.
        """
        target = check_backend(backend)
        refuse_misspelled_options(
            run_config,
            (IBMQJobManager.run, IBMQBackend.run, type(target).run),
            IBMQJobManagerInvalidStateError,
        )
        label = check_name(name)
        tags = check_labels(job_share_level, job_tags)
        check_texts(IBMQJobManagerInvalidStateError, experiment_id=run_config.get("experiment_id"))
        labels = {name: run_config[name] for name in _LABELS if name in run_config}
        try:
            take_terms(run_config, target)
        except IBMQBackendValueError as error:
            raise IBMQJobManagerInvalidStateError(error.message) from error
        run_config.pop("experiment_id", None)
        parts = split(experiments, target, max_experiments_per_job, run_config)
        job_set = ManagedJobSet(label, new_set_id(len(parts)))
        job_set.run(parts, target, tags, **labels)
        with self._lock:
            self._sets.append(job_set)
        return job_set

    def report(self, detailed: bool = True) -> str:
        """Return a report on all sets of this manager as text.

        Args:
            detailed: whether to include a paragraph for each job.

        Wire: as ``ManagedJobSet.report`` for each set.
        """
        sets = self.job_sets()
        reports = [job_set.report(detailed) for job_set in sets]
        statuses = [job.known_status for job_set in sets for job in job_set.managed_jobs()]
        heading = [f"Job sets: {len(sets)}", *summary_lines(statuses)]
        return "\n\n".join(["\n".join(heading), *reports])

    def job_sets(self, name: str | None = None) -> list[ManagedJobSet]:
        """Return the sets of this manager, oldest first, without a request.

        Args:
            name: name of the sets to return; ``None`` returns all.
        """
        with self._lock:
            return [each for each in self._sets if name is None or each.name() == name]

    def retrieve_job_set(
        self, job_set_id: str, provider: Provider, refresh: bool = False
    ) -> ManagedJobSet:
        """Return a set by its id, even if another program submitted it.

        Args:
            job_set_id: id of the set, from ``job_set.job_set_id()``.
            provider: provider that the set was submitted with.
            refresh: whether to read the jobs again if this manager knows the set.

        Raises:
            IBMQJobManagerUnknownJobSet: no job has the tag of this set.
            IBMQJobManagerInvalidStateError: the jobs are not a set, or an argument is not valid.
            IBMQJobApiError: a call failed.

        Warns:
            UserWarning: jobs of the set are missing, because its program ended before they were
                submitted or because they were deleted. The others can be used; the missing ones
                have a ``submit_error``.

        Wire: listJobStatuses by tag, page by page; getJob for two jobs.
        """
        if not isinstance(job_set_id, str) or not job_set_id:
            raise IBMQJobManagerInvalidStateError(
                f"job_set_id must be text, not {job_set_id!r}. job_set.job_set_id() returns it."
            )
        wanted = set_id_of(job_set_id)
        known = [each for each in self.job_sets() if each.job_set_id() == wanted]
        job_set = known[0] if known else ManagedJobSet(short_id=wanted)
        job_set.retrieve_jobs(provider, refresh)
        if not known:
            with self._lock:
                self._sets.append(job_set)
        return job_set
