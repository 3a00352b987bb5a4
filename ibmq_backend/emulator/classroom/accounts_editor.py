"""Changes of an accounts file that keep everything else in it, comments included."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.classroom.accounts_file import parse_accounts, read_accounts_file
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.text_files import decode_text

_HEADER: Final = re.compile(r"\s*\[{1,2}\s*([\w.\-\"' ]+?)\s*\]{1,2}\s*(#.*)?")
_TOKEN: Final = re.compile(r"""(\s*token\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')""")
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # no characters that look alike


def new_token() -> str:
    """Return a random API token that can be typed from paper: six groups of four characters."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(6))
    return "-".join(groups)


def edit_accounts(path: Path, change: Callable[[str], str]) -> None:
    """Change an accounts file in one step.

    If somebody else saves the file meanwhile, the change is made again on what they saved.

    Args:
        path: the file, in TOML.
        change: returns the new text for the present one.

    Raises:
        EmulatorError: the file cannot be read or written, or is not valid before or after the
            change; it is as it was then.
    """
    target = Path(os.path.realpath(path))
    read_accounts_file(target)
    try:
        with _locked(target.parent):
            replaced = False
            while not replaced:
                before = target.read_bytes()
                old = decode_text(before)
                parse_accounts(old, path)
                new = change(old)
                parse_accounts(new, path)
                replaced = _replace(target, before, new)
    except OSError as error:
        raise EmulatorError(f"cannot change {path}: {error.strerror}") from error


def add_users(text: str, users: Iterable[User]) -> str:
    """Return the text with the tables of more users at its end."""
    if text and not text.endswith("\n"):
        text += "\n"
    for user in users:
        text += f"\n[[user]]\nname = {quote(user.name)}\ntoken = {quote(user.api_token)}\n"
        if user.email:
            text += f"email = {quote(user.email)}\n"
    return text


def remove_user(text: str, name: str) -> str:
    """Return the text without the tables of a user and of the user's bookings.

    Raises:
        EmulatorError: the file has no such user, or its tables cannot be found in the text.
    """
    content = tomllib.loads(text)
    chosen = {
        "user": {_index(content, name)},
        "booking": {
            at for at, one in enumerate(content.get("booking", [])) if one.get("user") == name
        },
    }
    lines = text.splitlines(keepends=True)
    removed: set[int] = set()
    for kind, indexes in chosen.items():
        ranges = _find_tables(lines, kind)
        for at in indexes & set(range(len(ranges))):
            removed.update(ranges[at])
    wanted = {
        **content,
        **{
            kind: [one for at, one in enumerate(content[kind]) if at not in indexes]
            for kind, indexes in chosen.items()
            if kind in content
        },
    }
    left = [line for at, line in enumerate(lines) if at not in removed]
    return _checked("".join(left), wanted, name)


def replace_token(text: str, name: str, token: str) -> str:
    """Return the text with another API token of a user.

    Raises:
        EmulatorError: the file has no such user, or the token cannot be found in the text.
    """
    content = tomllib.loads(text)
    index = _index(content, name)
    content["user"][index]["token"] = token
    lines = text.splitlines(keepends=True)
    ranges = _find_tables(lines, "user")
    for at in ranges[index] if index < len(ranges) else ():
        lines[at] = _TOKEN.sub(lambda found: found[1] + quote(token), lines[at], count=1)
    return _checked("".join(lines), content, name)


def quote(text: str) -> str:
    """Return a text without control characters as a string of TOML."""
    return json.dumps(text, ensure_ascii=False)


def _index(content: dict[str, Any], name: str) -> int:
    for index, user in enumerate(content.get("user", [])):
        if user.get("name") == name:
            return index
    raise EmulatorError(f"the class has no user {name!r}; `ibmq-backend class list` names all")


def _find_tables(lines: list[str], kind: str) -> list[range]:
    """Return the lines of each ``[[kind]]`` table, without comments and blank lines after it."""
    found: list[range] = []
    start = end = -1
    for at, line in enumerate([*lines, "[end]"]):
        header = _HEADER.fullmatch(line.rstrip("\r\n"))
        if header is None:
            if line.strip() and not line.lstrip().startswith("#"):
                end = at + 1
        elif start < 0 or not header[1].startswith(f"{kind}."):
            if start >= 0:
                blank = end < len(lines) and not lines[end].strip()
                found.append(range(start, end + blank))
            start = at if header[1] == kind else -1
            end = at + 1
        else:
            end = at + 1
    return found


def _checked(text: str, wanted: dict[str, Any], name: str) -> str:
    """Return a changed text if it has exactly the wanted content."""
    with suppress(tomllib.TOMLDecodeError):
        if tomllib.loads(text) == {key: value for key, value in wanted.items() if value != []}:
            return text
    raise EmulatorError(
        f"the tables of {name!r} are written in a way that this command cannot change; "
        "change them in an editor"
    )


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let other changes of files in a folder wait; on POSIX only."""
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, before: bytes, text: str) -> bool:
    """Replace a file unless its content has changed; keep its owner and its permissions."""
    status = path.stat()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.name == "posix":
            Path(temporary).chmod(stat.S_IMODE(status.st_mode))
            with suppress(PermissionError):  # only root can give files away
                os.chown(temporary, status.st_uid, status.st_gid)
        if path.read_bytes() != before:
            return False
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True
