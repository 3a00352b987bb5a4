"""The documented account file ``~/.qiskit/qiskitrc``, in its own INI format.

Sections whose name starts with ``ibmq`` are accounts (old files hold one per hub, group and
project); ``[ibmq.preferences]`` and all other sections are kept to the letter when an account is
written or deleted. Source: qiskit-ibmq-provider 0.20, with one difference: ``verify = False`` is
written and read back as false.
"""

from __future__ import annotations

import ast
import configparser
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import hidden_frames
from ibmq_backend.credentials.files import qiskit_folder, read_text, remove, shown, write_private
from ibmq_backend.credentials.hub_group_project import HubGroupProject
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.exceptions import (
    HubGroupProjectInvalidStateError,
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountMultipleCredentialsFound,
    IBMQAccountValueError,
)

logger = get_logger(__name__)

PREFERENCES_SECTION: Final = "ibmq.preferences"

_SECTION_LINE: Final = re.compile(r"^\[(?P<name>[^\]\n]+)\].*$", re.MULTILINE)
_KEYS: Final = ("token", "url", "verify", "proxies", "default_provider")
_OLD_KEYS: Final = ("hub", "group", "project", "websockets_url")


def qiskitrc_path(filename: str | Path | None = None) -> Path:
    """The file to use: the one given, else ``~/.qiskit/qiskitrc``."""
    return Path(filename).expanduser() if filename is not None else qiskit_folder() / "qiskitrc"


@hidden_frames()
def read_qiskitrc(filename: str | Path | None = None) -> dict[str, Credentials]:
    """All accounts of the file by section name, in the order of the file.

    Args:
        filename: the file; ``None`` = ``~/.qiskit/qiskitrc``.

    Returns:
        One entry per account; ``{}`` when the file does not exist or holds none.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or understood.
        IBMQAccountCredentialsInvalidToken: a stored token is empty or cannot be one.
        IBMQAccountCredentialsInvalidUrl: a stored address is not an http(s) address.
    """
    path = qiskitrc_path(filename)
    parser = _parse(path, read_text(path) or "")
    preferences = _preferences(path, parser)
    return {
        name: _account(path, name, dict(parser.items(name)), preferences)
        for name in parser.sections()
        if _is_account(name)
    }


@hidden_frames()
def stored_credentials(filename: str | Path | None = None) -> Credentials | None:
    """The one account of the file, ``None`` when there is none.

    Raises:
        IBMQAccountMultipleCredentialsFound: the file holds several.
        IBMQAccountCredentialsInvalidFormat: and the others of :func:`read_qiskitrc`.
    """
    accounts = read_qiskitrc(filename)
    if len(accounts) > 1:
        raise several_accounts(qiskitrc_path(filename), accounts)
    return next(iter(accounts.values()), None)


def several_accounts(
    path: Path, accounts: dict[str, Credentials]
) -> IBMQAccountMultipleCredentialsFound:
    """The error for a file with more than one account."""
    names = ", ".join(f"[{name}]" for name in accounts)
    return IBMQAccountMultipleCredentialsFound(
        f"{shown(path)} holds {len(accounts)} accounts ({names}) where one is expected. Merge "
        "them with IBMQ.update_account(), or keep one section and delete the others."
    )


@hidden_frames()
def store_credentials(
    credentials: Credentials, overwrite: bool = False, filename: str | Path | None = None
) -> bool:
    """Write the account into the file as ``[ibmq]``.

    Args:
        credentials: what to store: token, base address, ``verify``, proxies, default provider.
        overwrite: replace whatever accounts the file holds.
        filename: the file; ``None`` = ``~/.qiskit/qiskitrc``.

    Returns:
        False when the file already holds an account and ``overwrite`` is not set: then nothing is
        changed and a warning is logged.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the present file cannot be read or understood.
        IBMQAccountCredentialsInvalidToken: the object was unpickled and has no token.
        IBMQAccountError: the file cannot be written.
    """
    credentials = credentials.with_token(credentials.token)
    path = qiskitrc_path(filename)
    text = read_text(path) or ""
    accounts = [name for name in _parse(path, text).sections() if _is_account(name)]
    if accounts and not overwrite:
        logger.warning(
            "%s already holds an account; set overwrite=True to replace it.", shown(path)
        )
        return False
    write_private(path, _replace_accounts(text, _section(credentials)))
    return True


@hidden_frames()
def remove_credentials(filename: str | Path | None = None) -> Credentials:
    """Delete the one account of the file and return it; other sections stay.

    Raises:
        IBMQAccountCredentialsNotFound: the file holds no account.
        IBMQAccountMultipleCredentialsFound: the file holds several.
        IBMQAccountError: the file cannot be written.
    """
    path = qiskitrc_path(filename)
    credentials = stored_credentials(path)
    if credentials is None:
        raise IBMQAccountCredentialsNotFound(f"{shown(path)} holds no account to delete.")
    left = _replace_accounts(read_text(path) or "", "")
    if left.strip():
        write_private(path, left)
    else:
        remove(path)
    return credentials


