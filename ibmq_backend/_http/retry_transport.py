"""A transport that repeats requests as :mod:`ibmq_backend._http.retry` decides."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable
from logging import DEBUG
from typing import Final

import httpx

from ibmq_backend._http.malformed import ReceivedResponse, is_malformed
from ibmq_backend._http.operations import Content, FindOperation, Operation
from ibmq_backend._http.retry import (
    TOO_MANY_REQUESTS,
    Failure,
    Outcome,
    Retry,
    decide,
    is_certainly_unseen,
    parse_retry_after,
)
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._secrets.redact import get_logger
from ibmq_backend.deadline import time_left, time_limit

_logger = get_logger(__name__)

NOT_SENT: Final[tuple[type[Exception], ...]] = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)
LASTING: Final[tuple[type[Exception], ...]] = (
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.DecodingError,
    httpx.InvalidURL,
)
MAX_REPLY_BYTES: Final = 512 * 2**20
"""Limit of the decompressed size of a reply, in bytes; it bounds the memory for one reply."""

COMPRESSIONS: Final = ("gzip", "deflate")
"""Accepted compressions of a reply; others may decompress a few bytes to any size at once."""

_MAX_LENGTH_DIGITS: Final = 20
_TRANSFER_HEADERS: Final = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
_MIN_TIMEOUT_SECONDS: Final = 0.001  # 0 means "do not block" in httpcore
_UNDESCRIBED: Final = Operation("unknown", "", "", retry_safe=False, content=Content.TEXT)

_Reply = httpx.Response | httpx.TransportError | httpx.DecodingError

MAYBE_SEEN: Final = "ibmq_backend.maybe_seen"
"""Request extension, true after a failed attempt on which the service may have acted."""

_INTERRUPTED_HANDSHAKE: Final[tuple[type[ssl.SSLError], ...]] = (
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ssl.SSLSyscallError,
)
"""Errors of an interrupted handshake; all other TLS errors are permanent."""


def classify(error: Exception) -> Failure:
    """Return the kind of failure of an exception of httpx."""
    if isinstance(error, LASTING):
        return Failure.LASTING
    if isinstance(error, NOT_SENT):
        return Failure.LASTING if _is_refusal_of_tls(error) else Failure.NOT_SENT
    return Failure.UNKNOWN


def is_unsent(error: Exception) -> bool:
    """Return whether the service certainly has not received the request."""
    if isinstance(error, httpx.DecodingError):
        return False
    return isinstance(error, (*NOT_SENT, *LASTING))


def tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the TLS error that caused an exception, if there is one."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _is_refusal_of_tls(error: BaseException) -> bool:
    """Return whether the TLS handshake failed because of the certificate or the protocol."""
    found = tls_error(error)
    return found is not None and not isinstance(found, _INTERRUPTED_HANDSHAKE)


class RetryTransport(httpx.BaseTransport):
    """A transport that sends each attempt through another transport.

    It reads the body of the reply, so that an incomplete or malformed reply is a failed attempt.
    The total time of each attempt is limited; that limit and the caller's deadline
    (:mod:`ibmq_backend.deadline`) shorten timeouts and end reading.

    Args:
        inner: transport for one attempt.
        settings: limits of retries and of each attempt.
        operation_of: returns the operation of a request; requests without one are sent once.
        clock: monotonic clock in seconds.
        sleep: sleeps for a number of seconds; ``time.sleep`` by default.
        jitter: random source, uniform in [0, 1).
        expected: True if the service is known to exist; if False, fewer attempts are made until the
            service has sent a valid reply.
        largest: limit of the decompressed size of a reply, in bytes.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        settings: NetworkSettings,
        operation_of: FindOperation,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
        expected: bool = True,
        largest: int = MAX_REPLY_BYTES,
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._operation_of = operation_of
        self._clock = clock
        self._sleep = sleep or time.sleep  # looked up now, since a replay replaces it
        self._jitter = jitter
        self._answered = expected
        self._largest = largest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the complete reply of the last attempt, or raise its exception."""
        timeouts = dict(request.extensions.get("timeout", {}))
        operation = self._operation_of(request) or _UNDESCRIBED
        repeatable = isinstance(request.stream, httpx.ByteStream)
        started = self._clock()
        attempt = 0
        while True:
            attempt += 1
            if time_left() == 0.0:
                raise httpx.PoolTimeout("The caller's deadline has passed.", request=request)
            reply = self._attempt(request, operation, timeouts, attempt)
            outcome = _outcome(reply, operation)
            if outcome.status is not None and not outcome.malformed:
                self._answered = True
            if outcome.status == TOO_MANY_REQUESTS and operation.paced:
                return _return_or_raise(reply)
            decision = decide(
                self._settings.retry,
                outcome,
                safe=operation.retry_safe and repeatable,
                attempt=attempt,
                elapsed=self._clock() - started,
                time_left=time_left(),
                answered=self._answered,
                random=self._jitter,
            )
            if not isinstance(decision, Retry):
                return _return_or_raise(reply)
            if not is_certainly_unseen(outcome):
                request.extensions = {**request.extensions, MAYBE_SEEN: True}
            _logger.debug("trying again in %.2f s", decision.delay)
            self._sleep(decision.delay)

    def _attempt(
        self,
        request: httpx.Request,
        operation: Operation,
        timeouts: dict[str, float | None],
        attempt: int,
    ) -> _Reply:
        begun = self._clock()
        reply: _Reply
        try:
            reply = self._send(request, timeouts, self._settings.seconds_for(operation))
            result = str(reply.status_code)
        except (httpx.TransportError, httpx.DecodingError) as error:
            reply = error
            result = type(error).__name__
        if _logger.isEnabledFor(DEBUG):
            _logger.debug(
                "%s %s -> %s in %.0f ms (attempt %d)",
                request.method,
                request.url.path,
                result,
                (self._clock() - begun) * 1e3,
                attempt,
            )
        return reply

    def _send(
        self, request: httpx.Request, timeouts: dict[str, float | None], seconds: float
    ) -> httpx.Response:
        """Return the complete reply of one attempt within a number of seconds."""
        end = self._clock() + seconds
        try:
            with time_limit(seconds, self._clock):
                request.extensions = {**request.extensions, "timeout": _cut_to_limit(timeouts)}
                return _read(self._inner.handle_request(request), request, self._largest)
        except httpx.TimeoutException as error:
            if self._clock() < end or time_left() == 0.0:
                raise
            what = f"The request took more than {seconds:g} s in total."
            raise type(error)(what, request=request) from error

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()


def _return_or_raise(reply: _Reply) -> httpx.Response:
    if isinstance(reply, Exception):
        raise reply
    return reply


def _cut_to_limit(timeouts: dict[str, float | None]) -> dict[str, float | None]:
    left = time_left()
    if left is None:
        return timeouts
    longest = max(left, _MIN_TIMEOUT_SECONDS)
    return {hop: None if value is None else min(value, longest) for hop, value in timeouts.items()}


def _read(response: httpx.Response, request: httpx.Request, largest: int) -> httpx.Response:
    """Return the reply with its decompressed body in memory.

    Raises:
        httpx.DecodingError: the body is too large or cannot be decompressed.
    """
    if response.is_stream_consumed:
        return response  # created in memory, not received
    chunks: list[bytes] = []
    size = _declared_size(response)
    try:
        _check_compression(response, request)
        _check_size(size, largest, request)
        size = 0
        for chunk in response.iter_bytes():  # a few bytes may decompress to any size
            chunks.append(chunk)
            size += len(chunk)
            _check_size(size, largest, request)
            if time_left() == 0.0:
                raise httpx.ReadTimeout("The caller's deadline has passed.", request=request)
    finally:
        response.close()
    return ReceivedResponse(
        response.status_code,
        headers=[pair for pair in response.headers.raw if pair[0].lower() not in _TRANSFER_HEADERS],
        content=b"".join(chunks),
        # without the network stream, which would keep the connection alive
        extensions={k: v for k, v in response.extensions.items() if k != "network_stream"},
        request=request,
    )


def _declared_size(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_LENGTH_DIGITS else 0


def _check_compression(response: httpx.Response, request: httpx.Request) -> None:
    compression = response.headers.get("content-encoding", "identity").strip().lower()
    if compression not in ("", "identity", *COMPRESSIONS):
        raise httpx.DecodingError(
            f"Its compression {compression[:40]!r} is not supported.", request=request
        )


def _check_size(size: int, largest: int, request: httpx.Request) -> None:
    if size > largest:
        raise httpx.DecodingError(
            f"It is larger than the limit of {largest} bytes.", request=request
        )


def _outcome(reply: _Reply, operation: Operation) -> Outcome:
    if isinstance(reply, httpx.Response):
        malformed = is_malformed(reply, operation.content)
        if reply.is_success and not malformed:
            return Outcome(status=reply.status_code)
        return Outcome(
            status=reply.status_code,
            malformed=malformed,
            server_delay=parse_retry_after(
                reply.headers.get("retry-after"), date=reply.headers.get("date")
            ),
        )
    return Outcome(failure=classify(reply))
