"""Where a description comes from: a file, an address, or an earlier commit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from scripts._drift.form import well_formed
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError
from scripts._regenerate.problems import RegenerateError
from scripts._regenerate.spec_source import parse_description

_LARGEST: Final = 50_000_000
_TIMEOUT: Final = httpx.Timeout(30, connect=10)


def read_version(source: str, root: Path) -> Version:
    """Read a description.

    Args:
        source: A file, an ``http(s)`` address, or ``REVISION:PATH`` of this repository.
        root: Folder of the repository.

    Raises:
        DriftError: It cannot be had, or is no description.
    """
    name = source
    if _is_address(source):
        name = shown_address(source)
        text = _fetch(source, name)
    elif not Path(source).exists() and ":" in source:
        text = _of_commit(source, root)
    else:
        text = _of_file(Path(source))
    document = _parsed(text, name)
    with well_formed(**{name: document}):
        return Version(document, name)


def shown_address(address: str) -> str:
    """Return an address as reports show it: without password, and without values of its query."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "..." if parts.query else "", ""))


def _is_address(source: str) -> bool:
    try:
        return urlsplit(source).scheme in ("http", "https")
    except ValueError as error:  # 'http://[::1/x'
        raise DriftError(f"The address of a description is none: {error}.") from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DriftError(f"{name}: is not JSON: {error}") from error
        return dict(document)
    if text.lstrip()[:1] == "<":
        raise DriftError(f"{name}: is a page, not a description; take the address of the file.")
    try:
        return parse_description(text, name).document
    except RegenerateError as error:
        raise DriftError(str(error)) from error


def _of_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DriftError(f"{path}: there is no such file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DriftError(f"{path}: cannot be read: {error}") from error


def _of_commit(source: str, root: Path) -> str:
    command = ["git", "show", "--end-of-options", source]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DriftError(
            f"{source}: is neither a file, nor an address, nor REVISION:PATH of this repository.\n"
            f"git says: {done.stderr.strip()}"
        )
    return done.stdout


def _fetch(address: str, name: str) -> str:
    try:
        with httpx.stream("GET", address, timeout=_TIMEOUT, follow_redirects=True) as reply:
            if reply.status_code != httpx.codes.OK:
                raise DriftError(
                    f"{name}: answers {reply.status_code}. Download the description yourself "
                    "and give the file."
                )
            content = bytearray()
            for piece in reply.iter_bytes():
                content += piece
                if len(content) > _LARGEST:
                    raise DriftError(
                        f"{name}: is larger than {_LARGEST} bytes, so it is no description."
                    )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DriftError(
            f"{name}: cannot be fetched: {str(error).rstrip('.')}. Download the description "
            "yourself and give the file."
        ) from error
    return content.decode("utf-8", errors="replace")
