"""Logs in to a classic account, renews its token and opens its instances."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import httpx
from attrs import evolve
from ibmq_api_classic import operations as ops
from ibmq_api_classic.api.accounts import get_current_user, login_with_token
from ibmq_api_classic.models import CurrentUser, LoginReply, LoginRequest
from ibmq_api_classic.types import Unset

from ibmq_backend._errors.causes import shown
from ibmq_backend._errors.hints import hint_for
from ibmq_backend._http.auth import HeaderTokenAuth, RenewingToken, Token
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.timing import Timing
from ibmq_backend._secrets.redact import redact, register_secret
from ibmq_backend._secrets.traceback_scrubbing import hide
from ibmq_backend._version import __version__
from ibmq_backend.api.calls import client_headers, user_agent
from ibmq_backend.api.classic import mapping
from ibmq_backend.api.classic.calls import (
    OPERATIONS,
    TOKEN_HEADER,
    ClassicCalls,
    Connection,
    StorageCalls,
)
from ibmq_backend.api.classic.client import ClassicAccountClient
from ibmq_backend.api.classic.instances import list_instances
from ibmq_backend.api.secure_urls import check_address
from ibmq_backend.api.status_stream import StatusStream, is_available
from ibmq_backend.exceptions import (
    ApiProtocolError,
    ApiStatusError,
    IBMQAccountCredentialsInvalidUrl,
)
from ibmq_backend.records import InstanceId, InstanceRecord, ServiceInfo

_NO_SUCH_PATH: Final = frozenset({404, 405, 410, 501})
_NO_SUCH_REQUEST: Final = frozenset({400, 403, 411, 413, 415, 422})
"""How other web servers refuse a login; a quantum service adds an error code."""


class ClassicServiceClient:
    """An account of a classic service; implements ``ServiceClient``.

    Constructing it sends nothing; :meth:`log_in` does.

    Args:
        url: the login URL.
        token: the API token.
        settings: the network settings.
        target: ``classic``, or ``local`` for the emulator on this machine.
        leaf: the transport to use instead of the network.
        clock: returns the seconds of a monotonic clock.
        sleep: waits for a number of seconds; by default ``time.sleep``.

    Raises:
        IBMQAccountCredentialsInvalidUrl: the URL is not valid, or the token would be sent
            unencrypted to another machine.
    """

    def __init__(
        self,
        url: str,
        token: str,
        settings: NetworkSettings | None = None,
        *,
        target: str = "classic",
        leaf: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._settings = settings or NetworkSettings()
        self._url = url.rstrip("/")
        self._leaf = leaf
        self._timing = Timing(clock, sleep or time.sleep)
        check_address(self._url, self._settings)
        token = hide(token)
        register_secret(token)
        self._headers = client_headers(__version__)

        def fetch() -> Token:
            return self._exchange(token)

        self._token = RenewingToken(fetch, clock=clock)
        self._info = ServiceInfo(target=target, url=self._url)
        self._login = self._calls_to(self._url, expected=False)
        self._api: ClassicCalls | None = None
        self._storage: StorageCalls | None = None
        self._connection: Connection | None = None
        self._instances: list[InstanceRecord] | None = None

    def log_in(self) -> None:
        """Exchange the token and read the URL of the API.

        Raises:
            IBMQAccountCredentialsInvalidUrl: there is no classic service at this URL.
            AuthenticationLicenseError: the user must accept a licence first.
            ApiAuthError: the service does not accept the token (code 3446).
            ApiError: any other failure.

        Wire: loginWithToken, getCurrentUser.
        """
        try:
            self._token.text()
        except (ApiProtocolError, ApiStatusError) as error:
            if isinstance(error, ApiStatusError) and not _is_missing(error):
                raise
            refusal = IBMQAccountCredentialsInvalidUrl(
                f"{self._url} is not the login URL of a classic quantum service: {error.message}"
            )
            error.hint = hint_for(refusal)  # the hint of a 404 is about jobs and devices
            raise refusal from shown(error)
        api_url, stream_url = self._login.read(
            ops.GET_CURRENT_USER,
            _addresses,
            get_current_user.sync_detailed,
            client=self._login.client,
        )
        try:
            check_address(api_url, self._settings)
            check_address(stream_url, self._settings)
        except IBMQAccountCredentialsInvalidUrl as error:
            raise ApiProtocolError(
                redact(f"The service sent a URL that cannot be used: {error.message}"),
                operation=ops.GET_CURRENT_USER.operation_id,
                method=ops.GET_CURRENT_USER.method,
                path=ops.GET_CURRENT_USER.path,
            ) from None  # its text comes from the service
        self._api = self._login if api_url == self._url else self._calls_to(api_url)
        self._storage = StorageCalls(
            self._settings, user_agent(__version__), self._leaf, timing=self._timing
        )
        stream = None
        if is_available(self._settings, stream_url):
            stream = StatusStream(stream_url, self._token, self._settings, mapping.pushed_job)
        self._connection = Connection(self._api, self._storage, stream, self._info, self._timing)

    @property
    def info(self) -> ServiceInfo:
        """The service of this client."""
        return self._info

    def instances(self) -> Sequence[InstanceRecord]:
        """Return all hubs, groups and projects, the default first; read once. Wire: listHubs."""
        if self._instances is None:
            self._instances = list_instances(self._logged_in().api)
        return list(self._instances)

    def find(self, instance: str) -> InstanceRecord | None:
        """Return ``None``, since :meth:`instances` returns all."""
        del instance
        return None

    def open(self, instance: InstanceId) -> ClassicAccountClient:
        """Return the client of an instance; sends no request."""
        return ClassicAccountClient(self._logged_in(), instance)

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards."""
        if self._connection is not None:
            self._connection.late_requests.finish()
        for calls in (self._login, self._api, self._storage):
            if calls is not None:
                calls.close()

    def _logged_in(self) -> Connection:
        if self._connection is None:
            self.log_in()
            assert self._connection is not None
        return self._connection

    def _calls_to(self, base_url: str, *, expected: bool = True) -> ClassicCalls:
        auth = HeaderTokenAuth(self._token, TOKEN_HEADER, [httpx.URL(base_url)], OPERATIONS)
        return ClassicCalls(
            base_url,
            self._settings,
            auth,
            self._headers,
            self._leaf,
            expected=expected,
            timing=self._timing,
        )

    def _exchange(self, token: str) -> Token:
        token_of_login, self._info = self._login.read(
            ops.LOGIN_WITH_TOKEN,
            lambda reply: (_access_token(reply), self._described(reply)),
            login_with_token.sync_detailed,
            client=self._login.client,
            body=LoginRequest(api_token=token),
        )
        return token_of_login

    def _described(self, reply: LoginReply) -> ServiceInfo:
        """Return the service, which says with the login whether it is an emulator."""
        return evolve(self._info, emulated="emulator" in reply.additional_properties)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url})"


def _is_missing(error: ApiStatusError) -> bool:
    """Return whether there is no login at the URL."""
    if error.code is None and error.status_code in _NO_SUCH_REQUEST:
        return True
    return error.status_code in _NO_SUCH_PATH


def _addresses(user: CurrentUser) -> tuple[str, str]:
    """Return the base URLs of the API and of the websockets."""
    return user.urls.http.rstrip("/"), user.urls.ws.rstrip("/")


def _access_token(reply: LoginReply) -> Token:
    """Return the token of a login; its lifetime is ``None`` if the service does not state it."""
    text: str = reply.id
    if not isinstance(text, str) or not text:
        raise TypeError("id is not text")
    lifetime: int | Unset = reply.ttl
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float):
        return Token(text, None)
    return Token(text, lifetime)
