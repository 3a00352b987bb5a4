"""URLs of quantum services, current and switched off."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl

CLASSIC_URL: Final = "https://auth.quantum-computing.ibm.com/api"
"""Login URL of the classic service while it ran; the documented default of ``url``."""

PLATFORM_URL: Final = "https://quantum.cloud.ibm.com/api"
"""Base URL of IBM Quantum Platform in its default region."""

DEFAULT_CHANNEL: Final = "ibm_quantum_platform"

CHANNEL_URLS: Final[dict[str, str]] = {
    DEFAULT_CHANNEL: PLATFORM_URL,
    "ibm_cloud": PLATFORM_URL,
    "ibm_quantum": "https://auth.quantum.ibm.com/api",
}
"""Default URL of each channel of the official client."""

PLATFORM_CHANNELS: Final = frozenset({DEFAULT_CHANNEL, "ibm_cloud"})
"""Channels of IBM Quantum Platform; the other channel was that of the classic service."""

_PLATFORM_DOMAINS: Final = ("quantum.cloud.ibm.com",)
_PLATFORM_HOSTS: Final = ("cloud.ibm.com",)

_RETIRED_DOMAINS: Final = (
    "quantum-computing.ibm.com",
    "quantum.ibm.com",
    "quantum-computing.cloud.ibm.com",
    "quantumexperience.ng.bluemix.net",
    "quantumexperience.mybluemix.net",
    "q-console-api.mybluemix.net",
)

_TRIPLE_IN_URL: Final = re.compile(
    r"(?P<base>https?://.+?)/+(?:Hubs|Network)/(?P<hub>[^/]+)"
    r"/Groups/(?P<group>[^/]+)/Projects/(?P<project>[^/]+)/*",
    re.IGNORECASE,
)

_MAX_SHOWN_CHARACTERS: Final = 200  # of a URL in a message


def checked_url(url: object, what: str = "url") -> str:
    """Return a URL without surrounding blanks and trailing slashes.

    Raises:
        IBMQAccountCredentialsInvalidUrl: the URL is not text, not http(s), or has no host.
    """
    if not isinstance(url, str):
        raise IBMQAccountCredentialsInvalidUrl(
            f"{what} must be text, not {type(url).__name__}; for example {CLASSIC_URL!r}."
        )
    cleaned = url.strip().rstrip("/")
    if cleaned in PLATFORM_CHANNELS or cleaned.startswith("crn:"):
        meant = "instance='crn:...'" if ":" in cleaned else f"channel={cleaned!r}"
        raise IBMQAccountCredentialsInvalidUrl(
            f"{what} is not a URL. Write {meant}; IBM Quantum Platform needs no URL."
        )
    try:
        parts = urlsplit(cleaned)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or not cleaned.isprintable() or " " in cleaned:
        # Only shown if it looks like a URL, since it may be a token in the wrong argument.
        value = f" {display_url(url)[:_MAX_SHOWN_CHARACTERS]!r}" if "://" in url else ""
        raise IBMQAccountCredentialsInvalidUrl(
            f"{what}{value} is not the URL of a service. Use a URL with http:// or https:// and a "
            "host, such as 'http://127.0.0.1:8000/api'."
        )
    return cleaned


def split_url(url: str) -> tuple[str, tuple[str, str, str] | None]:
    """Return the base URL, and hub, group and project if the URL contains them.

    Both long forms are accepted: ``{base}/Hubs/h/Groups/g/Projects/p`` of old accounts and
    ``{base}/Network/h/Groups/g/Projects/p`` of :attr:`Credentials.url`.
    """
    match = _TRIPLE_IN_URL.fullmatch(url)
    if match is None:
        return url, None
    return match["base"], (match["hub"], match["group"], match["project"])


def host_of(url: str) -> str:
    """Return the host name in lower case; empty if there is none."""
    return (urlsplit(url).hostname or "").rstrip(".").lower()


def is_retired(url: str) -> bool:
    """Return whether a URL belongs to a service that IBM switched off."""
    return _within(host_of(url), _RETIRED_DOMAINS)


def is_first_generation(url: str) -> bool:
    """Return whether a URL belongs to the service of 2017 to 2019."""
    return host_of(url).endswith((".bluemix.net", ".mybluemix.net"))


def is_platform(url: str) -> bool:
    """Return whether a URL belongs to IBM Quantum Platform."""
    host = host_of(url)
    return host in _PLATFORM_HOSTS or _within(host, _PLATFORM_DOMAINS)


def display_url(url: str) -> str:
    """Return a URL without user, password, query and fragment."""
    try:
        parts = urlsplit(url.strip())
        if not parts.netloc:
            return url.strip().split("?")[0].rpartition("@")[2]
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return url.strip().split("?")[0].rpartition("@")[2]


def display_instance(instance: str) -> str:
    """Return an instance without the account part of its CRN."""
    return re.sub(r"(?<=:)a/[^:]*", "a/...", instance)


def _within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
