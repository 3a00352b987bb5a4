"""The account that a cassette is recorded with, and its replacement during a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ibmq_backend.credentials import Credentials, discover
from ibmq_backend.testing.environment import account_environment
from ibmq_backend.testing.scrub import Scrubber

EMULATOR_URL: Final = "https://local.ibmq.test"
"""The URL of the emulator in cassettes."""

REPLAY_TOKEN: Final = "api-token-1"  # noqa: S105  (a placeholder)

_DOMAINS: Final = (
    "quantum.cloud.ibm.com",
    "quantum-computing.cloud.ibm.com",
    "quantum-computing.ibm.com",
    "quantum.ibm.com",
    "iam.cloud.ibm.com",
    "global-search-tagging.cloud.ibm.com",
    "globalcatalog.cloud.ibm.com",
    "cloud-object-storage.appdomain.cloud",
)


@dataclass(frozen=True)
class RecordedAccount:
    """An account that a program logs in with.

    Attributes:
        url: login URL of the service.
        token: API token, or API key.
        source: ``emulator`` or ``live``.
        instance: CRN or name, on the platform.
        triple: hub, group and project, on the classic service.
    """

    url: str
    token: str = field(repr=False)
    source: str = "live"
    instance: str | None = field(default=None, repr=False)
    triple: tuple[str, str, str] | None = None

    @property
    def dialect(self) -> str:
        """``platform`` for an account with an instance, else ``classic``."""
        return "classic" if self.instance is None else "platform"

    def metadata(self, scrubber: Scrubber) -> dict[str, Any]:
        """Return the account as it is stored in a cassette, without secrets."""
        stored: dict[str, Any] = {"dialect": self.dialect, "url": scrubber.text(self.url)}
        if self.instance is not None:
            stored["instance"] = scrubber.text(self.instance)
        if self.triple is not None:
            stored["hub/group/project"] = "/".join(self.triple)
        return stored


def account_to_record() -> RecordedAccount | None:
    """Return the account that ``IBMQ.load_account()`` would use; ``None`` for the emulator.

    Raises:
        IBMQAccountError: the errors of :meth:`IBMQFactory.load_account`.
    """
    found = discover()
    if found.credentials is None:
        return None
    return account_of_credentials(found.credentials)


def account_of_credentials(credentials: Credentials) -> RecordedAccount:
    """Return the account of a live service with these credentials."""
    parts = (credentials.hub, credentials.group, credentials.project)
    triple = (parts[0], parts[1], parts[2]) if parts[0] and parts[1] and parts[2] else None
    instance = {"platform": credentials.instance or ""}.get(credentials.dialect)
    return RecordedAccount(credentials.base_url, credentials.token, "live", instance, triple)


def account_from_metadata(stored: Mapping[str, Any]) -> RecordedAccount:
    """Return the account to replay a cassette with."""
    text = stored.get("hub/group/project")
    hub, group, project = text.split("/") if text else ("", "", "")
    return RecordedAccount(
        stored.get("url", EMULATOR_URL),
        REPLAY_TOKEN,
        instance=stored.get("instance", "") if stored.get("dialect") == "platform" else None,
        triple=(hub, group, project) if text else None,
    )


@contextmanager
def replay_environment(account: RecordedAccount, home: Path) -> Iterator[None]:
    """Make an account the only one that programs find.

    Args:
        account: account with placeholders in place of secrets.
        home: home folder of the program, in place of the user's.
    """
    variables = {}
    if account.instance is not None:
        variables["QISKIT_IBM_TOKEN"] = account.token
        variables["QISKIT_IBM_URL"] = account.url
        variables["QISKIT_IBM_CHANNEL"] = "ibm_quantum_platform"
        if account.instance:
            variables["QISKIT_IBM_INSTANCE"] = account.instance
    else:
        variables |= {"QE_TOKEN": account.token, "QE_URL": account.url}
        for name, value in zip(("HUB", "GROUP", "PROJECT"), account.triple or (), strict=False):
            variables[f"QE_{name}"] = value
    with account_environment(home, variables):
        yield


def origin_of(url: str) -> str:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class QuantumUrls:
    """The URLs of quantum services.

    Args:
        urls: URLs of further services; only scheme, host and port are compared.
        hosts: names of further hosts.
    """

    def __init__(self, urls: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._origins = {origin_of(url) for url in urls}
        self._hosts = (*_DOMAINS, *hosts)

    def __contains__(self, url: str) -> bool:
        host = (urlsplit(url).hostname or "").rstrip(".")
        return origin_of(url) in self._origins or any(
            host == known or host.endswith(f".{known}") for known in self._hosts
        )
