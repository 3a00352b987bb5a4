"""Reads and writes the private files that contain accounts."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ibmq_backend import text_files
from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat, IBMQAccountError
from ibmq_backend.text_files import NotTextError


def qiskit_folder() -> Path:
    """Return ``~/.qiskit`` in the current home folder."""
    return Path.home() / ".qiskit"


def shown(path: Path) -> str:
    """Return the path as text, with the home folder written as ``~``."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


def read_text(path: Path) -> str | None:
    """Return the text of the file, ``None`` if it does not exist.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read, or is not text.
    """
    try:
        return text_files.read_text(path, keep_bytes=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)} cannot be read ({error.strerror}). "
            "Change its permissions, or move it away."
        ) from error
    except NotTextError as error:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)} is not a text file: {error}, or move it away."
        ) from None


def read_json_object(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in the file, ``None`` if it does not exist.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or is malformed.
    """
    text = read_text(path)
    if text is None:
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
    except RecursionError:
        line, column = 1, 1
    else:
        if isinstance(content, dict):
            return content
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)} does not contain a JSON object. Restore it, or move it away."
        )
    # Outside the handler, since the decoder's error contains the whole file.
    raise IBMQAccountCredentialsInvalidFormat(
        f"{shown(path)}, line {line}, column {column}: not valid JSON. "
        "Correct that line, or move the file away."
    )


def write_private(path: Path, text: str) -> None:
    """Write the file, readable and writable by its owner only.

    The file is replaced in one step, so readers never see a partial file. A symbolic link is kept.

    Raises:
        IBMQAccountError: the file cannot be written.
    """
    target = Path(os.path.realpath(path))  # resolve() raises RuntimeError for a circle of links
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(
                handle, "w", encoding="utf-8", errors="surrogateescape", newline="\n"
            ) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o600)
            Path(temporary).replace(target)
        except BaseException:  # remove the partial file, also after an interruption
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise IBMQAccountError(f"{shown(path)} cannot be written ({error.strerror}).") from error


def remove(path: Path) -> None:
    """Delete the file if it exists.

    Raises:
        IBMQAccountError: the file cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise IBMQAccountError(f"{shown(path)} cannot be deleted ({error.strerror}).") from error
