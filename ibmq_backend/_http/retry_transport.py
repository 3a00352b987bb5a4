"""Sends a request, and again when :mod:`ibmq_backend._http.retry` says so."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable
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
LARGEST_REPLY: Final = 512 * 2**20
"""Bytes of a reply that are read, unpacked: what a broken server can take of the memory."""

PACKINGS: Final = ("gzip", "deflate")
"""What a reply may be packed in, once: others unpack a few bytes to any size in one step."""

_DIGITS: Final = 20  # of a length that can be one
_OF_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_SHORTEST_TIMEOUT: Final = 0.001  # httpcore takes 0 for "at once", never for "over"
_UNDESCRIBED: Final = Operation("unknown", "", "", retry_safe=False, content=Content.TEXT)

_Reply = httpx.Response | httpx.TransportError | httpx.DecodingError

MAYBE_SEEN: Final = "ibmq_backend.maybe_seen"
"""Request extension, true once an attempt failed on which the service may have acted."""

_CUT_OFF: Final[tuple[type[ssl.SSLError], ...]] = (
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ssl.SSLSyscallError,
)
"""A handshake that was interrupted; every other error of TLS is a disagreement, and stays one."""


def classify(error: Exception) -> Failure:
    """Return what an exception of httpx says about the fate of the request."""
    if isinstance(error, LASTING):
        return Failure.LASTING
    if isinstance(error, NOT_SENT):
        return Failure.LASTING if _is_refusal_of_tls(error) else Failure.NOT_SENT
    return Failure.UNKNOWN


def is_unsent(error: Exception) -> bool:
    """Return whether the service certainly has not seen the request."""
    if isinstance(error, httpx.DecodingError):
        return False
    return isinstance(error, (*NOT_SENT, *LASTING))


def tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the error of TLS that is behind an exception, if one is."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _is_refusal_of_tls(error: BaseException) -> bool:
    """Return whether certificate or protocol were refused while the connection was made."""
    found = tls_error(error)
    return found is not None and not isinstance(found, _CUT_OFF)


class RetryTransport(httpx.BaseTransport):
    """Wraps a transport; every physical attempt goes through the wrapped one.

    The body of the reply is read here, so that a reply which breaks off or does not hold what the
    operation promises counts as a failed attempt. Each attempt has a total time; that and the
    caller's deadline (:mod:`ibmq_backend.deadline`) shorten timeouts and end reading.

    Before the service has answered anything of use, a connection that cannot be made and a reply
    that cannot be read are tried less often if ``expected`` is false.

    Args:
        inner: makes one attempt.
        settings: limits of retrying and of each attempt.
        operation_of: the operation of a request; one that is not described is sent once.
        clock: seconds on a clock that never goes back.
        sleep: waits so many seconds; ``time.sleep`` when left out.
        jitter: uniform in [0, 1).
        expected: the service is known to be there before it has answered.
        largest: bytes of a reply that are read, unpacked; a larger one cannot be read.
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
        largest: int = LARGEST_REPLY,
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._operation_of = operation_of
        self._clock = clock
        self._sleep = sleep or time.sleep  # looked up now: a replay has nothing to wait for
        self._jitter = jitter
        self._answered = expected
        self._largest = largest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the last attempt's reply, read to its end, or raise its exception."""
        timeouts = dict(request.extensions.get("timeout", {}))
        operation = self._operation_of(request) or _UNDESCRIBED
        repeatable = isinstance(request.stream, httpx.ByteStream)
        started = self._clock()
        attempt = 0
        while True:
            attempt += 1
            if time_left() == 0.0:
                raise httpx.PoolTimeout("The caller's time is up.", request=request)
            reply = self._attempt(request, operation, timeouts, attempt)
            outcome = _outcome(reply, operation)
            if outcome.status is not None and not outcome.malformed:
                self._answered = True
            if outcome.status == TOO_MANY_REQUESTS and operation.paced:
                return _returned(reply)
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
                return _returned(reply)
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
            word = str(reply.status_code)
        except (httpx.TransportError, httpx.DecodingError) as error:
            reply = error
            word = type(error).__name__
        _logger.debug(
            "%s %s -> %s in %.0f ms (attempt %d)",
            request.method,
            request.url.path,
            word,
            (self._clock() - begun) * 1e3,
            attempt,
        )
        return reply

    def _send(
        self, request: httpx.Request, timeouts: dict[str, float | None], seconds: float
    ) -> httpx.Response:
        """Return the reply, read to its end within so many seconds."""
        end = self._clock() + seconds
        try:
            with time_limit(seconds, self._clock):
                request.extensions = {**request.extensions, "timeout": _cut_to_limit(timeouts)}
                return _read(self._inner.handle_request(request), request, self._largest)
        except httpx.TimeoutException as error:
            if self._clock() < end or time_left() == 0.0:
                raise
            what = f"The exchange took more than {seconds:g} s in all."
            raise type(error)(what, request=request) from error

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()


def _returned(reply: _Reply) -> httpx.Response:
    if isinstance(reply, Exception):
        raise reply
    return reply


def _cut_to_limit(timeouts: dict[str, float | None]) -> dict[str, float | None]:
    left = time_left()
    if left is None:
        return timeouts
    longest = max(left, _SHORTEST_TIMEOUT)
    return {hop: None if value is None else min(value, longest) for hop, value in timeouts.items()}


def _read(response: httpx.Response, request: httpx.Request, largest: int) -> httpx.Response:
    """Return the same reply with its body in memory, unpacked.

    Raises:
        httpx.DecodingError: it is larger than allowed, or cannot be unpacked.
    """
    if response.is_stream_consumed:
        return response  # made in memory, not received
    chunks: list[bytes] = []
    size = _declared_size(response)
    try:
        _check_packing(response, request)
        _check_size(size, largest, request)
        size = 0
        for chunk in response.iter_bytes():  # in pieces: a small one may unpack to any size
            chunks.append(chunk)
            size += len(chunk)
            _check_size(size, largest, request)
            if time_left() == 0.0:
                raise httpx.ReadTimeout("The caller's time is up.", request=request)
    finally:
        response.close()
    return ReceivedResponse(
        response.status_code,
        headers=[pair for pair in response.headers.multi_items() if pair[0] not in _OF_THE_WIRE],
        content=b"".join(chunks),
        # the network stream of the original is of no use any more, and keeps it alive
        extensions={k: v for k, v in response.extensions.items() if k != "network_stream"},
        request=request,
    )


def _declared_size(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0


def _check_packing(response: httpx.Response, request: httpx.Request) -> None:
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("", "identity", *PACKINGS):
        raise httpx.DecodingError(f"It is packed as {packing[:40]!r}.", request=request)


def _check_size(size: int, largest: int, request: httpx.Request) -> None:
    if size > largest:
        raise httpx.DecodingError(
            f"It is larger than the {largest} bytes that are read.", request=request
        )


def _outcome(reply: _Reply, operation: Operation) -> Outcome:
    if isinstance(reply, httpx.Response):
        return Outcome(
            status=reply.status_code,
            malformed=is_malformed(reply, operation.content),
            server_delay=parse_retry_after(
                reply.headers.get("retry-after"), date=reply.headers.get("date")
            ),
        )
    return Outcome(failure=classify(reply))
