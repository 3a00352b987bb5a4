"""Adds an access token to requests and renews it, once for all threads."""

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

_MARGIN_SECONDS: Final = 60.0  # renew a token this long before it expires
_MARGIN_FRACTION: Final = 0.1  # at most this part of the lifetime of a short-lived token
_RETRY_SECONDS: Final = 5.0  # pause after a failed renewal while the token is still valid


@frozen
class Token:
    """An access token of the service; never shown.

    Attributes:
        text: value for the header.
        lifetime: seconds until it expires, ``None`` if the service did not say.
    """

    text: str = field(repr=lambda _: HIDDEN, converter=SecretText)
    lifetime: float | None = None


class RenewingToken:
    """The current token of an account; one thread at a time logs in with ``fetch``."""

    def __init__(
        self, fetch: Callable[[], Token], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._text: str | None = None
        self._renew_at: float | None = None
        self._expires_at: float | None = None
        self._failures = 0
        self._failure: ApiError | None = None

    def text(self) -> str:
        """Return a token that is not about to expire; log in if necessary.

        Raises:
            ApiTimeoutError: another thread was still logging in when the caller's deadline passed.
            ApiError: the login failed, and there is no valid token.
        """
        text = self._text
        if text is not None and not self._is_due():
            return text
        with self._login_lock():
            if self._text is None or self._is_due():
                self._renew()
            assert self._text is not None
            return self._text

    def replace(self, refused: str) -> str:
        """Return a token other than the refused one.

        If several threads call this with the same token, only the first logs in; the others get its
        new token.

        Raises:
            ApiError: the login failed; the same errors as those of :meth:`text`.
        """
        with self._login_lock():
            if self._text == refused:
                self._text = None
            if self._text is None:
                self._renew()
            assert self._text is not None
            return self._text

    @contextmanager
    def _login_lock(self) -> Iterator[None]:
        if self._process != os.getpid():
            # A thread of the parent process may have held the lock at the fork.
            self._process, self._lock = os.getpid(), threading.Lock()
        failures, left = self._failures, time_left()
        if not self._lock.acquire(timeout=-1 if left is None else min(left, threading.TIMEOUT_MAX)):
            raise ApiTimeoutError("Another thread was still logging in.", accepted=False)
        try:
            if self._failure is not None and self._failures != failures:
                # Another thread's login failed while this one waited; do not try again for each.
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
            if self._is_still_valid() and error.temporary:
                _logger.info("The token is used until it expires: %s", error.message)
                self._renew_at = self._clock() + _RETRY_SECONDS
                return
            self._failures, self._failure = self._failures + 1, error
            raise
        register_secret(token.text)
        self._text = token.text
        self._failure = self._renew_at = self._expires_at = None
        if token.lifetime is not None and token.lifetime > 0:  # otherwise a clock is wrong
            margin = min(_MARGIN_SECONDS, _MARGIN_FRACTION * token.lifetime)
            self._expires_at = self._clock() + token.lifetime
            self._renew_at = self._expires_at - margin

    def _is_still_valid(self) -> bool:
        return (
            self._text is not None
            and self._expires_at is not None
            and self._clock() + _RETRY_SECONDS < self._expires_at
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({HIDDEN})"


class HeaderTokenAuth(httpx.Auth):
    """Adds the token as a header, to requests for the configured hosts only.

    Args:
        token: token of the account.
        header: name of the header.
        origins: URLs of the hosts that may receive the token.
        operations: table of the requests that need the token and that may be repeated with a new
            token.
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
        """Send the request with the current token, and after a 401 once more with a new token."""
        operation = self._operations.operation_of(request)
        if (
            operation is None
            or not operation.authenticated
            or origin_of(request.url) not in self._origins
        ):
            yield request
            return
        try:
            text = self._token.text()
        except ApiError as error:
            error.accepted = False  # this request was not sent
            raise
        request.headers[self._header] = self._prefix + text
        may_resend = operation.resend_after_renewal
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
    """Return scheme, host and port of a URL."""
    return url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme)
