"""What a server prints when it listens: one line for each thing that its users need.

Programs may read the first line, which ends with the URL of the API, and the words after the label
of each further line. The lines contain generated tokens, which the log does not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ibmq_backend.emulator.classroom.accounts_file import AccountsFile
from ibmq_backend.emulator.dialects import Dialects
from ibmq_backend.emulator.http.serve_options import ADMIN_TOKEN_VARIABLE
from ibmq_backend.emulator.service_state import ServiceState

_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here


@dataclass(frozen=True)
class Address:
    """The address of a server and its host names.

    Attributes:
        host: address to listen on.
        port: port to listen on; 0 for any free one.
        names: host names of the server.
        tls: PEM files of the certificate chain and its key; None for plain HTTP.
    """

    host: str
    port: int
    names: tuple[str, ...]
    tls: tuple[Path, Path] | None

    @property
    def is_loopback(self) -> bool:
        """Whether other machines cannot reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def root(self, port: int) -> str:
        """Return the URL for clients without path."""
        name = _ANY_ADDRESS.get(self.host, self.host)
        if name != self.host:
            name = next((one for one in self.names if "*" not in one), name)
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}"


@dataclass(frozen=True)
class Access:
    """The users of a server.

    Attributes:
        file: the accounts, including generated ones.
        class_token: generated token of the one user; None with an accounts file.
        admin_token: generated admin token; None with an accounts file.
    """

    file: AccountsFile
    class_token: str | None = field(default=None, repr=False)
    admin_token: str | None = field(default=None, repr=False)

    def describe(self) -> str:
        """Return who may log in."""
        if self.class_token is not None:
            return f"with the class token, new at every start: {self.class_token}"
        if self.file.open_mode:
            return "with any API token"
        count = len(self.file.users)
        return f"with the tokens of the {count} user{'s' * (count != 1)} in {self.file.path}"


def start_lines(
    root: str,
    address: Address,
    access: Access,
    service_state: ServiceState,
    dialects: Dialects,
    warnings: Iterable[str],
) -> Iterator[str]:
    """Yield the lines.

    Args:
        root: the URL of the server without path.
        address: where it listens.
        access: its users.
        service_state: the service.
        dialects: its dialects.
        warnings: further warnings.
    """
    url, crn = f"{root}/api", dialects.platform.state.instances.default.crn
    yield f"Emulated quantum service at {url}"
    lines = [
        ("Login", access.describe()),
        ("Page", f"{root}/"),
        ("Jobs", service_state.store.address),
        ("Classic", f'IBMQ.enable_account("<API token>", url="{url}")'),
        (
            "Platform",
            f'QISKIT_IBM_TOKEN="<API token>" QISKIT_IBM_URL={url} QISKIT_IBM_INSTANCE={crn}',
        ),
    ]
    if access.admin_token is not None:
        variable = f"{ADMIN_TOKEN_VARIABLE}={access.admin_token}"
        lines.append(("Admin", f"{variable} ibmq-backend admin jobs --url {root}"))
    if access.file.open_mode:
        lines.append(("WARNING", "anybody who reaches this server can log in with any token"))
    if address.tls is None and not address.is_loopback:
        lines.append(("WARNING", "tokens are sent unencrypted; use --tls-cert and --tls-key"))
    lines += [("WARNING", warning) for warning in warnings]
    yield from (f"{label:<8}  {text}" for label, text in lines)
    yield "Stop with Ctrl-C."
