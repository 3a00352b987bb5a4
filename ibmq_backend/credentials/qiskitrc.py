"""The documented account file ``~/.qiskit/qiskitrc``, in its own INI format.

Sections whose name starts with ``ibmq`` are accounts (old files contain one for each hub, group and
project). ``[ibmq.preferences]`` and all other sections are not changed when an account is written
or deleted. Source: qiskit-ibmq-provider 0.20, with one difference: ``verify = False`` is written
and read as false.
"""

from __future__ import annotations

import ast
import configparser
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from ibmq_backend._secrets.redact import get_logger
from ibmq_backend._secrets.traceback_scrubbing import variables_cleared_on_error
from ibmq_backend.credentials.files import qiskit_folder, read_text, remove, shown, write_private
from ibmq_backend.credentials.hub_group_project import HubGroupProject
from ibmq_backend.credentials.model import Credentials
from ibmq_backend.exceptions import (
    HubGroupProjectInvalidStateError,
    IBMQAccountCredentialsInvalidFormat,
    IBMQAccountCredentialsInvalidToken,
    IBMQAccountCredentialsInvalidUrl,
    IBMQAccountCredentialsNotFound,
    IBMQAccountError,
    IBMQAccountMultipleCredentialsFound,
    IBMQAccountValueError,
)
from ibmq_backend.notices import notify_once

logger = get_logger(__name__)

MAIN_SECTION: Final = "ibmq"
PREFERENCES_SECTION: Final = "ibmq.preferences"

_HEADER: Final = re.compile(r"\[\s*(?P<name>[^\]]*?)\s*(?:\]|$)")  # with or without its end
_OPTION: Final = re.compile(r"(?P<key>[^=:]+?)\s*[=:]\s*(?P<value>.*)$")
_OTHER_BYTES: Final = re.compile("[\ud800-\udfff]")  # see files.read_text
_KEYS: Final = ("token", "url", "verify", "proxies", "default_provider")
_OLD_KEYS: Final = ("hub", "group", "project", "websockets_url")
_BEGINNING: Final = re.compile(rf"\[\s*ibmq|(?:{'|'.join((*_KEYS, *_OLD_KEYS))})\s*[=:]")


def qiskitrc_path(filename: str | Path | None = None) -> Path:
    """Return the given file, or ``~/.qiskit/qiskitrc``."""
    return Path(filename).expanduser() if filename is not None else qiskit_folder() / "qiskitrc"


@variables_cleared_on_error()
def read_qiskitrc(filename: str | Path | None = None) -> dict[str, Credentials]:
    """Return all accounts of the file by section name, in the order of the file.

    Lines that no account needs may have any form. With a notice, malformed preferences are ignored,
    and so are malformed accounts other than ``[ibmq]`` if there is another one.

    Returns:
        The accounts; ``{}`` if the file does not exist or contains none.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
        IBMQAccountCredentialsInvalidToken: a stored token is empty or not valid.
        IBMQAccountCredentialsInvalidUrl: a stored URL is not an http(s) URL.
    """
    path = qiskitrc_path(filename)
    sections = _parse(path, read_text(path) or "")
    preferences = _preferences(path, sections)
    found: dict[str, Credentials] = {}
    ignored: list[IBMQAccountError] = []
    for name, items in _accounts(path, sections).items():
        try:
            found[name] = _account(path, name, items, preferences)
        except IBMQAccountError as error:
            if name == MAIN_SECTION:
                raise
            ignored.append(error)
    if ignored and not found:
        raise ignored[0]
    for each in ignored:
        _notify_ignored(each.message)
    return found


@variables_cleared_on_error()
def stored_credentials(filename: str | Path | None = None) -> Credentials | None:
    """Return the only account of the file; ``None`` if there is none.

    Raises:
        IBMQAccountMultipleCredentialsFound: the file contains several accounts.
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed; for other
            errors see :func:`read_qiskitrc`.
    """
    accounts = read_qiskitrc(filename)
    if len(accounts) > 1:
        raise several_accounts(qiskitrc_path(filename), accounts)
    return next(iter(accounts.values()), None)


def several_accounts(
    path: Path, accounts: dict[str, Credentials]
) -> IBMQAccountMultipleCredentialsFound:
    """Return the error for a file with more than one account."""
    names = ", ".join(f"[{name}]" for name in accounts)
    return IBMQAccountMultipleCredentialsFound(
        f"{shown(path)} contains {len(accounts)} accounts ({names}), but only one is allowed. "
        "Merge them with IBMQ.update_account(), or choose one with `ibmq-backend account use NAME`."
    )


