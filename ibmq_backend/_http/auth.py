"""Adds a token that renews itself, once per expiry however many threads ask."""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import httpx
from attrs import field, frozen

from ibmq_backend._http.errors import RENEWABLE
from ibmq_backend._http.operations import OperationTable
from ibmq_backend._secrets.redact import HIDDEN, get_logger, register_secret
from ibmq_backend._secrets.traceback_scrubbing import SecretText
from ibmq_backend.deadline import time_left
from ibmq_backend.exceptions import ApiError, ApiTimeoutError

_logger = get_logger(__name__)

_MARGIN: Final = 60.0  # seconds before its end at which a token counts as over
_MARGIN_PART: Final = 0.1  # of the life of a token that lives shortly
_RENEW_AGAIN: Final = 5.0  # seconds after a failed renewal of a token that is still good


@frozen
class Token:
    """A token as the service gave it; never shown.

    Attributes:
        text: what goes into the header.
        lifetime: seconds it is good for from now on, ``None`` when the service did not say.
    """

    text: str = field(repr=lambda _: HIDDEN, converter=SecretText)
    lifetime: float | None = None


class RenewingToken:
    """The current token of an account; logs in for one thread at a time.

    Args:
        fetch: logs in and returns a new token; raises what the login raises.
        clock: seconds on a clock that never goes back.
    """

    def __init__(
        self, fetch: Callable[[], Token], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._text: str | None = None
        self._renew_at: float | None = None
        self._lapses_at: float | None = None
        self._failures = 0
        self._failure: ApiError | None = None

    def text(self) -> str:
        """Return a token that is not about to lapse, logging in where needed.

        Raises:
            ApiTimeoutError: another thread was still logging in when the caller's time was up.
            ApiError: the login failed, and there is no token that is still good.
        """
        text = self._text
        if text is not None and not self._is_due():
            return text
        with self._logging_in():
            if self._text is None or self._is_due():
                self._renew()
            assert self._text is not None
            return self._text

    def replace(self, refused: str) -> str:
        """Return a token other than the refused one.

        Threads whose requests were refused together log in once: who comes later finds a newer
        token than the one that was refused.

        Raises:
            ApiError: as :meth:`text`.
        """
        with self._logging_in():
            if self._text == refused:
                self._text = None
            if self._text is None:
                self._renew()
            assert self._text is not None
            return self._text

    @contextmanager
    def _logging_in(self) -> Iterator[None]:
        if self._process != os.getpid():
            # A thread of the process this one was forked from may have held the lock.
            self._process, self._lock = os.getpid(), threading.Lock()
        failures, left = self._failures, time_left()
        if not self._lock.acquire(timeout=-1 if left is None else min(left, threading.TIMEOUT_MAX)):
            raise ApiTimeoutError("Another thread was still logging in.", accepted=False)
        try:
            if self._failure is not None and self._failures != failures:
                # It was tried while this thread waited; trying once more for each would take long.
                raise copy.copy(self._failure) from self._failure
            yield
        finally:
            self._lock.release()

    def _is_due(self) -> bool:
        return self._renew_at is not None and self._clock() >= self._renew_at

    def _renew(self) -> None:
        try:
            token = self._fetch()
        except ApiError as error:
            if self._is_good_for_now() and error.temporary:
                _logger.info("The token is kept until it lapses: %s", error.message)
                self._renew_at = self._clock() + _RENEW_AGAIN
                return
            self._failures, self._failure = self._failures + 1, error
            raise
        register_secret(token.text)
        self._text = token.text
        self._failure = self._renew_at = self._lapses_at = None
        if token.lifetime is not None and token.lifetime > 0:  # else its clock is wrong
            margin = min(_MARGIN, _MARGIN_PART * token.lifetime)
            self._lapses_at = self._clock() + token.lifetime
            self._renew_at = self._lapses_at - margin

    def _is_good_for_now(self) -> bool:
        return (
            self._text is not None
            and self._lapses_at is not None
            and self._clock() + _RENEW_AGAIN < self._lapses_at
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({HIDDEN})"


class HeaderTokenAuth(httpx.Auth):
    """Puts the token into a header, for the configured hosts only.

    Args:
        token: the account's token.
        header: name of the header.
        origins: addresses that may see the token.
        operations: which requests need the token, and which may be sent again with a new one.
        scheme: word before the token in the header, for example ``Bearer``.
    """

    def __init__(
        self,
        token: RenewingToken,
        header: str,
        origins: Collection[httpx.URL],
        operations: OperationTable,
        scheme: str = "",
    ) -> None:
        self._token = token
        self._prefix = f"{scheme} " if scheme else ""
        self._header = header
        self._origins = frozenset(origin_of(url) for url in origins)
        self._operations = operations

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the current token; after a 401 once more with a new one."""
        allowed = origin_of(request.url) in self._origins
        if not allowed or not self._operations.needs_token(request):
            yield request
            return
        try:
            text = self._token.text()
        except ApiError as error:
            error.accepted = False  # whatever became of the login, this request was not sent
            raise
        request.headers[self._header] = self._prefix + text
        may_resend = self._operations.may_resend(request)
        request.extensions = {**request.extensions, RENEWABLE: may_resend}
        response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED and may_resend:
            request.headers[self._header] = self._prefix + self._token.replace(text)
            request.extensions = {**request.extensions, RENEWABLE: False}
            yield request

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._header}: {HIDDEN})"


_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def origin_of(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)
