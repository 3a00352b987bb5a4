"""Logs in, and chooses between the two adapters. An adapter is imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.api.secure_urls import is_plain_http_allowed

if TYPE_CHECKING:
    from ibmq_backend.api.classic.auth import ClassicServiceClient
    from ibmq_backend.api.platform.auth import PlatformServiceClient


class Account(Protocol):
    """The part of credentials that logging in uses."""

    @property
    def token(self) -> str:
        """The API token or API key."""
        ...

    @property
    def base_url(self) -> str:
        """The login URL."""
        ...

    @property
    def dialect(self) -> str:
        """``classic`` or ``platform``."""
        ...

    @property
    def instance(self) -> str | None:
        """The CRN or name of a cloud instance, or ``None``."""
        ...

    @property
    def region(self) -> str | None:
        """The region of the cloud instances to use, or ``None``."""
        ...

    @property
    def plans_preference(self) -> tuple[str, ...]:
        """The plans of the cloud instances to use, the preferred one first."""
        ...

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the cloud instances to use."""
        ...

    @property
    def proxies(self) -> Mapping[str, Any]:
        """The proxies in the documented form; empty for none."""
        ...

    @property
    def verify(self) -> bool:
        """Whether certificates are checked."""
        ...


def connect(
    credentials: Account,
    network: NetworkSettings | None = None,
    *,
    target: str | None = None,
) -> ServiceClient:
    """Log in and return the account.

    Args:
        credentials: the account and the URL of its service.
        network: the network settings. By default they are made from ``proxies`` and ``verify`` of
            the credentials, and the environment variable ``IBMQ_BACKEND_PLAIN_HTTP=allow`` permits
            sending the token unencrypted to other machines.
        target: ``local`` when the service is the emulator on this machine.

    Raises:
        IBMQAccountCredentialsInvalidUrl: there is no such service at this URL.
        IBMQAccountError: the CRN does not belong to an instance of the quantum service.
        IBMQAccountValueError: the proxies or certificates of the credentials or the environment
            cannot be used; the message names the setting.
        ApiAuthError: the service does not accept the token.
        ApiError: any other failure.

    Wire: classic loginWithToken, getCurrentUser; platform exchangeToken.
    """
    settings = network or NetworkSettings(
        proxies=credentials.proxies or None,
        verify=credentials.verify,
        allow_plain_http=is_plain_http_allowed(),
    )
    service = _CLIENTS[credentials.dialect](credentials, settings, target)
    try:
        service.log_in()
    except BaseException:  # also on Ctrl-C: the caller has nothing to close
        service.close()
        raise
    return service


def _classic(
    credentials: Account, settings: NetworkSettings, target: str | None
) -> ClassicServiceClient:
    from ibmq_backend.api.classic.auth import ClassicServiceClient

    return ClassicServiceClient(
        credentials.base_url, credentials.token, settings, target=target or "classic"
    )


def _platform(
    credentials: Account, settings: NetworkSettings, target: str | None
) -> PlatformServiceClient:
    from ibmq_backend.api.platform.auth import PlatformServiceClient
    from ibmq_backend.api.platform.instances import InstanceFilters

    return PlatformServiceClient(
        credentials.base_url,
        credentials.token,
        credentials.instance,
        settings,
        filters=InstanceFilters(credentials.region, credentials.plans_preference, credentials.tags),
        target=target or "platform",
    )


_Connector = Callable[
    [Account, NetworkSettings, "str | None"], "ClassicServiceClient | PlatformServiceClient"
]
_CLIENTS: Final[dict[str, _Connector]] = {
    "classic": _classic,
    "platform": _platform,
}
