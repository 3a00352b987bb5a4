"""Checks URLs before a token or key is sent there."""

from __future__ import annotations

import os
from typing import Final

from ibmq_backend._http.errors import show_url
from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend._http.urls import is_loopback, parse_url
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl

PLAIN_HTTP_VARIABLE: Final = "IBMQ_BACKEND_PLAIN_HTTP"
_ENCRYPTED: Final = frozenset({"https", "wss"})
_MAX_SHOWN_CHARACTERS: Final = 200  # of a URL in a message
_PLAIN: Final = frozenset({"http", "ws"})


def is_plain_http_allowed() -> bool:
    """Return whether the environment permits sending tokens unencrypted to other machines."""
    return os.environ.get(PLAIN_HTTP_VARIABLE) == "allow"


def check_address(url: str, settings: NetworkSettings) -> None:
    """Reject URLs that are not valid or would expose the token to the network.

    Raises:
        IBMQAccountCredentialsInvalidUrl: the URL is not valid or not encrypted; the message does
            not contain a password.
    """
    try:
        parts = parse_url(url)
    except ValueError as error:
        shown = "" if "@" in url else f" {url[:_MAX_SHOWN_CHARACTERS]!r}"
        raise IBMQAccountCredentialsInvalidUrl(
            f"url{shown} is not of the form https://host/path: {error}."
        ) from None
    if parts.scheme not in _ENCRYPTED | _PLAIN:
        raise IBMQAccountCredentialsInvalidUrl(
            f"url {show_url(parts)!r} is not of the form https://host/path."
        )
    if parts.scheme in _PLAIN and not (settings.allow_plain_http or is_loopback(parts.host)):
        raise IBMQAccountCredentialsInvalidUrl(
            f"{parts.scheme}://{parts.host} is not encrypted: others could read the token. "
            "Use https, or on a network that you trust set IBMQ_BACKEND_PLAIN_HTTP=allow or pass "
            "NetworkSettings(allow_plain_http=True)."
        )
