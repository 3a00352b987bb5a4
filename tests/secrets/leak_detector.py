"""Search everything that a program outputs for secrets."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

TESTS = Path(__file__).resolve().parents[1]
DEBUG_LOGGERS = ("asyncio", "httpcore", "httpx", "sqlalchemy.engine", "uvicorn", "websockets")
"""Loggers to set to DEBUG by name, because they may have a level."""

_MIN_CHARACTERS = 10
"""The length of the beginning and end of a secret that also count as a leak."""


class LeakDetector:
    """The texts that a program has output, and the secrets to search for.

    Attributes:
        secrets: secret to its name in reports.
    """

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def add_secret(self, name: str, secret: str) -> None:
        """Search for a secret, also in earlier texts."""
        assert len(secret) >= 12, "too short to be distinguished from ordinary text"
        self.secrets[secret] = name

    def add_text(self, where: str, what: str | bytes) -> None:
        """Add a text that was output."""
        text = what if isinstance(what, str) else what.decode("utf-8", "replace")
        self._texts.setdefault(text, where)

    def add_object(self, where: str, thing: object, *, pickled: bool = False) -> None:
        """Add all texts of an object, and its pickle."""
        self.add_text(f"{where}: repr", repr(thing))
        self.add_text(f"{where}: str", str(thing))
        if hasattr(thing, "_repr_html_"):
            self.add_text(f"{where}: html", thing._repr_html_() or "")
        if pickled:
            try:
                self.add_text(f"{where}: pickle", pickle.dumps(thing))
            except TypeError as error:  # some objects cannot be pickled
                self.add_error(f"{where}: pickle", error)

    def add_error(self, where: str, error: BaseException, *, variables: bool = True) -> None:
        """Add all texts of an error, its traceback and the variables in it."""
        name = f"{where}: {type(error).__name__}"
        self.add_text(f"{name}: text", f"{error} {error!r} {error.args} {vars(error)}")
        self.add_text(f"{name}: traceback", "".join(traceback.format_exception(error)))
        if not variables:
            return
        summary = traceback.TracebackException.from_exception(error, capture_locals=True)
        for frame, label, value in _locals(summary):
            self.add_text(f"{name}: {frame}: local {label}", value)

    def leaks(self) -> list[str]:
        """Return the secrets that were found, with the text before each."""
        names = {form: name for secret, name in self.secrets.items() for form in _forms_of(secret)}
        pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
        found: dict[str, None] = {}
        for text, where in list(self._texts.items()):
            if match := pattern.search(text):
                before = text[max(0, match.start() - 60) : match.start()]
                found[f"{names[match.group()]} in {where}: …{before}"] = None
        return list(found)

    @property
    def text_count(self) -> int:
        """The number of texts."""
        return len(self._texts)

    @contextmanager
    def recording_logs(self) -> Iterator[None]:
        """Add every record of every logger."""
        handler = _LogHandler(self)
        root = logging.getLogger()
        loggers = [root, *map(logging.getLogger, DEBUG_LOGGERS)]
        before = [logger.level for logger in loggers]
        root.addHandler(handler)
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)


class _LogHandler(logging.Handler):
    def __init__(self, detector: LeakDetector) -> None:
        super().__init__()
        self._detector = detector

    def emit(self, record: logging.LogRecord) -> None:
        self._detector.add_text(f"log {record.name}", f"{self.format(record)} {record.args!r}")
        if record.exc_info and record.exc_info[1] is not None:
            self._detector.add_error(f"log {record.name}", record.exc_info[1])


def _locals(summary: traceback.TracebackException) -> Iterator[tuple[str, str, str]]:
    """Yield the variables of all frames outside of the tests."""
    for frame in summary.stack:
        if TESTS in Path(frame.filename).parents:
            continue
        for name, value in (frame.locals or {}).items():
            yield f"{Path(frame.filename).name}:{frame.name}", name, value
    for further in (summary.__cause__, summary.__context__):
        if further is not None:
            yield from _locals(further)


def _forms_of(secret: str) -> set[str]:
    """Return a secret in all encodings, and its beginning and end."""
    plain = secret.encode()
    return {
        secret,
        secret[-_MIN_CHARACTERS:],
        *(
            () if secret.startswith("eyJ") else (secret[:_MIN_CHARACTERS],)
        ),  # the beginning of all JSON web tokens
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(plain).decode().rstrip("="),
        base64.urlsafe_b64encode(plain).decode().rstrip("="),
        plain.hex(),
    }


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
