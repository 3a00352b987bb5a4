"""The account file of IBM's current client, ``~/.qiskit/qiskit-ibm.json``; it is never written.

The file maps names to accounts with ``channel``, ``token``, ``instance``, ``url``, ``verify``,
``proxies``, ``region``, ``plans_preference``, ``tags`` and, on one of them, ``is_default_account``.
Source: qiskit-ibm-runtime 0.40 and later.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from ibmq_backend._secrets.traceback_scrubbing import variables_cleared_on_error
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

_KEYS: Final = (
    "token",
    "url",
    "instance",
    "verify",
    "proxies",
    "channel",
    "region",
    "plans_preference",
    "tags",
)


def official_path() -> Path:
    """Return ``~/.qiskit/qiskit-ibm.json``."""
    return qiskit_folder() / "qiskit-ibm.json"


@variables_cleared_on_error()
def read_official_accounts(
    environ: Mapping[str, str] | None = None,
) -> tuple[str | None, dict[str, Callable[[], Credentials]]]:
    """Return the accounts of the file, whose contents are only read by the functions returned.

    Returns:
        The name of the account that the official client would use, or ``None``: the account marked
        as default; otherwise that with the default name of the channel in ``QISKIT_IBM_CHANNEL``;
        otherwise the first with a default name of any channel. And a function for each account, by
        name, which returns it or raises :class:`IBMQAccountError` if it is malformed.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
    """
    path = official_path()
    content = read_json_object(path) or {}
    accounts = {name: account for name, account in content.items() if isinstance(account, dict)}
    default = _default_name(accounts, os.environ if environ is None else environ)
    malformed = [name for name in content if name not in accounts]
    if malformed and default is None:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)}, account {malformed[0]!r}: must be a JSON object. "
            "Save the account again, or move the file away."
        )
    return default, {
        name: partial(_account, f"{shown(path)}, account {name!r}", account)
        for name, account in accounts.items()
    }


@variables_cleared_on_error()
def _account(where: str, stored: Mapping[str, Any]) -> Credentials:
    account = dict(stored)
    if account.get("url") is None:
        account["url"] = CHANNEL_URLS.get(str(account.get("channel")), CHANNEL_URLS["ibm_cloud"])
    if account.get("channel") not in CHANNEL_URLS:
        account.pop("channel", None)  # a later client may write another one
    return account_from_json(where, account, _KEYS)


def _default_name(accounts: Mapping[str, Any], environ: Mapping[str, str]) -> str | None:
    for name, account in accounts.items():
        if account.get("is_default_account") is True:
            return name
    channel = environ.get("QISKIT_IBM_CHANNEL", "")
    by_channel = sorted(_DEFAULT_NAMES, key=lambda known: known != channel)
    names = (name for known in by_channel for name in _DEFAULT_NAMES[known])
    return next((name for name in names if name in accounts), None)
