"""Parsing of URLs from settings and services: a URL that can be used, or one kind of error."""

from __future__ import annotations

import ipaddress
from typing import Final

import httpx

_LARGEST_PORT: Final = 65535


def parse_url(text: str) -> httpx.URL:
    """Return an absolute URL whose parts can all be read.

    Raises:
        ValueError: says what is wrong, and repeats nothing of the text: it may hold a password.
    """
    try:
        url = httpx.URL(text)
        host = url.host  # decodes international names
    except httpx.InvalidURL as error:
        reason = "its port is not a number" if "port" in str(error).lower() else "it is not a URL"
        raise ValueError(reason) from None
    except (TypeError, ValueError):  # UnicodeError is one
        raise ValueError("it holds characters that no URL holds") from None
    if not url.scheme or not host:
        raise ValueError("it names no host" if url.scheme else "it does not begin with https://")
    if url.port is not None and not 0 < url.port <= _LARGEST_PORT:
        raise ValueError(f"its port is not between 1 and {_LARGEST_PORT}")
    return url


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
