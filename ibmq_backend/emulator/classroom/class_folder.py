"""The folder of a class: its accounts file and its handouts."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ibmq_backend.emulator.classroom.accounts_editor import quote
from ibmq_backend.emulator.classroom.accounts_file import parse_accounts, parse_url
from ibmq_backend.emulator.classroom.roster import clean_name, describe_problem
from ibmq_backend.emulator.core.errors import EmulatorError

ACCOUNTS_NAME: Final = "class.toml"

_TEMPLATE: Final = """\
# The class {name}. Only you may read this file: it contains tokens.
# A running server takes over what you save here within two seconds.
# docs/class.md describes all keys. A line that starts with # has no effect.

# For `ibmq-backend admin` and for the teacher's view of the pages; it is not an API token.
admin_token = "{admin_token}"

[class]
name = {name}
url = {url}    # where students reach the server; written on the handout
# ends = 2030-07-31    # last day of logins and new jobs

# How many unfinished jobs each student may have on one device; -1 for no limit.
[limits]
devices = 5
simulators = 20
# ibmq_vigo = 1    # this device only

[[project]]
instance = "{instance}"
default = true
# devices = ["ibmq_vigo", "ibmq_qasm_simulator"]    # these devices only

# A time in which a device runs the jobs of one student only.
# [[booking]]
# user = "Ada Lovelace"
# instance = "{instance}"
# backend = "ibmq_vigo"
# start = 2030-05-04T10:00:00+02:00
# end = 2030-05-04T10:30:00+02:00

# An instance for programs written for IBM Quantum Platform; without one there is one of each plan.
# [[platform]]
# name = "course"
# plan = "premium"

# Students. `ibmq-backend class add-users ROSTER.csv` adds them.
"""


def create_class(name: str, folder: Path | None, url: str) -> Path:
    """Create the folder of a new class, with its accounts file.

    Args:
        name: name of the class.
        folder: the folder; default: one in the current folder, named after the class.
        url: address of the server, without path.

    Returns:
        The folder.

    Raises:
        EmulatorError: the name or the address cannot be used, or the folder exists and is not
            empty.
    """
    name = clean_name(name)
    if problem := describe_problem(name):
        raise EmulatorError(f"a class needs another name: {problem}")
    try:
        url = parse_url(url)
    except ValueError as error:
        raise EmulatorError(str(error)) from error
    short = _short_name(name)
    folder = Path(short) if folder is None else folder
    accounts = folder / ACCOUNTS_NAME
    text = _TEMPLATE.format(
        name=quote(name),
        url=quote(url),
        admin_token=secrets.token_hex(32),
        instance=f"ibm-q-education/{short}/main",
    )
    parse_accounts(text, accounts)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EmulatorError(
                f"the folder {folder} is not empty; choose another one with --folder"
            )
        folder.chmod(0o700)
        handle = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError:
            accounts.unlink()
            raise
    except OSError as error:
        raise EmulatorError(f"cannot create {accounts}: {error.strerror}") from error
    return folder


def find_accounts(folder: Path) -> Path:
    """Return the accounts file in the folder of a class.

    Raises:
        EmulatorError: there is none.
    """
    path = folder / ACCOUNTS_NAME
    if not path.is_file():
        raise EmulatorError(
            f"there is no {ACCOUNTS_NAME} in {folder.absolute()}; change to the folder of the "
            "class, or name it with --class FOLDER"
        )
    return path


def describe_next_steps(folder: Path, url: str) -> Iterator[str]:
    """Yield the lines that a teacher types after :func:`create_class`."""
    yield f"cd {shlex.quote(str(folder))}"
    yield "ibmq-backend class add-users ROSTER.csv"
    yield f"ibmq-backend serve{_serve_options(url)}"


def _serve_options(url: str) -> str:
    parts = urlsplit(url)
    options = ["--accounts", ACCOUNTS_NAME, "--store", "jobs.sqlite"]
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    if port != 8000:
        options += ["--port", str(port)]
    if parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        options += ["--host", "0.0.0.0", "--allowed-host", str(parts.hostname)]  # noqa: S104
    if parts.scheme == "https":
        options += ["--tls-cert", "server.pem", "--tls-key", "server.key"]
    return "".join(f" {option}" for option in options)


def _short_name(name: str) -> str:
    """Return a name for paths and URLs."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:64].strip("-") or "class"