@variables_cleared_on_error()
def store_credentials(
    credentials: Credentials, overwrite: bool = False, filename: str | Path | None = None
) -> bool:
    """Write the account into the file as ``[ibmq]``.

    The token, base URL, ``verify``, proxies and default provider are stored.

    Returns:
        False if the file already contains an account and ``overwrite`` is not set; then nothing is
        changed and a warning is logged.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the existing file cannot be read or is malformed.
        IBMQAccountCredentialsInvalidToken: the account was unpickled and has no token.
        IBMQAccountError: the file cannot be written.
    """
    credentials = credentials.with_token(credentials.token)
    path = qiskitrc_path(filename)
    text = read_text(path) or ""
    if _accounts(path, _parse(path, text)) and not overwrite:
        logger.warning(
            "%s already contains an account; set overwrite=True to replace it.", shown(path)
        )
        return False
    write_private(path, _replace_accounts(path, text, _section(credentials)))
    return True


@variables_cleared_on_error()
def remove_credentials(filename: str | Path | None = None) -> Credentials:
    """Delete the only account of the file and return it; everything else is kept.

    Raises:
        IBMQAccountCredentialsNotFound: the file contains no account.
        IBMQAccountMultipleCredentialsFound: the file contains several accounts.
        IBMQAccountError: the file cannot be written.
    """
    path = qiskitrc_path(filename)
    credentials = stored_credentials(path)
    if credentials is None:
        raise IBMQAccountCredentialsNotFound(f"{shown(path)} contains no account to delete.")
    for section in read_qiskitrc(path):
        remove_section(section, path)
    return credentials


@variables_cleared_on_error()
def remove_section(section: str, filename: str | Path | None = None) -> None:
    """Delete one account of the file; everything else is kept.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read.
        IBMQAccountError: the file cannot be written.
    """
    path = qiskitrc_path(filename)
    _write(path, _replace_accounts(path, read_text(path) or "", "", only=section))


def _write(path: Path, text: str) -> None:
    """Write the file, or delete it if nothing is left."""
    if text.strip():
        write_private(path, text)
    else:
        remove(path)


@define
class _Section:
    """A part of the file.

    Attributes:
        name: text of its header, empty before the first one.
        line: number of its first line.
        text: all of it, with the header.
        options: line number and value of each occurrence of a key.
    """

    name: str
    line: int
    text: str = field(default="", repr=False)
    options: dict[str, list[tuple[int, str]]] = field(factory=dict, repr=False)

    @property
    def is_account(self) -> bool:
        return self.name.startswith("ibmq") and not self.name.startswith("ibmq.")


def _parse(path: Path, text: str) -> list[_Section]:
    """Return the sections, as ``configparser`` reads them if the file has the right form.

    Raises:
        IBMQAccountCredentialsInvalidFormat: a token is in no section, or nothing is an account
            and a token is in another section or a line has another form.
    """
    sections = [_Section("", 1)]
    key: str | None = None  # of the value that an indented line continues
    depth = 0
    other = 0  # number of the first line of another form
    for number, line in enumerate(io.StringIO(text), 1):
        bare = line.strip()
        indent = len(line) - len(line.lstrip())
        continues = key is not None and indent > depth and not _BEGINNING.match(bare)
        if not bare or bare[0] in "#;":
            pass
        elif continues and key is not None:
            first, value = sections[-1].options[key].pop()
            sections[-1].options[key].append((first, f"{value}\n{bare}"))
        elif header := _HEADER.match(bare):
            sections.append(_Section(header["name"], number))
            key = None
        else:
            option = _OPTION.match(bare)
            key, depth = option and option["key"], indent
            if option is None:
                other = other or number
            else:
                values = sections[-1].options.setdefault(option["key"], [])
                values.append((number, option["value"]))
        sections[-1].text += line
    has_account = any(section.is_account for section in sections)
    others = sections[:1] if has_account else sections
    outside = [number for each in others for number, _ in each.options.get("token", ())]
    if other and not has_account:
        if len(sections) > 1 and other > sections[1].line:
            raise _malformed(path, other, "not of the form 'key = value'")
        outside.append(other)
    if outside:
        problem = "a section header like [ibmq] is missing before it"
        raise _malformed(path, min(outside), problem)
    return sections


