"""Which addresses may be told a secret."""

from __future__ import annotations

import os
from typing import Final

from ibmq_backend._http.errors import show_url
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.urls import is_loopback, parse_url
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl

PLAIN_HTTP_VARIABLE: Final = "IBMQ_BACKEND_PLAIN_HTTP"
_ENCRYPTED: Final = frozenset({"https", "wss"})
_LONGEST_SHOWN: Final = 200  # characters of a URL that go into a message
_PLAIN: Final = frozenset({"http", "ws"})


def is_plain_http_allowed() -> bool:
    """Return whether the environment lets tokens travel unencrypted to other machines."""
    return os.environ.get(PLAIN_HTTP_VARIABLE) == "allow"


def check_address(url: str, settings: NetworkSettings) -> None:
    """Reject URLs that cannot be used, and those that would show the token to the network.

    Raises:
        IBMQAccountCredentialsInvalidUrl: says what is wrong, and shows no password.
    """
    try:
        parts = parse_url(url)
    except ValueError as error:
        shown = "" if "@" in url else f" {url[:_LONGEST_SHOWN]!r}"
        raise IBMQAccountCredentialsInvalidUrl(
            f"url{shown} is not of the form https://host/path: {error}."
        ) from None
    if parts.scheme not in _ENCRYPTED | _PLAIN:
        raise IBMQAccountCredentialsInvalidUrl(
            f"url {show_url(parts)!r} is not of the form https://host/path."
        )
    if parts.scheme in _PLAIN and not (settings.allow_plain_http or is_loopback(parts.host)):
        raise IBMQAccountCredentialsInvalidUrl(
            f"{parts.scheme}://{parts.host} is not encrypted: the token would be readable on the "
            "way. Use https, or allow it with NetworkSettings(allow_plain_http=True) or "
            "IBMQ_BACKEND_PLAIN_HTTP=allow on a network you trust."
        )
