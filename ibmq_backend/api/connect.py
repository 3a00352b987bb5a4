"""Logs in. The only place that chooses between the two dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.api.port import ServiceClient
from ibmq_backend.api.secure_urls import is_plain_http_allowed


class Account(Protocol):
    """What logging in needs to know of credentials."""

    @property
    def token(self) -> str:
        """API token or API key."""
        ...

    @property
    def base_url(self) -> str:
        """Login address."""
        ...

    @property
    def dialect(self) -> str:
        """``classic`` or ``platform``."""
        ...

    @property
    def instance(self) -> str | None:
        """CRN or name of a cloud instance, ``None`` for none."""
        ...

    @property
    def proxies(self) -> Mapping[str, Any]:
        """In the documented form, empty without proxies."""
        ...

    @property
    def verify(self) -> bool:
        """Whether certificates are checked."""
        ...


def connect(
    credentials: Account,
    network: NetworkSettings | None = None,
    *,
    place: str | None = None,
) -> ServiceClient:
    """Log in and return the account.

    Args:
        credentials: who, and where.
        network: how to reach the service; made from the credentials' ``proxies`` and ``verify``
            when left out. The environment variable ``IBMQ_BACKEND_PLAIN_HTTP=allow`` then lets
            the token travel unencrypted to other machines.
        place: ``local`` when the service is the emulator on this machine.

    Raises:
        IBMQAccountCredentialsInvalidUrl: no such service at this address.
        IBMQAccountError: the instance is the CRN of something else.
        IBMQAccountValueError: proxies or certificates, of the credentials or the environment,
            cannot be used; names the setting.
        ApiAuthError: the service does not accept the token.
        ApiError: any other failure.

    Wire: classic getVersion, loginWithToken, getCurrentUser; platform exchangeToken.
    """
    settings = network or NetworkSettings(
        proxies=credentials.proxies or None,
        verify=credentials.verify,
        allow_plain_http=is_plain_http_allowed(),
    )
    service = _CLIENTS[credentials.dialect](credentials, settings, place)
    try:
        service.log_in()
    except BaseException:  # nobody else can close it, also after an interruption
        service.close()
        raise
    return service


def _classic(
    credentials: Account, settings: NetworkSettings, place: str | None
) -> ClassicServiceClient:
    return ClassicServiceClient(
        credentials.base_url, credentials.token, settings, place=place or "classic"
    )


def _platform(
    credentials: Account, settings: NetworkSettings, place: str | None
) -> PlatformServiceClient:
    return PlatformServiceClient(
        credentials.base_url,
        credentials.token,
        credentials.instance,
        settings,
        place=place or "platform",
    )


_Client = ClassicServiceClient | PlatformServiceClient
_CLIENTS: Final[dict[str, Callable[[Account, NetworkSettings, str | None], _Client]]] = {
    "classic": _classic,
    "platform": _platform,
}
