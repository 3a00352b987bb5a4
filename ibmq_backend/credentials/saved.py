"""Our own saved account, ``~/.qiskit/ibmq_backend.json``: one account of any kind.

``qiskitrc`` has no place for an instance of today's service, and the official client's file is
not ours to write. The form is ``{"format": 1, "account": {...}}`` with the constructor arguments
of :class:`Credentials` that differ from their defaults. Our choice.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ibmq_backend._secrets.traceback_scrubbing import hidden_frames
from ibmq_backend.credentials.files import (
    qiskit_folder,
    read_json_object,
    remove,
    shown,
    write_private,
)
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.exceptions import (
    HubGroupProjectInvalidStateError,
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountValueError,
)

FORMAT: Final = 1

_KEYS: Final = (
    "token",
    "url",
    "hub",
    "group",
    "project",
    "proxies",
    "verify",
    "default_provider",
    "instance",
    "channel",
)


def saved_account_path(filename: str | Path | None = None) -> Path:
    """The file to use: the one given, else ``~/.qiskit/ibmq_backend.json``."""
    if filename is not None:
        return Path(filename).expanduser()
    return qiskit_folder() / "ibmq_backend.json"


@hidden_frames()
def read_saved_account(filename: str | Path | None = None) -> Credentials | None:
    """The saved account, ``None`` when there is none.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or understood.
        IBMQAccountCredentialsInvalidToken: the stored token is empty or cannot be one.
        IBMQAccountCredentialsInvalidUrl: the stored address is not an http(s) address.
    """
    path = saved_account_path(filename)
    content = read_json_object(path)
    if content is None or content.get("account") is None:
        return None
    if content.get("format") != FORMAT:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)}: 'format' is not {FORMAT}; a newer version may have written it. "
            "Update this package, or move the file away."
        )
    account = content["account"]
    if not isinstance(account, dict):
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)}: 'account' has to be a JSON object. Save the account again."
        )
    return account_from_json(f"{shown(path)}, 'account'", account, _KEYS)


@hidden_frames()
def write_saved_account(
    credentials: Credentials, overwrite: bool = False, filename: str | Path | None = None
) -> bool:
    """Save the account.

    Returns:
        False when one is saved already and ``overwrite`` is not set: then nothing is changed.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the present file cannot be read or understood.
        IBMQAccountCredentialsInvalidToken: the object was unpickled and has no token.
        IBMQAccountError: the file cannot be written.
    """
    credentials = credentials.with_token(credentials.token)
    path = saved_account_path(filename)
    if not overwrite and read_saved_account(path) is not None:
        return False
    account: dict[str, Any] = {"token": credentials.token, "url": credentials.base_url}
    for key in ("hub", "group", "project", "proxies", "instance", "channel"):
        if getattr(credentials, key):
            account[key] = getattr(credentials, key)
    if not credentials.verify:
        account["verify"] = False
    if credentials.default_provider is not None:
        account["default_provider"] = credentials.default_provider.to_stored_format()
    write_private(path, json.dumps({"format": FORMAT, "account": account}, indent=2) + "\n")
    return True


def remove_saved_account(filename: str | Path | None = None) -> None:
    """Delete the saved account.

    Raises:
        IBMQAccountCredentialsNotFound: there is none.
        IBMQAccountError: the file cannot be deleted.
    """
    path = saved_account_path(filename)
    if not path.exists():
        raise IBMQAccountCredentialsNotFound(f"{shown(path)} does not exist: nothing to delete.")
    remove(path)


def account_from_json(where: str, account: dict[str, Any], keys: tuple[str, ...]) -> Credentials:
    """Credentials of a JSON object; keys other than ``keys`` and ``null`` are passed over.

    Args:
        where: file and entry, for messages.
        account: the object.
        keys: constructor arguments to take from it.

    Raises:
        IBMQAccountCredentialsInvalidFormat: a key is missing or has the wrong type or form.
        IBMQAccountCredentialsInvalidToken: the token is empty or cannot be one.
        IBMQAccountCredentialsInvalidUrl: the address is not an http(s) address.
    """
    values = {key: account[key] for key in keys if account.get(key) is not None}
    for key in ("token", "url"):
        if not isinstance(values.get(key), str):
            raise IBMQAccountCredentialsInvalidFormat(
                f"{where}: {key!r} is missing or not text. Save the account again."
            )
    try:
        return Credentials(**values)
    except (IBMQAccountCredentialsInvalidToken, IBMQAccountCredentialsInvalidUrl) as error:
        raise type(error)(f"{where}: {error.message}") from error
    except (IBMQAccountValueError, HubGroupProjectInvalidStateError) as error:
        raise IBMQAccountCredentialsInvalidFormat(f"{where}: {error.message}") from error
