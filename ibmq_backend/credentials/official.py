"""Accounts of today's official client, ``~/.qiskit/qiskit-ibm.json``: read, never written.

The file maps names to accounts with ``channel``, ``token``, ``instance``, ``url``, ``verify``,
``proxies`` and, on one of them, ``is_default_account``. Source: qiskit-ibm-runtime 0.40 and later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ibmq_backend._secrets.traceback_scrubbing import hidden_frames
from ibmq_backend.credentials.files import qiskit_folder, read_json_object, shown
from ibmq_backend.credentials.hosts import CHANNEL_URLS
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.credentials.saved import account_from_json
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat

_DEFAULT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "ibm_quantum_platform": ("default-ibm-quantum-platform",),
    "ibm_cloud": ("default-ibm-cloud", "default-cloud"),
    "ibm_quantum": ("default-ibm-quantum", "default-legacy"),
}

_KEYS: Final = ("token", "url", "instance", "verify", "proxies", "channel")


def official_path(filename: str | Path | None = None) -> Path:
    """The file to use: the one given, else ``~/.qiskit/qiskit-ibm.json``."""
    if filename is not None:
        return Path(filename).expanduser()
    return qiskit_folder() / "qiskit-ibm.json"


@hidden_frames()
def read_official_account(
    filename: str | Path | None = None, environ: Mapping[str, str] | None = None
) -> Credentials | None:
    """The account that the official client would take, ``None`` when it has none.

    That is the one marked as default, else the default name of the channel in
    ``QISKIT_IBM_CHANNEL``, else the default names of all channels, the current one first.

    Args:
        filename: the file; ``None`` = ``~/.qiskit/qiskit-ibm.json``.
        environ: the environment; ``None`` = that of the process.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or understood.
        IBMQAccountCredentialsInvalidToken: the stored token is empty or cannot be one.
        IBMQAccountCredentialsInvalidUrl: the stored address is not an http(s) address.
    """
    path = official_path(filename)
    accounts = read_json_object(path)
    if not accounts:
        return None
    name = _default_name(path, accounts, os.environ if environ is None else environ)
    if name is None:
        return None
    account = dict(accounts[name])
    if account.get("url") is None:
        account["url"] = CHANNEL_URLS.get(str(account.get("channel")), CHANNEL_URLS["ibm_cloud"])
    if account.get("channel") not in CHANNEL_URLS:
        account.pop("channel", None)  # a file of a later client may name another
    return account_from_json(f"{shown(path)}, account {name!r}", account, _KEYS)


def _default_name(path: Path, accounts: dict[str, Any], environ: Mapping[str, str]) -> str | None:
    for name, account in accounts.items():
        if not isinstance(account, dict):
            raise IBMQAccountCredentialsInvalidFormat(
                f"{shown(path)}, account {name!r}: has to be a JSON object. "
                "Save the account again, or move the file away."
            )
    for name, account in accounts.items():
        if account.get("is_default_account") is True:
            return name
    channel = environ.get("QISKIT_IBM_CHANNEL", "")
    by_channel = sorted(_DEFAULT_NAMES, key=lambda known: known != channel)
    names = (name for known in by_channel for name in _DEFAULT_NAMES[known])
    return next((name for name in names if name in accounts), None)
