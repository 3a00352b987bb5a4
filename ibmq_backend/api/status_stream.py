"""Follows a job over the service's websocket if the package ``websockets`` is installed.

Every failure is an ``ApiError``, after which the caller can poll instead.
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
from attrs import define, field

from ibmq_backend._http.auth import RenewingToken
from ibmq_backend._http.bounded_network import open_socket
from ibmq_backend._http.errors import UNREADABLE
from ibmq_backend._http.operations import Operation
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import get_logger, redact
from ibmq_backend._secrets.traceback_scrubbing import variables_cleared_on_error
from ibmq_backend.deadline import time_limit
from ibmq_backend.exceptions import ApiConnectionError, ApiError, ApiProtocolError
from ibmq_backend.records import JobRecord

_logger = get_logger(__name__)

STREAM: Final = Operation("jobStatusStream", "GET", "/jobs/{job_id}/status/v/1", retry_safe=True)
MAX_SILENCE_SECONDS: Final = 60.0
"""Time without a message after which the stream is considered broken."""

CLOSE_SECONDS: Final = 0.2
"""Time for the closing handshake; short, since the caller's time may be up."""

MAX_MESSAGE_BYTES: Final = 2**24
"""Longest message; the status of a job has a few hundred bytes."""

RETRY_SECONDS: Final = 300.0
"""Time after a refused connection in which no other is tried: jobs are polled meanwhile."""

FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})
_NORMAL_CLOSE_CODES: Final = frozenset({1000, 4002})

_NO_STREAM: Final = frozenset({400, 403, 404, 405, 501})

STREAM_VARIABLE: Final = "IBMQ_BACKEND_STREAM"
"""Environment variable; ``never`` makes the package poll, for networks that block websockets."""


class _WithoutFrames(logging.LoggerAdapter[logging.Logger]):
    """Prevents ``websockets`` from logging frames, since the first one contains the token.

    ``websockets`` abbreviates frames, so the token could not be found and removed in the log. Its
    errors are not logged either: they would be on the terminal, though the job is polled then.
    """

    def isEnabledFor(self, level: int) -> bool:
        return logging.DEBUG < level < logging.ERROR and super().isEnabledFor(level)


def is_available(settings: NetworkSettings, base_url: str) -> bool:
    """Return whether jobs can be followed.

    The package ``websockets`` must be installed and streams allowed; proxies are not supported.
    """
    if os.environ.get(STREAM_VARIABLE, "").strip().lower() == "never":
        return False
    if importlib.util.find_spec("websockets") is None:
        return False
    url = httpx.URL(base_url.replace("ws", "http", 1))
    routes = settings.proxy_routes()
    host = f"all://{url.host}"
    return not routes or (host in routes and routes[host] is None)


@define
class StatusStream:
    """Follows the jobs of an account.

    Attributes:
        base_url: the base URL of the websockets, without a trailing slash.
        token: the token of the account.
        settings: the timeouts and certificates.
        read_job: converts the data of a message and a job id to the record of the job.
        clock: returns the seconds of a monotonic clock.
    """

    base_url: str
    token: RenewingToken
    settings: NetworkSettings
    read_job: Callable[[Mapping[str, Any], str], JobRecord]
    clock: Callable[[], float] = time.monotonic
    _refused_at: float | None = field(default=None, init=False, repr=False)

    @property
    def is_refused(self) -> bool:
        """Whether the service, or a proxy, has lately refused to open a websocket."""
        return self._refused_at is not None and self.clock() - self._refused_at < RETRY_SECONDS

    def watch(self, job_id: str, timeout: float | None) -> Iterator[JobRecord]:
        """Yield the job immediately and after each change, until it is final or the time is up.

        Raises:
            ApiConnectionError: the connection failed, was not authenticated, was closed, or
                delivered no message for too long.
            ApiProtocolError: a message is not a job status.
        """
        from websockets.exceptions import ConnectionClosed, WebSocketException

        end = None if timeout is None else self.clock() + timeout
        try:
            with self._connect(job_id, end) as socket:
                self._authenticate(socket, end)
                _logger.debug("Following job %s with the status stream.", job_id)
                while True:
                    wait = (
                        MAX_SILENCE_SECONDS
                        if end is None
                        else min(MAX_SILENCE_SECONDS, end - self.clock())
                    )
                    if wait <= 0:
                        return
                    try:
                        message = socket.recv(timeout=wait)
                    except TimeoutError:
                        if end is not None and self.clock() >= end:
                            return
                        raise
                    record = self._read(message, job_id)
                    _logger.debug("The status stream reports job %s: %s.", job_id, record.status)
                    yield record
                    if record.status in FINAL:
                        return
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else None
            if code not in _NORMAL_CLOSE_CODES:
                raise _failed(f"closed with code {code}") from error
        except (OSError, TimeoutError, ValueError, WebSocketException) as error:
            raise _failed(redact(f"{type(error).__name__}: {error}")) from error

    def _connect(self, job_id: str, end: float | None) -> Any:
        from websockets.exceptions import InvalidStatus
        from websockets.sync.client import connect

        opening = self.settings.connect_timeout
        if end is not None:
            opening = max(0.001, min(opening, end - self.clock()))
        options: dict[str, Any] = {}
        if "proxy" in inspect.signature(connect).parameters:  # from websockets 15 on
            options["proxy"] = None
        if self.base_url.startswith("wss:"):
            options["ssl"] = self.settings.ssl_context()
        # With our own socket redirects are not followed; they would receive the token.
        connected = open_socket(httpx.URL(self.base_url), opening)
        try:
            return connect(
                f"{self.base_url}/jobs/{job_id}/status/v/1",
                sock=connected,
                open_timeout=opening,
                close_timeout=CLOSE_SECONDS,
                max_size=MAX_MESSAGE_BYTES,
                logger=_WithoutFrames(_logger),
                **options,
            )
        except BaseException as error:  # also on Ctrl-C: the caller has nothing to close
            connected.close()
            if isinstance(error, InvalidStatus) and error.response.status_code in _NO_STREAM:
                self._refused_at = self.clock()
            raise

    @variables_cleared_on_error()  # websockets has the token in its variables
    def _authenticate(self, socket: Any, end: float | None) -> None:
        wait = self.settings.read_timeout
        if end is not None:
            wait = max(0.001, min(wait, end - self.clock()))
        with time_limit(None if end is None else wait):
            token = self.token.text()
        socket.send(json.dumps({"type": "authentication", "data": token}))
        answer = _object(socket.recv(timeout=wait))
        if answer.get("type") != "authenticated":
            raise _failed("authentication refused")

    def _read(self, message: str | bytes, job_id: str) -> JobRecord:
        document = _object(message)
        try:
            return self.read_job(document["data"], job_id)
        except ApiError:
            raise
        except UNREADABLE as error:
            raise _malformed(f"{type(error).__name__}: {error}") from error


def _object(message: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        raise _malformed("not JSON") from None
    if not isinstance(document, dict):
        raise _malformed("not a JSON object")
    return document


def _malformed(what: str) -> ApiProtocolError:
    return ApiProtocolError(
        redact(f"The status stream sent a message that cannot be read: {what}."),
        operation=STREAM.id,
        path=STREAM.path,
    )


def _failed(what: str) -> ApiConnectionError:
    return ApiConnectionError(
        f"The status stream failed: {what}.", operation=STREAM.id, path=STREAM.path
    )
