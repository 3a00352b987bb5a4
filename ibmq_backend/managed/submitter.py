"""Submits the jobs of a set in the background, one after another, as fast as the limit allows."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.backend.backend import ACTIVE_STATUSES, IBMQBackend
from ibmq_backend.exceptions import (
    IBMQBackendJobLimitError,
    IBMQError,
    IBMQJobManagerInvalidStateError,
    IBMQJobTimeoutError,
)
from ibmq_backend.job.wait import POLLING
from ibmq_backend.managed.managed_job import ManagedJob
from ibmq_backend.managed.splitting import Part

logger = get_logger(__name__)

MAX_WAIT_SECONDS: Final = 60.0
"""How long the oldest job is waited for before trying again: a younger one may have ended."""

QUICK_SECONDS: Final = 1.0
"""A wait shorter than this is followed by a pause that grows."""

EXIT_SECONDS: Final = 10.0
"""How long the end of the program is put off while jobs are being sent."""


@frozen
class Task:
    """One job to submit."""

    managed_job: ManagedJob
    part: Part
    name: str


class Submitter:
    """A daemon thread that turns tasks into jobs.

    Every task ends with a job or with an error, whatever happens. The end of the program waits up
    to ``EXIT_SECONDS`` while jobs are being sent, and not at all while the job limit keeps them
    back; what was not sent then is logged as a warning.

    Args:
        tasks: in the order of submission.
        backend: where to.
        labels: what ``backend.run()`` takes beside a Qobj and a name, for every job.
    """

    def __init__(
        self, tasks: Sequence[Task], backend: IBMQBackend, labels: Mapping[str, Any]
    ) -> None:
        self._tasks = list(tasks)
        self._backend = backend
        self._labels = dict(labels)
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self._kept_back = False
        self._thread = threading.Thread(target=self._run, name="ibmq-job-set", daemon=True)

    def start(self) -> None:
        """Start to submit."""
        atexit.register(self._end_with_program)
        self._thread.start()

    def stop(self) -> None:
        """Submit nothing more; a submission on its way is waited for."""
        self._stopped.set()
        with self._sending:
            self._give_up("The job set was cancelled before this job was submitted.")

    def _run(self) -> None:
        try:
            while self._tasks and not self._stopped.is_set():
                self._submit(self._tasks[0])
                if self._tasks and self._tasks[0].managed_job.submission_over:
                    del self._tasks[0]  # and with it what was submitted
        finally:
            with self._sending:
                self._give_up("The submission of the job set broke off before this job.")
            atexit.unregister(self._end_with_program)

    def _submit(self, task: Task) -> None:
        pause = POLLING.pauses()
        while True:
            with self._sending:
                if self._stopped.is_set():
                    return
                if self._send(task):
                    return
            self._kept_back = True
            pause = self._wait_for_room(pause)
            self._kept_back = False

    def _send(self, task: Task) -> bool:
        """Return whether the task is done with; False when the job limit is reached."""
        try:
            job = self._backend.run(task.part.qobj, job_name=task.name, **self._labels)
        except IBMQBackendJobLimitError:
            return False
        except Exception as error:  # no caller is here to take it: kept for whoever asks the set
            logger.warning("Job %s could not be submitted: %s", task.name, error)
            task.managed_job.set_error(error)
        else:
            task.managed_job.set_job(job)
        return True

    def _wait_for_room(self, pause: Iterator[float]) -> Iterator[float]:
        """Wait for the oldest unfinished job of the backend; return the pauses to go on with."""
        started = time.monotonic()
        try:
            oldest = self._backend.jobs(limit=1, status=ACTIVE_STATUSES, descending=False)
            for job in oldest:
                logger.info("The job limit is reached; waiting for job %s.", job.job_id())
                job.wait_for_final_state(timeout=MAX_WAIT_SECONDS)
        except IBMQJobTimeoutError as error:
            # The next attempt tells whether there is room meanwhile.
            logger.info("No room on %s yet: %s", self._backend.name(), error)
        except IBMQError as error:
            logger.info("Waiting for room on %s failed: %s", self._backend.name(), error)
        if time.monotonic() - started >= QUICK_SECONDS:
            return POLLING.pauses()
        self._stopped.wait(next(pause))
        return pause

    def _give_up(self, reason: str) -> None:
        cancelled = self._stopped.is_set()
        for task in list(self._tasks):
            if not task.managed_job.submission_over:
                task.managed_job.set_error(
                    IBMQJobManagerInvalidStateError(reason), cancelled=cancelled
                )

    def _end_with_program(self) -> None:
        deadline = time.monotonic() + EXIT_SECONDS
        while self._thread.is_alive() and not self._kept_back and time.monotonic() < deadline:
            self._thread.join(0.05)
        missing = sum(not task.managed_job.submission_over for task in list(self._tasks))
        if missing:
            logger.warning(
                "The program ends before %s of the jobs of a job set were submitted to %s. "
                "job_set.jobs() waits until all are.",
                missing,
                self._backend.name(),
            )
