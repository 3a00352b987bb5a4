"""Which addresses may be told a secret."""

from __future__ import annotations

from typing import Final

import httpx

from ibmq_backend._http.settings import NetworkSettings, is_loopback
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl

_ENCRYPTED: Final = frozenset({"https", "wss"})
_PLAIN: Final = frozenset({"http", "ws"})


def check_address(url: str, settings: NetworkSettings) -> None:
    """Refuse addresses that are none, and those that would show the token to the network.

    Raises:
        IBMQAccountCredentialsInvalidUrl: says what is wrong.
    """
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise IBMQAccountCredentialsInvalidUrl(f"{url!r} is not an address: {error}") from None
    if parts.scheme not in _ENCRYPTED | _PLAIN or not parts.host:
        raise IBMQAccountCredentialsInvalidUrl(
            f"{url!r} is not an address of the form https://host/path."
        )
    if parts.scheme in _PLAIN and not (settings.allow_plain_http or is_loopback(parts.host)):
        raise IBMQAccountCredentialsInvalidUrl(
            f"{parts.scheme}://{parts.host} is not encrypted: the token would be readable on the "
            "way. Use https, or allow it with NetworkSettings(allow_plain_http=True) or "
            "IBMQ_BACKEND_PLAIN_HTTP=allow on a network you trust."
        )
