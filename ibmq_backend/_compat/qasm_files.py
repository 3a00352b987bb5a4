"""Lets Terra read OpenQASM files that were saved with other encodings than plain UTF-8."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ibmq_backend._compat.replacing import replace_in_place
from ibmq_backend.text_files import read_text


def adapt_qasm(module: ModuleType) -> None:
    """Accept a byte order mark, UTF-16 and comments in Latin-1, in files and texts.

    Args:
        module: ``qiskit.qasm2`` or ``qiskit.qasm3``.
    """

    def from_text(original: Callable[..., Any]) -> Callable[..., Any]:
        def loads(*args: Any, **options: Any) -> Any:
            if args and isinstance(args[0], str):
                args = (args[0].removeprefix("\ufeff"), *args[1:])
            return original(*args, **options)

        return loads

    def from_file(original: Callable[..., Any]) -> Callable[..., Any]:
        def load(*args: Any, **options: Any) -> Any:
            text = _text_if_unusual(args[0]) if len(args) == 1 else None
            if text is None:
                return original(*args, **options)
            if module.__name__ == "qiskit.qasm2":
                options["include_path"] = _include_path(Path(args[0]).parent, options)
            return module.loads(text, **options)

        return load

    replace_in_place(module.loads, from_text)
    replace_in_place(module.load, from_file)


def _text_if_unusual(filename: str | os.PathLike[str]) -> str | None:
    """Return the text of a file unless Terra reads it, or says why it cannot."""
    try:
        text = read_text(Path(filename))
        usual = Path(filename).read_text(encoding="utf-8") == text
    except UnicodeDecodeError:
        return text
    except (OSError, TypeError, ValueError):
        return None
    return None if usual else text


def _include_path(folder: Path, options: dict[str, Any]) -> tuple[Any, ...]:
    searched = tuple(options.get("include_path", (".",)))
    place = options.pop("include_input_directory", "append")
    if place is None:
        return searched
    return (folder, *searched) if place == "prepend" else (*searched, folder)
