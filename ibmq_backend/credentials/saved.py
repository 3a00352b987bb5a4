"""Our own account file, ``~/.qiskit/ibmq_backend.json``, with one account of any kind.

``qiskitrc`` cannot store an instance of IBM Quantum Platform, and the official client's file
belongs to that client. The format is ``{"format": 1, "account": {...}, "use": NAME}`` with the
constructor arguments of :class:`Credentials` that differ from their defaults, and the name of an
account in another file if that one was chosen. Both are optional. Our choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ibmq_backend._secrets.traceback_scrubbing import variables_cleared_on_error
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

_CHOICE: Final = "use"

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
    "region",
    "plans_preference",
    "tags",
)


def saved_account_path(filename: str | Path | None = None) -> Path:
    """Return the given file, or ``~/.qiskit/ibmq_backend.json``."""
    if filename is not None:
        return Path(filename).expanduser()
    return qiskit_folder() / "ibmq_backend.json"


@variables_cleared_on_error()
def read_saved_account(filename: str | Path | None = None) -> Credentials | None:
    """Return the saved account; ``None`` if there is none.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
        IBMQAccountCredentialsInvalidToken: the stored token is empty or not valid.
        IBMQAccountCredentialsInvalidUrl: the stored URL is not an http(s) URL.
    """
    path = saved_account_path(filename)
    account = _content(path).get("account")
    if account is None:
        return None
    if not isinstance(account, dict):
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)}: 'account' must be a JSON object. Save the account again."
        )
    return account_from_json(f"{shown(path)}, 'account'", account, _KEYS)


@variables_cleared_on_error()
def write_saved_account(
    credentials: Credentials, overwrite: bool = False, filename: str | Path | None = None
) -> bool:
    """Save the account.

    Returns:
        False if an account is saved already and ``overwrite`` is not set; nothing is changed then.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the existing file cannot be read or is malformed.
        IBMQAccountCredentialsInvalidToken: the account was unpickled and has no token.
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
    account.update(credentials.filters())
    if not credentials.verify:
        account["verify"] = False
    if credentials.default_provider is not None:
        account["default_provider"] = credentials.default_provider.to_stored_format()
    _write(path, {"account": account})
    return True


def remove_saved_account(filename: str | Path | None = None) -> None:
    """Delete the saved account.

    Raises:
        IBMQAccountCredentialsNotFound: no account is saved.
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
        IBMQAccountError: the file cannot be changed.
    """
    path = saved_account_path(filename)
    content = _content(path)
    if content.pop("account", None) is None:
        raise IBMQAccountCredentialsNotFound(f"{shown(path)} contains no account to delete.")
    _write(path, content)


@variables_cleared_on_error()
def read_choice(filename: str | Path | None = None) -> str | None:
    """Return the name of the account in another file that was chosen; ``None`` if there is none.

    Nothing is chosen in a malformed file.
    """
    try:
        choice = _content(saved_account_path(filename)).get(_CHOICE)
    except IBMQAccountCredentialsInvalidFormat:
        return None
    return choice if isinstance(choice, str) else None


@variables_cleared_on_error()
def write_choice(name: str | None, filename: str | Path | None = None) -> None:
    """Store which account of another file is chosen; ``None`` if none is.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
        IBMQAccountError: the file cannot be written.
    """
    path = saved_account_path(filename)
    content = _content(path)
    if content.get(_CHOICE) != name:
        _write(path, {**content, _CHOICE: name})


def _content(path: Path) -> dict[str, Any]:
    content = read_json_object(path)
    if content and content.get("format") != FORMAT:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)}: 'format' is not {FORMAT}; a newer version may have written it. "
            "Update this package, or move the file away."
        )
    return content or {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Write the values that are set; delete the file if there are none."""
    values = {key: value for key, value in content.items() if value is not None and key != "format"}
    if values:
        write_private(path, json.dumps({"format": FORMAT, **values}, indent=2) + "\n")
    else:
        remove(path)


def account_from_json(where: str, account: dict[str, Any], keys: tuple[str, ...]) -> Credentials:
    """Return the credentials in a JSON object.

    Args:
        where: file and entry, for messages.
        account: JSON object.
        keys: constructor arguments to read; other keys and ``null`` values are ignored.

    Raises:
        IBMQAccountCredentialsInvalidFormat: a key is missing or has the wrong type or form.
        IBMQAccountCredentialsInvalidToken: the token is empty or not valid.
        IBMQAccountCredentialsInvalidUrl: the URL is not an http(s) URL.
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
