"""Parsing and validation of URLs from settings and services."""

from __future__ import annotations

import ipaddress
from typing import Final

import httpx

_MAX_PORT: Final = 65535


def parse_url(text: str) -> httpx.URL:
    """Return a valid absolute URL.

    Raises:
        ValueError: the URL is not valid; the message contains no part of it, since it may contain a
            password.
    """
    try:
        url = httpx.URL(text)
        host = url.host  # decodes international names
    except httpx.InvalidURL as error:
        reason = "its port is not a number" if "port" in str(error).lower() else "it is not a URL"
        raise ValueError(reason) from None
    except (TypeError, ValueError):  # including UnicodeError
        raise ValueError("it contains characters that are not allowed in a URL") from None
    if not url.scheme or not host:
        raise ValueError("it has no host" if url.scheme else "it does not begin with https://")
    if url.port is not None and not 0 < url.port <= _MAX_PORT:
        raise ValueError(f"its port is not between 1 and {_MAX_PORT}")
    return url


def is_loopback(host: str) -> bool:
    """Return whether a host name or address refers to this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
