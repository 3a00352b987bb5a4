"""What a user does with an account: everything that asks the service something."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from qiskit import QuantumCircuit

from ibmq_backend import IBMQ
from ibmq_backend.managed import IBMQJobManager
from tests.secrets.watch import Watch
from tests.secrets.wire import ECHOING, Fault, Wire

LONGEST_SECONDS: Final = 10.0
"""The longest that a job set may take to give up, or not, in the background."""

PATIENCE: Final = 0.05
"""Seconds that a user of a broken service waits for a result."""

Action = Callable[[], Any]


def circuit() -> QuantumCircuit:
    """In the basis of both devices."""
    made = QuantumCircuit(2, 2, name="bell")
    made.sx(0)
    made.cx(0, 1)
    made.measure([0, 1], [0, 1])
    return made


class Session:
    """A user who goes on after every error, and of whom nothing is missed.

    Args:
        watch: keeps what is let out.
        wire: breaks operations.
    """

    def __init__(self, watch: Watch, wire: Wire) -> None:
        self._watch = watch
        self._wire = wire
        self.errors: dict[str, BaseException] = {}
        self.broken_by_words = False
        """The service's own words hold secrets, so the data and the variables hold them too."""

    def do(self, where: str, action: Action) -> Any:
        """Do one thing; look at what comes out of it, or at the error."""
        found = None
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                found = action()
            except (Exception, KeyboardInterrupt) as error:
                self.errors[where] = error
                self._watch.error(where, error, variables=not self.broken_by_words)
            else:
                if not self.broken_by_words:
                    self._watch.thing(where, found, pickled=True)
        for each in told:
            self._watch.keep(f"{where}: warning", str(each.message))
        return found

    def do_broken(self, name: str, action: Action, fault: Fault) -> None:
        """Do one thing as it should be, then with each of its requests failing."""
        self._wire.asked.clear()
        self.do(f"{name}, working", action)
        for operation in dict.fromkeys(self._wire.asked):
            self.broken_by_words = fault in ECHOING
            with self._wire.broken(operation, fault):
                self.do(f"{name}, {operation} failing", action)
            self.broken_by_words = False


@contextmanager
def logged_in(*arguments: Any, **options: Any) -> Iterator[Any]:
    """Log in, and out again."""
    try:
        yield IBMQ.enable_account(*arguments, **options)
    finally:
        if IBMQ.active_account() is not None:
            IBMQ.disable_account()


def actions(provider: Any, device: str, done: str, waiting: str) -> dict[str, Action]:
    """Everything that asks the service something, each from objects that know nothing yet.

    Args:
        provider: of an account that is logged in.
        device: where to run.
        done: id of a job that has ended.
        waiting: id of a job that has not.
    """
    backend = provider.get_backend(device)

    def job(job_id: str) -> Any:
        return provider.backend.retrieve_job(job_id)

    def why() -> Any:
        one = job(done)
        one.wait_for_final_state(timeout=PATIENCE)  # error_message waits as long as it takes
        return one.error_message()

    def managed() -> Any:
        jobs = IBMQJobManager().run([circuit()], backend=backend, shots=10)
        jobs.statuses()
        for one in jobs.managed_jobs():
            one.wait_for_submission(LONGEST_SECONDS)
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
        "result": lambda: job(done).result(timeout=PATIENCE),
        "input": lambda: job(done).circuits(),
        "calibration": lambda: job(done).properties(),
        "why": why,
        "state": lambda: job(waiting).status(),
        "place in the queue": lambda: job(waiting).queue_info(),
        "wait": lambda: job(waiting).result(timeout=PATIENCE),
        "name": lambda: job(waiting).update_name("another"),
        "tags": lambda: job(waiting).update_tags(["lesson"]),
        "cancel": lambda: job(done).cancel(),
        "job set": managed,
    }
