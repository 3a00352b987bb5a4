"""Handouts: what each student gets, as text and as a page to print."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.classroom.accounts_file import AccountsFile
from ibmq_backend.emulator.core.errors import EmulatorError

TEXT_NAME: Final = "handout.txt"
PAGE_NAME: Final = "handout.html"

_CUT: Final = "- " * 39 + "-"
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 11pt/1.4 sans-serif; margin: 1cm; color: #000; background: #fff; }}
section {{ break-inside: avoid; border-bottom: 1px dashed #666; padding: 0.5cm 0; }}
h2 {{ margin: 0 0 0.2cm; font-size: 13pt; }}
p {{ margin: 0 0 0.2cm; }}
pre {{ margin: 0; padding: 0.2cm; border: 1px solid #999; font-size: 9.5pt;
  white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
{sections}
</body>
</html>
"""


def write_handouts(folder: Path, file: AccountsFile, users: Iterable[User]) -> list[Path]:
    """Write the handouts of users as text and as a page, readable by their owner only.

    Args:
        folder: the folder of the class.
        file: the accounts file.
        users: users in the order of the handouts.

    Returns:
        The paths of both files.

    Raises:
        EmulatorError: a file cannot be written.
    """
    listed = list(users)
    contents = {TEXT_NAME: format_text(file, listed), PAGE_NAME: format_page(file, listed)}
    written = []
    for name, content in contents.items():
        path = folder / name
        try:
            path.unlink(missing_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as output:
                output.write(content)
        except OSError as error:
            raise EmulatorError(f"cannot write {path}: {error.strerror}") from error
        written.append(path)
    return written


def format_text(file: AccountsFile, users: Iterable[User]) -> str:
    """Return the handouts as text, with lines to cut along."""
    blocks = [
        "\n".join(
            (
                f"{_title(file)}: {user.name}",
                *_facts(file, user),
                "In Python:",
                "",
                *(f"    {line}" for line in _program(file, user)),
            )
        )
        for user in users
    ]
    return f"\n\n{_CUT}\n\n".join(blocks) + "\n"


def format_page(file: AccountsFile, users: Iterable[User]) -> str:
    """Return the handouts as an HTML page that loads nothing else."""
    sections = []
    for user in users:
        facts = "<br>\n".join(map(escape, _facts(file, user)))
        program = escape("\n".join(_program(file, user)))
        sections.append(
            f"<section>\n<h2>{escape(user.name)}</h2>\n<p>{facts}</p>\n<pre>{program}</pre>\n"
            "</section>"
        )
    return _PAGE.format(title=escape(_title(file)), sections="\n".join(sections))


def _title(file: AccountsFile) -> str:
    return file.name or "Quantum server"


def _facts(file: AccountsFile, user: User) -> Iterator[str]:
    yield f"Token: {user.api_token}"
    yield f"Server: {file.url}/api"
    yield f"Web page: {file.url}/"
    if file.last_day is not None:
        yield f"Until: {file.last_day}"
    yield "Keep the token to yourself: your jobs belong to whoever has it."


def _program(file: AccountsFile, user: User) -> Iterator[str]:
    parts = urlsplit(file.url)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        yield "import os"
        yield 'os.environ["IBMQ_BACKEND_PLAIN_HTTP"] = "allow"  # in every program'
    yield "from qiskit import IBMQ"
    yield f'IBMQ.save_account({json.dumps(user.api_token)}, url="{file.url}/api", overwrite=True)'
    yield "# In later programs without the line above:"
    yield "provider = IBMQ.load_account()"
    yield "print(provider.backends())"
