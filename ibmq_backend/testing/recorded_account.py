"""The account of a recording, and the one that stands for it when it is replayed."""

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

STAND_IN: Final = "https://local.ibmq.test"
"""Where an emulator on this machine is, as far as a cassette says."""

REPLAY_TOKEN: Final = "api-token-1"  # noqa: S105  (it stands for one)

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
    """Where a program logs in.

    Attributes:
        url: address of the service.
        token: API token, or API key.
        source: ``emulator`` or ``live``.
        instance: CRN or name, of today's service.
        triple: hub, group and project, of the classic one.
    """

    url: str
    token: str = field(repr=False)
    source: str = "live"
    instance: str | None = field(default=None, repr=False)
    triple: tuple[str, str, str] | None = None

    @property
    def dialect(self) -> str:
        """``platform`` when it has an instance, else ``classic``."""
        return "classic" if self.instance is None else "platform"

    def noted(self, scrubber: Scrubber) -> dict[str, Any]:
        """What a cassette says of it."""
        noted: dict[str, Any] = {"dialect": self.dialect, "url": scrubber.text(self.url)}
        if self.instance is not None:
            noted["instance"] = scrubber.text(self.instance)
        if self.triple is not None:
            noted["hub/group/project"] = "/".join(self.triple)
        return noted


def account_to_record() -> RecordedAccount | None:
    """The account that ``IBMQ.load_account()`` would use, ``None`` for the emulator.

    Raises:
        IBMQAccountError: as :meth:`IBMQFactory.load_account` raises.
    """
    found = discover()
    if found.credentials is None:
        return None
    return _of(found.credentials)


def _of(credentials: Credentials) -> RecordedAccount:
    parts = (credentials.hub, credentials.group, credentials.project)
    triple = (parts[0], parts[1], parts[2]) if parts[0] and parts[1] and parts[2] else None
    instance = {"platform": credentials.instance or ""}.get(credentials.dialect)
    return RecordedAccount(credentials.base_url, credentials.token, "live", instance, triple)


def account_of(noted: Mapping[str, Any]) -> RecordedAccount:
    """The account to replay with, from what a cassette says."""
    text = noted.get("hub/group/project")
    hub, group, project = text.split("/") if text else ("", "", "")
    return RecordedAccount(
        noted.get("url", STAND_IN),
        REPLAY_TOKEN,
        instance=noted.get("instance", "") if noted.get("dialect") == "platform" else None,
        triple=(hub, group, project) if text else None,
    )


@contextmanager
def replay_environment(account: RecordedAccount, home: Path) -> Iterator[None]:
    """Have programs find this account, and no other.

    Args:
        account: made of stand-ins.
        home: folder to stand for the user's own.
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
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class QuantumHosts:
    """Tells the addresses of quantum services from all others.

    Args:
        origins: scheme, host and port of further services.
        hosts: names of further hosts.
    """

    def __init__(self, origins: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        self._origins = {origin_of(origin) for origin in origins}
        self._hosts = (*_DOMAINS, *hosts)

    def __call__(self, url: str) -> bool:
        """Whether a request to this address is one to a quantum service."""
        host = (urlsplit(url).hostname or "").rstrip(".")
        return origin_of(url) in self._origins or any(
            host == known or host.endswith(f".{known}") for known in self._hosts
        )
