"""Sessions and batches of a backend, in which the jobs of one user run together."""

from __future__ import annotations

import re
import threading
from typing import Any, Final

from qiskit.providers import BackendV1

from ibmq_backend._errors.suggestions import methods_suggest_keywords
from ibmq_backend._errors.translate import raising_backend_errors
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.api.port import AccountClient
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import IBMQBackendError, IBMQBackendValueError, IBMQError
from ibmq_backend.records import SessionRecord

__all__ = ["Session"]

logger = get_logger(__name__)

DEDICATED: Final = "dedicated"
BATCH: Final = "batch"

MAX_CLOSE_SECONDS: Final = 20.0
"""How long the end of a ``with`` block tries to close its session."""

_OPENING: Final = threading.Lock()
"""Held while any backend opens a session, which is rare."""

_DURATION: Final = re.compile(r"(?:(\d+)d)? ?(?:(\d+)h)? ?(?:(\d+)m)? ?(?:(\d+)s)?")
_UNITS: Final = (86_400, 3_600, 60, 1)


@methods_suggest_keywords
class Session:
    """A session or a batch, returned by ``backend.open_session()`` and ``backend.open_batch()``.

    ::

        with backend.open_batch() as batch:
            jobs = [backend.run(circuits) for circuits in parts]
        results = [job.result() for job in jobs]

    Leaving the block closes the session: its jobs still run, and it accepts no more.

    Attributes:
        session_id: id of the session; ``backend.run(session_id=...)`` takes it too.
        max_time: its longest life in seconds, as the plan allows; ``None`` if it is not known.

    Source: ``Session`` and ``Batch`` of qiskit-ibm-runtime, without their primitives.
    """

    def __init__(self, backend: SessionBackend, record: SessionRecord) -> None:
        self.session_id = record.session_id
        self.max_time = record.max_seconds
        self._mode = record.mode
        self._backend = backend
        self._in_block = False
        self._ended = False

    def status(self) -> str:
        """Return the state of the session.

        Returns:
            ``Pending``, ``In progress, accepting new jobs``, ``In progress, not accepting new
            jobs`` or ``Closed``.

        Raises:
            IBMQBackendApiError: the call failed.

        Wire: getSession.
        """
        record = self._read()
        if record.state in ("open", "inactive"):
            return "Pending"
        if record.state in ("active", "pending_inactive", "pending_closed"):
            return f"In progress, {'' if record.accepting_jobs else 'not '}accepting new jobs"
        return str(record.state).capitalize()

    def details(self) -> dict[str, Any]:
        """Return what the service knows about the session.

        Returns:
            ``id``, ``mode``, ``backend_name``, ``state`` (the service's own word),
            ``accepting_jobs`` and ``max_time`` (the longest life in seconds).

        Raises:
            IBMQBackendApiError: the call failed.

        Wire: getSession.
        """
        record = self._read()
        return {
            "id": record.session_id,
            "mode": record.mode,
            "backend_name": record.backend_name,
            "state": record.state,
            "accepting_jobs": record.accepting_jobs,
            "max_time": record.max_seconds,
        }

    def _read(self) -> SessionRecord:
        with raising_backend_errors("reading the session"):
            return self._backend._api_client.session(self.session_id)

    def close(self) -> None:
        """Accept no more jobs; those that were submitted still run.

        Raises:
            IBMQBackendApiError: the call failed; the session ends by itself after its longest life.

        Wire: updateSession.
        """
        self._end(cancel=False)

    def cancel(self) -> None:
        """End the session now: waiting jobs fail, running ones finish.

        Raises:
            IBMQBackendApiError: the call failed.

        Wire: closeSession.
        """
        self._end(cancel=True)

    def _end(self, *, cancel: bool) -> None:
        with raising_backend_errors(f"closing the {_noun(self._mode)}"):
            self._backend._api_client.close_session(self.session_id, cancel=cancel)
        self._ended = True
        if not self._in_block:  # in the block, the service refuses further jobs
            self._backend._leave(self)

    def __enter__(self) -> Session:
        if self._backend.session is not self:
            raise IBMQBackendError(
                f"{self!r} is no longer open. Open another one: backend.open_{_noun(self._mode)}()."
            )
        self._in_block = True
        return self

    def __exit__(self, *_: object) -> None:
        self._in_block = False
        self._backend._leave(self)
        if self._ended:
            return
        try:
            with time_limit(MAX_CLOSE_SECONDS):
                self.close()
        except IBMQError as error:
            # The jobs are unharmed, and an error of the block must not be hidden.
            logger.warning(
                "%s Its jobs still run, and it ends by itself; session.close() tries again.",
                error.message,
            )

    def __repr__(self) -> str:
        return f"<Session('{self.session_id}', {self._mode}) on {self._backend.name()}>"


@methods_suggest_keywords
class SessionBackend(BackendV1):
    """A backend whose jobs can run in a session."""

    _api_client: AccountClient
    _session: Session | None = None

    @property
    def session(self) -> Session | None:
        """The open session or batch that ``run()`` of this object uses; ``None`` without one."""
        return self._session

    def open_session(self, max_time: int | str | None = None) -> Session:
        """Open a session, which reserves the backend for its jobs while they follow each other.

        Use it as ``with backend.open_session():``. Inside the block, every ``run()`` of this object
        submits to the session, from all threads; other objects of the same backend do not.
        The whole time of a session is charged, not only that of its jobs.

        Args:
            max_time: longest life in seconds, or as text such as ``1h 30m``; by default, and at
                most, that of the plan.

        Raises:
            IBMQBackendValueError: ``max_time`` is not a time.
            IBMQBackendError: a session of this object is open.
            IBMQBackendApiError: the service has no sessions, the plan does not include them, or the
                call failed.

        Wire: createSession.
        """
        return self._open(DEDICATED, max_time)

    def open_batch(self, max_time: int | str | None = None) -> Session:
        """Open a batch, whose independent jobs are scheduled together.

        It is used like a session. Only the time of its jobs is charged, and every plan has it.

        Args:
            max_time: as for :meth:`open_session`. Jobs that still wait at the end of this time
                fail.

        Raises:
            IBMQBackendError: as :meth:`open_session`.

        Wire: createSession.
        """
        return self._open(BATCH, max_time)

    def _open(self, mode: str, max_time: int | str | None) -> Session:
        seconds = None if max_time is None else _seconds(max_time)
        with _OPENING:
            if self._session is not None:
                raise IBMQBackendError(
                    f"{self._session!r} is open, and sessions cannot be nested. Close it first: "
                    "backend.session.close()."
                )
            self._session = self._opened(mode, seconds)
            return self._session

    def _opened(self, mode: str, seconds: int | None = None) -> Session:
        """Return a new session, which ``run()`` uses with its id only."""
        with raising_backend_errors(f"opening a {_noun(mode)}"):
            return Session(self, self._api_client.open_session(self.name(), mode, seconds))

    def _leave(self, session: Session) -> None:
        if self._session is session:
            self._session = None


def _noun(mode: str) -> str:
    return "batch" if mode == BATCH else "session"


def _seconds(max_time: object) -> int:
    """Return a time in seconds.

    Raises:
        IBMQBackendValueError: it is not a time, or is below one second.
    """
    seconds = max_time
    if isinstance(max_time, str) and (parts := _DURATION.fullmatch(max_time.strip())):
        seconds = sum(
            int(part or 0) * unit for part, unit in zip(parts.groups(), _UNITS, strict=True)
        )
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
        raise IBMQBackendValueError(
            f"max_time must be a whole number of seconds or text such as '1h 30m', not "
            f"{max_time!r}."
        )
    return seconds
