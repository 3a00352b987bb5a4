"""Follows a job over the service's websocket, where the package ``websockets`` is installed.

Every failure is an ``ApiError``: polling asks the same question in another way.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx
from attrs import frozen

from ibmq_backend._http.auth import RenewingToken
from ibmq_backend._http.bounded_network import open_socket
from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import get_logger, redact
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiConnectionError, ApiError, ApiProtocolError
from ibmq_backend.records import JobRecord

_logger = get_logger(__name__)

STREAM: Final = Operation("jobStatusStream", "GET", "/jobs/{job_id}/status/v/1", retry_safe=True)
SILENCE: Final = 60.0
"""Seconds without a message after which the stream counts as dead."""
CLOSE_SECONDS: Final = 0.2
"""Seconds that the other side gets to say goodbye; the caller's time may be up."""

LONGEST_MESSAGE: Final = 2**24
"""Bytes; the status of a job has some hundred."""

FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})
_SAID_ALL: Final = frozenset({1000, 4002})  # close codes: nothing more to say


STREAM_VARIABLE: Final = "IBMQ_BACKEND_STREAM"
"""``never``: wait for jobs by asking again and again, as where the network lets no stream pass."""


class _WithoutFrames(logging.LoggerAdapter[logging.Logger]):
    """Keeps websockets from writing frames, the first of which is the token, to the log.

    It abbreviates them, so what is left of the token could not be recognised any more.
    """

    def isEnabledFor(self, level: int) -> bool:
        return level > logging.DEBUG and super().isEnabledFor(level)


def available(settings: NetworkSettings, base_url: str) -> bool:
    """Return whether jobs can be followed: package there, allowed, and no proxy in between."""
    if os.environ.get(STREAM_VARIABLE, "").strip().lower() == "never":
        return False
    if importlib.util.find_spec("websockets") is None:
        return False
    url = httpx.URL(base_url.replace("ws", "http", 1))
    routes = settings.proxy_routes()
    host = f"all://{url.host}"
    return not routes or (host in routes and routes[host] is None)


@frozen
class StatusStream:
    """Where and how to follow jobs.

    Attributes:
        base_url: websocket base, without a slash at its end.
        token: the account's token.
        settings: timeouts and certificates.
        read_job: the record of what a message says of a job, whose id is the second argument.
        clock: seconds on a clock that never goes back.
    """

    base_url: str
    token: RenewingToken
    settings: NetworkSettings
    read_job: Callable[[Mapping[str, Any], str], JobRecord]
    clock: Callable[[], float] = time.monotonic

    def watch(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Yield the job at once and after every change, until it is final or time is up.

        Raises:
            ApiConnectionError: no connection, not authenticated, cut off, or silent too long.
            ApiProtocolError: a message that is not a job status.
        """
        from websockets.exceptions import ConnectionClosed, WebSocketException

        end = None if timeout is None else self.clock() + timeout
        try:
            with self._connect(job_id, end) as socket:
                self._authenticate(socket, end)
                _logger.debug("Following job %s by the status stream.", job_id)
                while True:
                    wait = SILENCE if end is None else min(SILENCE, end - self.clock())
                    if wait <= 0:
                        return
                    try:
                        message = socket.recv(timeout=wait)
                    except TimeoutError:
                        if end is not None and self.clock() >= end:
                            return
                        raise
                    record = self._read(message, job_id)
                    _logger.debug("The status stream tells of job %s: %s.", job_id, record.status)
                    yield record
                    if record.status in FINAL:
                        return
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else None
            if code not in _SAID_ALL:
                raise _broken(f"closed with code {code}") from error
        except (OSError, TimeoutError, ValueError, WebSocketException) as error:
            raise _broken(redact(f"{type(error).__name__}: {error}")) from error

    def _connect(self, job_id: str, end: float | None) -> Any:
        from websockets.sync.client import connect

        opening = self.settings.connect_timeout
        if end is not None:
            opening = max(0.001, min(opening, end - self.clock()))
        options: dict[str, Any] = {}
        if "proxy" in inspect.signature(connect).parameters:  # from websockets 15 on
            options["proxy"] = None
        if self.base_url.startswith("wss:"):
            options["ssl"] = self.settings.ssl_context()
        # On a socket of ours redirects are not followed: the token would go along.
        connected = open_socket(httpx.URL(self.base_url), opening)
        try:
            return connect(
                f"{self.base_url}/jobs/{job_id}/status/v/1",
                sock=connected,
                open_timeout=opening,
                close_timeout=CLOSE_SECONDS,
                max_size=LONGEST_MESSAGE,
                logger=_WithoutFrames(_logger),
                **options,
            )
        except BaseException:  # nobody else can close it, also after an interruption
            connected.close()
            raise

    def _authenticate(self, socket: Any, end: float | None) -> None:
        wait = self.settings.read_timeout
        if end is not None:
            wait = max(0.001, min(wait, end - self.clock()))
        with time_limit(None if end is None else wait):
            token = self.token.text()
        socket.send(json.dumps({"type": "authentication", "data": token}))
        answer = _object(socket.recv(timeout=wait))
        if answer.get("type") != "authenticated":
            raise _broken("authentication refused")

    def _read(self, message: str | bytes, job_id: str) -> JobRecord:
        document = _object(message)
        try:
            return self.read_job(document["data"], job_id)
        except ApiError:
            raise
        except UNREADABLE as error:
            raise _odd(f"{type(error).__name__}: {error}") from error


def _object(message: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        raise _odd("not JSON") from None
    if not isinstance(document, dict):
        raise _odd("not a JSON object")
    return document


def _odd(what: str) -> ApiProtocolError:
    return ApiProtocolError(
        redact(f"The status stream sent a message that cannot be read: {what}."),
        operation=STREAM.id,
        path=STREAM.path,
    )


def _broken(what: str) -> ApiConnectionError:
    return ApiConnectionError(
        f"The status stream failed: {what}.", operation=STREAM.id, path=STREAM.path
    )
