"""The actions of a user that send requests."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.managed import IBMQJobManager
from tests.secrets.leak_detector import LeakDetector
from tests.secrets.request_faults import ECHOING_FAULTS, Fault, RequestFaults

MAX_SUBMISSION_SECONDS: Final = 10.0
"""Time limit for the submission of a job set in the background."""

TIMEOUT_SECONDS: Final = 0.05
"""Time limit for a result of a failing service."""

Action = Callable[[], Any]


def circuit() -> QuantumCircuit:
    """Return a circuit in the basis gates of both devices."""
    made = QuantumCircuit(2, 2, name="bell")
    made.sx(0)
    made.cx(0, 1)
    made.measure([0, 1], [0, 1])
    return made


class Session:
    """A user who continues after errors.

    Args:
        detector: gets all results and errors.
        faults: makes operations fail.
    """

    def __init__(self, detector: LeakDetector, faults: RequestFaults) -> None:
        self._detector = detector
        self._faults = faults
        self.errors: dict[str, BaseException] = {}
        self.echoes_secrets = False
        """Whether replies contain secrets, so that results and variables contain them too."""

    def run(self, where: str, action: Action) -> Any:
        """Run an action and pass the result or the error to the detector."""
        found = None
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                found = action()
            except (Exception, KeyboardInterrupt) as error:
                self.errors[where] = error
                self._detector.add_error(where, error, variables=not self.echoes_secrets)
            else:
                if not self.echoes_secrets:
                    self._detector.add_object(where, found, pickled=True)
        for each in caught:
            self._detector.add_text(f"{where}: warning", str(each.message))
        return found

    def run_with_failures(self, name: str, action: Action, fault: Fault) -> None:
        """Run an action without a fault, then with a fault in each of its operations."""
        self._faults.operations.clear()
        self.run(f"{name}, working", action)
        for operation in dict.fromkeys(self._faults.operations):
            self.echoes_secrets = fault in ECHOING_FAULTS
            with self._faults.failing(operation, fault):
                self.run(f"{name}, {operation} failing", action)
            self.echoes_secrets = False


@contextmanager
def logged_in(*arguments: Any, **options: Any) -> Iterator[Any]:
    """Log in, and log out at the end."""
    try:
        yield IBMQ.enable_account(*arguments, **options)
    finally:
        if IBMQ.active_account() is not None:
            IBMQ.disable_account()


def actions(provider: Any, device: str, done: str, waiting: str) -> dict[str, Action]:
    """Return the actions that send requests, each with objects that have no cached data.

    Args:
        provider: provider of an account that is logged in.
        device: name of the device to run on.
        done: ID of a job that has ended.
        waiting: ID of a job that has not ended.
    """
    backend = provider.get_backend(device)

    def job(job_id: str) -> Any:
        return provider.backend.retrieve_job(job_id)

    def error_message() -> Any:
        one = job(done)
        one.wait_for_final_state(timeout=TIMEOUT_SECONDS)  # error_message waits without a limit
        return one.error_message()

    def managed() -> Any:
        jobs = IBMQJobManager().run([circuit()], backend=backend, shots=10)
        jobs.statuses()
        for one in jobs.managed_jobs():
            one.wait_for_submission(MAX_SUBMISSION_SECONDS)
        if not all(one.submission_over for one in jobs.managed_jobs()):
            jobs.cancel()  # otherwise it waits for the job limit, which never changes here
        return jobs.report(), jobs

    return {
        "status": backend.status,
        "properties": lambda: backend.properties(refresh=True),
        "defaults": lambda: backend.defaults(refresh=True),
        "job limit": backend.job_limit,
        "jobs left": backend.remaining_jobs_count,
        "bookings": backend.reservations,
        "own bookings": provider.backend.my_reservations,
        "jobs": lambda: backend.jobs(limit=2),
        "active jobs": backend.active_jobs,
        "run": lambda: backend.run(circuit(), shots=10, job_name="mine"),
        "retrieve": lambda: job(done),
        "result": lambda: job(done).result(timeout=TIMEOUT_SECONDS),
        "input": lambda: job(done).circuits(),
        "calibration": lambda: job(done).properties(),
        "error message": error_message,
        "state": lambda: job(waiting).status(),
        "queue position": lambda: job(waiting).queue_info(),
        "wait": lambda: job(waiting).result(timeout=TIMEOUT_SECONDS),
        "name": lambda: job(waiting).update_name("another"),
        "tags": lambda: job(waiting).update_tags(["lesson"]),
        "cancel": lambda: job(done).cancel(),
        "job set": managed,
    }