def _is_account(section: str) -> bool:
    return section.startswith("ibmq") and not section.startswith("ibmq.")


def _parse(path: Path, text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    try:
        parser.read_string(text)
    except configparser.DuplicateSectionError as error:
        problem = f"line {error.lineno}: section [{error.section}] is there twice"
    except configparser.DuplicateOptionError as error:
        problem = f"line {error.lineno}: {error.option!r} is twice in section [{error.section}]"
    except configparser.MissingSectionHeaderError as error:
        problem = f"line {error.lineno}: a section header like [ibmq] is missing before it"
    except configparser.ParsingError as error:
        problem = f"line {error.errors[0][0]}: not of the form 'key = value'"
    else:
        return parser
    # Outside the handlers: the parser's own errors quote lines, and a line may hold a token.
    raise IBMQAccountCredentialsInvalidFormat(
        f"{shown(path)}, {problem}. Mend that line, or move the file away."
    )


def _account(path: Path, section: str, items: dict[str, str], preferences: Any) -> Credentials:
    where = f"{shown(path)}, section [{section}]"
    for key in ("token", "url"):
        if not items.get(key, "").strip():
            raise IBMQAccountCredentialsInvalidFormat(
                f"{where}: {key!r} is missing. Add it, or delete the section."
            )
    values: dict[str, Any] = {
        key: _unescaped(items[key]) for key in (*_KEYS, *_OLD_KEYS) if items.get(key)
    }
    if "verify" in values:
        values["verify"] = _boolean(where, "verify", values["verify"])
    if "proxies" in values:
        values["proxies"] = _literal(where, "proxies", values["proxies"])
    try:
        return Credentials(**values, preferences=preferences)
    except (IBMQAccountCredentialsInvalidToken, IBMQAccountCredentialsInvalidUrl) as error:
        raise type(error)(f"{where}: {error.message}") from error
    except (IBMQAccountValueError, HubGroupProjectInvalidStateError) as error:
        raise IBMQAccountCredentialsInvalidFormat(f"{where}: {error.message}") from error


def _preferences(
    path: Path, parser: configparser.RawConfigParser
) -> dict[HubGroupProject, dict[str, dict[str, bool]]]:
    preferences: dict[HubGroupProject, dict[str, dict[str, bool]]] = {}
    if not parser.has_section(PREFERENCES_SECTION):
        return preferences
    where = f"{shown(path)}, section [{PREFERENCES_SECTION}]"
    for key, text in parser.items(PREFERENCES_SECTION):
        triple, *names = key.split(",")
        try:
            stored = HubGroupProject.from_stored_format(triple)
            category, name = names
        except (HubGroupProjectInvalidStateError, ValueError):
            raise IBMQAccountCredentialsInvalidFormat(
                f"{where}: {key!r} is not of the form 'hub/group/project,category,name'. "
                "Mend or delete the line."
            ) from None
        preferences.setdefault(stored, {}).setdefault(category, {})[name] = _boolean(
            where, key, text
        )
    return preferences


def _boolean(where: str, key: str, text: str) -> bool:
    value = configparser.RawConfigParser.BOOLEAN_STATES.get(text.strip().lower())
    if value is None:
        raise IBMQAccountCredentialsInvalidFormat(f"{where}: {key!r} has to be True or False.")
    return value


def _literal(where: str, key: str, text: str) -> Any:
    # Suppressed, not chained: a syntax error quotes the text, which may hold a password.
    with suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.literal_eval(text)
    raise IBMQAccountCredentialsInvalidFormat(
        f"{where}: {key!r} has to be a Python dictionary like "
        "{'urls': {'https': 'http://proxy:8080'}}."
    )


def _unescaped(text: str) -> str:
    """The original client reads ``%%`` as ``%`` and refuses a single one; we take both."""
    return text.replace("%%", "%")


def _section(credentials: Credentials) -> str:
    values = {"token": credentials.token, "url": credentials.base_url}
    if not credentials.verify:
        values["verify"] = "False"
    if credentials.proxies:
        values["proxies"] = repr(credentials.proxies)
    if credentials.default_provider is not None:
        values["default_provider"] = credentials.default_provider.to_stored_format()
    lines = (f"{key} = {value.replace('%', '%%')}" for key, value in values.items())
    return "\n".join(("[ibmq]", *lines)) + "\n"


def _replace_accounts(text: str, section: str) -> str:
    """The file with all account sections taken out and ``section`` in place of the first."""
    matches = list(_SECTION_LINE.finditer(text))
    starts = [match.start() for match in matches] + [len(text)]
    kept = [text[: starts[0]]]
    place: int | None = None
    for match, end in zip(matches, starts[1:], strict=True):
        if not _is_account(match["name"]):
            kept.append(text[match.start() : end])
        elif place is None:
            place = len(kept)
    if section:
        at = len(kept) if place is None else place
        if kept[at - 1] and not kept[at - 1].endswith("\n"):
            kept[at - 1] += "\n"
        kept.insert(at, section + ("\n" if at < len(kept) else ""))
    return "".join(kept)
