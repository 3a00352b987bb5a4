"""What is known of the addresses of quantum services: which are current, which switched off."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidUrl

CLASSIC_URL: Final = "https://auth.quantum-computing.ibm.com/api"
"""Login address of the classic service while it ran; the documented default of ``url``."""

PLATFORM_URL: Final = "https://quantum.cloud.ibm.com/api"
"""Base address of today's service in its default region."""

CHANNEL_URLS: Final[dict[str, str]] = {
    "ibm_quantum_platform": PLATFORM_URL,
    "ibm_cloud": PLATFORM_URL,
    "ibm_quantum": "https://auth.quantum.ibm.com/api",
}
"""Default address of each channel of the official client."""

PLATFORM_CHANNELS: Final = frozenset({"ibm_quantum_platform", "ibm_cloud"})
"""Channels of today's service; the third one was that of the classic service."""

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

_MAX_SHOWN_CHARACTERS: Final = 200  # characters of a URL that go into a message


def checked_url(url: object, what: str = "url") -> str:
    """The address without blanks around it and without slashes at its end.

    Raises:
        IBMQAccountCredentialsInvalidUrl: not text, not http(s), or without a host.
    """
    if not isinstance(url, str):
        raise IBMQAccountCredentialsInvalidUrl(
            f"{what} has to be text, not {type(url).__name__}; for example {CLASSIC_URL!r}."
        )
    cleaned = url.strip().rstrip("/")
    try:
        parts = urlsplit(cleaned)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        usable = False
    if not usable or not cleaned.isprintable() or " " in cleaned:
        # A token in the wrong place must not be shown: only what looks like an address is.
        value = f" {display_url(url)[:_MAX_SHOWN_CHARACTERS]!r}" if "://" in url else ""
        raise IBMQAccountCredentialsInvalidUrl(
            f"{what}{value} is not the address of a service: it has to begin with http:// or "
            f"https:// and name a host, as {CLASSIC_URL!r} does."
        )
    return cleaned


def split_url(url: str) -> tuple[str, tuple[str, str, str] | None]:
    """Base address and triple of an address that may name hub, group and project.

    Both long forms are understood, ``{base}/Hubs/h/Groups/g/Projects/p`` of old accounts and
    ``{base}/Network/h/Groups/g/Projects/p`` as :attr:`Credentials.url` gives it.
    """
    match = _TRIPLE_IN_URL.fullmatch(url)
    if match is None:
        return url, None
    return match["base"], (match["hub"], match["group"], match["project"])


def host_of(url: str) -> str:
    """The host name in lower case, empty when there is none."""
    return (urlsplit(url).hostname or "").rstrip(".").lower()


def is_retired(url: str) -> bool:
    """Whether the address belongs to a service that IBM has switched off."""
    return _within(host_of(url), _RETIRED_DOMAINS)


def is_first_generation(url: str) -> bool:
    """Whether the address belongs to the service of 2017 to 2019."""
    return host_of(url).endswith((".bluemix.net", ".mybluemix.net"))


def is_platform(url: str) -> bool:
    """Whether the address belongs to today's IBM Quantum Platform."""
    host = host_of(url)
    return host in _PLATFORM_HOSTS or _within(host, _PLATFORM_DOMAINS)


def display_url(url: str) -> str:
    """The address as it may be shown: user, password, query and fragment left out."""
    try:
        parts = urlsplit(url.strip())
        if not parts.netloc:
            return url.strip().split("?")[0].rpartition("@")[2]
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    except ValueError:
        return url.strip().split("?")[0].rpartition("@")[2]


def display_instance(instance: str) -> str:
    """The instance as it may be shown: without the account part of a cloud resource name."""
    return re.sub(r"(?<=:)a/[^:]*", "a/...", instance)


def _within(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
