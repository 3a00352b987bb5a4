"""Reading and writing the small private files that hold accounts."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ibmq_backend.exceptions import IBMQAccountCredentialsInvalidFormat, IBMQAccountError


def qiskit_folder() -> Path:
    """``~/.qiskit``, looked up now: the home folder may change between calls."""
    return Path.home() / ".qiskit"


def shown(path: Path) -> str:
    """The path as it may be shown, the home folder written as ``~``."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


def read_text(path: Path) -> str | None:
    """The text of the file, ``None`` when there is no such file.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read, or is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)} cannot be read ({error.strerror}): "
            "change its permissions, or move it away."
        ) from error
    except UnicodeDecodeError:
        # Without its cause: that carries the bytes of the file.
        raise IBMQAccountCredentialsInvalidFormat(
            f"{shown(path)} is not UTF-8 text: restore it, or move it away."
        ) from None


def read_json_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in the file, ``None`` when there is no such file.

    Raises:
        IBMQAccountCredentialsInvalidFormat: the file cannot be read or holds something else.
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
            f"{shown(path)} does not hold a JSON object: restore it, or move it away."
        )
    # Outside the handler: the decoder's error carries the whole file.
    raise IBMQAccountCredentialsInvalidFormat(
        f"{shown(path)}, line {line}, column {column}: not valid JSON. "
        "Mend that line, or move the file away."
    )


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable and writable by its owner only.

    A reader sees the old or the new content, never a part; a symbolic link stays one.

    Raises:
        IBMQAccountError: the file cannot be written.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o600)
            Path(temporary).replace(target)
        except BaseException:  # no half-written file stays, also after an interruption
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise IBMQAccountError(f"{shown(path)} cannot be written ({error.strerror}).") from error


def remove(path: Path) -> None:
    """Delete the file if it exists.

    Raises:
        IBMQAccountError: it cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise IBMQAccountError(f"{shown(path)} cannot be deleted ({error.strerror}).") from error