def _accounts(path: Path, sections: list[_Section]) -> dict[str, dict[str, str]]:
    """Return the values of each account; what is repeated with the same values is there once.

    Raises:
        IBMQAccountCredentialsInvalidFormat: a value or account has two meanings.
    """
    found: dict[str, dict[str, str]] = {}
    for section in sections:
        if not section.is_account:
            continue
        values: dict[str, str] = {}
        for key in (*_KEYS, *_OLD_KEYS):
            for number, value in section.options.get(key, ()):
                if values.setdefault(key, value) != value:
                    raise _malformed(
                        path, number, f"{key!r} is repeated in section [{section.name}]"
                    )
        if found.setdefault(section.name, values) != values:
            raise _malformed(path, section.line, f"section [{section.name}] is repeated")
    return found


def _malformed(path: Path, line: int, problem: str) -> IBMQAccountCredentialsInvalidFormat:
    return IBMQAccountCredentialsInvalidFormat(
        f"{shown(path)}, line {line}: {problem}. Correct that line, or move the file away."
    )


def _notify_ignored(problem: str) -> None:
    notify_once(f"qiskitrc: {problem}", f"Ignored: {problem}")


def _account(path: Path, section: str, items: dict[str, str], preferences: Any) -> Credentials:
    where = f"{shown(path)}, section [{section}]"
    for key in ("token", "url"):
        if not items.get(key, "").strip():
            raise IBMQAccountCredentialsInvalidFormat(
                f"{where}: {key!r} is missing. Add it, or delete the section."
            )
    values: dict[str, Any] = {}
    for key in (*_KEYS, *_OLD_KEYS):
        if value := items.get(key):
            if _OTHER_BYTES.search(value):
                raise IBMQAccountCredentialsInvalidFormat(
                    f"{where}: {key!r} is not UTF-8 text. Write it again."
                )
            values[key] = value.replace("%%", "%")  # a single % is kept
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
    path: Path, sections: list[_Section]
) -> dict[HubGroupProject, dict[str, dict[str, bool]]]:
    preferences: dict[HubGroupProject, dict[str, dict[str, bool]]] = {}
    where = f"{shown(path)}, section [{PREFERENCES_SECTION}]"
    options = [
        (key, values[-1][1])
        for section in sections
        if section.name == PREFERENCES_SECTION
        for key, values in section.options.items()
    ]
    for key, text in options:
        triple, *names = key.split(",")
        try:
            stored = HubGroupProject.from_stored_format(triple)
            category, name = names
            value = _boolean(where, key, text)
        except IBMQAccountCredentialsInvalidFormat as error:
            _notify_ignored(error.message)
        except (HubGroupProjectInvalidStateError, ValueError):
            _notify_ignored(
                f"{where}: {key!r} is not of the form 'hub/group/project,category,name'. "
                "Correct or delete the line."
            )
        else:
            preferences.setdefault(stored, {}).setdefault(category, {})[name] = value
    return preferences


def _boolean(where: str, key: str, text: str) -> bool:
    value = configparser.RawConfigParser.BOOLEAN_STATES.get(text.strip().lower())
    if value is None:
        raise IBMQAccountCredentialsInvalidFormat(f"{where}: {key!r} must be True or False.")
    return value


def _literal(where: str, key: str, text: str) -> Any:
    # Not chained, since a syntax error quotes the text, which may contain a password.
    with suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.literal_eval(text)
    raise IBMQAccountCredentialsInvalidFormat(
        f"{where}: {key!r} must be a Python dictionary like "
        "{'urls': {'https': 'http://proxy:8080'}}."
    )


def _section(credentials: Credentials) -> str:
    values = {"token": credentials.token, "url": credentials.base_url}
    if not credentials.verify:
        values["verify"] = "False"
    if credentials.proxies:
        values["proxies"] = repr(credentials.proxies)
    if credentials.default_provider is not None:
        values["default_provider"] = credentials.default_provider.to_stored_format()
    lines = (f"{key} = {value.replace('%', '%%')}" for key, value in values.items())
    return "\n".join((f"[{MAIN_SECTION}]", *lines)) + "\n"


def _replace_accounts(path: Path, text: str, section: str, *, only: str | None = None) -> str:
    """Return the file with ``section`` in place of all accounts, or of the one named."""
    kept: list[str] = []
    position: int | None = None
    for each in _parse(path, text):
        if not each.is_account or only not in (None, each.name):
            kept.append(each.text)
        elif position is None:
            position = len(kept)
    if section:
        at = len(kept) if position is None else position
        if kept[at - 1] and not kept[at - 1].endswith("\n"):
            kept[at - 1] += "\n"
        kept.insert(at, section + ("\n" if at < len(kept) else ""))
    return "".join(kept)
