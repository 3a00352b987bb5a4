"""Submitting the jobs of a set in the background, as fast as the job limit allows."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import wait
from functools import partial
from typing import Any, Final

from attrs import frozen

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.daemon_threads import DaemonThreads
from ibmq_backend.api.exactly_once import noting_creation
from ibmq_backend.backend.backend import ACTIVE_STATUSES, IBMQBackend
from ibmq_backend.exceptions import (
    IBMQBackendError,
    IBMQBackendJobLimitError,
    IBMQError,
    IBMQJobManagerInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.job import IBMQJob
from ibmq_backend.job.progress import muted
from ibmq_backend.job.wait import POLLING
from ibmq_backend.managed.batch import SetBatch, is_closed
from ibmq_backend.managed.managed_job import ManagedJob
from ibmq_backend.managed.splitting import Part

logger = get_logger(__name__)

MAX_UPLOADS: Final = 16
"""Jobs whose data is uploaded at a time."""

MAX_WAIT_SECONDS: Final = 60.0
"""Maximum wait for the oldest job before trying again, since a newer one may have ended."""

SHORT_WAIT_SECONDS: Final = 1.0
"""Waits shorter than this are followed by a growing pause."""

MAX_EXIT_DELAY_SECONDS: Final = 10.0
"""Maximum time by which the program's exit is delayed while jobs are being submitted."""


@frozen
class Task:
    """One job to submit."""

    managed_job: ManagedJob
    part: Part
    name: str


class Submitter:
    """A daemon thread that submits tasks as jobs.

    Every task gets a job or an error. The jobs are created one after another, so that the service
    lists them in order, but the data of several is uploaded at a time. Several jobs share a batch
    on services that have batches.
    The exit of the program waits up to ``MAX_EXIT_DELAY_SECONDS`` while jobs are being submitted,
    but not while the job limit delays them; a warning about unsubmitted jobs is logged.

    Args:
        tasks: tasks in the order of submission.
        backend: backend that runs the jobs.
        labels: arguments of ``backend.run()`` other than the Qobj and the name, for every job.
    """

    def __init__(
        self, tasks: Sequence[Task], backend: IBMQBackend, labels: Mapping[str, Any]
    ) -> None:
        self._tasks = {task.managed_job.number: task for task in tasks}  # not submitted yet
        self._backend = backend
        self._labels = dict(labels)
        self._batch = SetBatch(backend)
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self._limit_reached = False
        self._thread = threading.Thread(target=self._run, name="ibmq-job-set", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        atexit.register(self._delay_exit)
        self._thread.start()

    def stop(self) -> None:
        """Wait for the submission in progress, if any, and submit no more jobs."""
        self._stopped.set()
        with self._sending:
            self._fail_the_rest("The job set was cancelled before this job was submitted.")

    def _run(self) -> None:
        try:
            if len(self._tasks) > 1 and not self._labels.get("session_id"):
                self._batch.open()
            with self._sending:
                self._submit_until_refused()
            for task in list(self._tasks.values()):
                self._submit(task)
        finally:
            with self._sending:
                self._fail_the_rest(
                    "The submission of the job set was interrupted before this job."
                )
            self._batch.close()
            atexit.unregister(self._delay_exit)

    def _submit_until_refused(self) -> None:
        """Submit tasks until the job limit is reached."""
        threads = DaemonThreads(MAX_UPLOADS, "ibmq-job-set-upload")
        refused = threading.Event()

        def submit(task: Task, created: threading.Event) -> None:
            try:
                with noting_creation(created.set):
                    if not self._send(task):
                        refused.set()
            finally:
                created.set()

        futures = []
        for task in list(self._tasks.values()):
            if self._stopped.is_set() or refused.is_set():
                break
            created = threading.Event()
            futures.append(threads.submit(partial(submit, task, created)))
            created.wait()
        wait(futures)  # also if one fails: the rest are in progress
        for future in futures:
            future.result()

    def _submit(self, task: Task) -> None:
        pause = POLLING.pauses(time.monotonic)
        while True:
            with self._sending:
                if self._stopped.is_set():
                    return
                if self._send(task):
                    return
            self._limit_reached = True
            pause = self._wait_for_oldest_job(pause)
            self._limit_reached = False

    def _send(self, task: Task) -> bool:
        """Return whether the submission succeeded or failed; False if the job limit is reached."""
        try:
            job = self._run_job(task)
        except IBMQBackendJobLimitError:
            return False
        except Exception as error:  # no caller can receive it; the job set stores it
            logger.warning("Job %s could not be submitted: %s", task.name, error)
            task.managed_job.set_error(error)
        else:
            task.managed_job.set_job(job)
        self._tasks.pop(task.managed_job.number, None)  # frees its Qobj
        return True

    def _run_job(self, task: Task) -> IBMQJob:
        def run(options: Mapping[str, Any]) -> IBMQJob:
            labels = {**self._labels, **options}
            return self._backend.run(task.part.qobj, job_name=task.name, **labels)

        options = self._batch.options()
        in_session = bool(options) or self._backend.session is not None
        try:
            return run(options)
        except IBMQBackendError as error:
            if not (in_session and is_closed(error)):
                raise
            logger.info("The batch is over before job %s: %s", task.name, error.message)
        self._batch.close()
        return run({})

    def _wait_for_oldest_job(self, pause: Iterator[float]) -> Iterator[float]:
        """Wait for the oldest unfinished job of the backend and return the next pauses."""
        started = time.monotonic()
        try:
            oldest = self._backend.jobs(limit=1, status=ACTIVE_STATUSES, descending=False)
            for job in oldest:
                logger.info("The job limit is reached; waiting for job %s.", job.job_id())
                with muted():  # the main thread shows progress
                    job.wait_for_final_state(timeout=MAX_WAIT_SECONDS)
        except IBMQJobTimeoutError as error:
            # The next attempt shows whether a newer job has ended.
            logger.info("The job limit of %s is still reached: %s", self._backend.name(), error)
        except IBMQError as error:
            logger.info("Waiting for a job of %s failed: %s", self._backend.name(), error)
        if time.monotonic() - started >= SHORT_WAIT_SECONDS:
            return POLLING.pauses(time.monotonic)
        self._stopped.wait(next(pause))
        return pause

    def _fail_the_rest(self, reason: str) -> None:
        cancelled = self._stopped.is_set()
        for task in list(self._tasks.values()):
            if not task.managed_job.submission_over:
                task.managed_job.set_error(
                    IBMQJobManagerInvalidStateError(reason), cancelled=cancelled
                )

    def _delay_exit(self) -> None:
        deadline = time.monotonic() + MAX_EXIT_DELAY_SECONDS
        while self._thread.is_alive() and not self._limit_reached and time.monotonic() < deadline:
            self._thread.join(0.05)
        missing = sum(not task.managed_job.submission_over for task in list(self._tasks.values()))
        if missing:
            logger.warning(
                "The program exits before %s jobs of a job set were submitted to %s. "
                "Call job_set.jobs() to wait until all are.",
                missing,
                self._backend.name(),
            )
