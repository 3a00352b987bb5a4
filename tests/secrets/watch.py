"""Keeps everything that a program lets out, and says whether a secret is in it."""

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
LOUD = ("asyncio", "httpcore", "httpx", "sqlalchemy.engine", "uvicorn", "websockets")
"""Loggers that are set to DEBUG by name, since a level of their own may be on them."""

_LEFT = 10
"""Characters: what an abbreviation leaves of a secret's beginning or end is looked for, too."""


class Watch:
    """What was let out, and the secrets to look for.

    Attributes:
        secrets: secret to the name that a hit is reported under.
    """

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def learn(self, name: str, secret: str) -> None:
        """Look for this text from now on, in what was let out before as well."""
        assert len(secret) >= 12, "too short to be told from ordinary text"
        self.secrets[secret] = name

    def keep(self, where: str, what: str | bytes) -> None:
        """Something was let out."""
        text = what if isinstance(what, str) else what.decode("utf-8", "replace")
        self._kept.setdefault(text, where)

    def thing(self, where: str, thing: object, *, pickled: bool = False) -> None:
        """A user looks at an object, and sends it to another process."""
        self.keep(f"{where}: repr", repr(thing))
        self.keep(f"{where}: str", str(thing))
        if hasattr(thing, "_repr_html_"):
            self.keep(f"{where}: html", thing._repr_html_() or "")
        if pickled:
            try:
                self.keep(f"{where}: pickle", pickle.dumps(thing))
            except TypeError as error:  # not everything can be; then nothing leaves either
                self.error(f"{where}: pickle", error)

    def error(self, where: str, error: BaseException, *, variables: bool = True) -> None:
        """An error reached the user, who has it printed in every way there is."""
        name = f"{where}: {type(error).__name__}"
        self.keep(f"{name}: text", f"{error} {error!r} {error.args} {vars(error)}")
        self.keep(f"{name}: traceback", "".join(traceback.format_exception(error)))
        if not variables:
            return
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        for frame, label, value in _locals(told):
            self.keep(f"{name}: {frame}: local {label}", value)

    def hits(self) -> list[str]:
        """Where which secret was let out."""
        names = {form: name for secret, name in self.secrets.items() for form in _forms_of(secret)}
        wanted = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
        found: dict[str, None] = {}
        for text, where in list(self._kept.items()):
            if match := wanted.search(text):
                before = text[max(0, match.start() - 60) : match.start()]
                found[f"{names[match.group()]} in {where}: …{before}"] = None
        return list(found)

    @property
    def kept(self) -> int:
        """How many texts were looked at."""
        return len(self._kept)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep every log record of every logger."""
        handler = _Keeper(self)
        root = logging.getLogger()
        loud = [root, *map(logging.getLogger, LOUD)]
        before = [logger.level for logger in loud]
        root.addHandler(handler)
        for logger in loud:
            logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            for logger, level in zip(loud, before, strict=True):
                logger.setLevel(level)


class _Keeper(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.keep(f"log {record.name}", f"{self.format(record)} {record.args!r}")
        if record.exc_info and record.exc_info[1] is not None:
            self._watch.error(f"log {record.name}", record.exc_info[1])


def _locals(told: traceback.TracebackException) -> Iterator[tuple[str, str, str]]:
    """Every local that is shown, of frames other than the tests' own."""
    for frame in told.stack:
        if TESTS in Path(frame.filename).parents:
            continue
        for name, value in (frame.locals or {}).items():
            yield f"{Path(frame.filename).name}:{frame.name}", name, value
    for further in (told.__cause__, told.__context__):
        if further is not None:
            yield from _locals(further)


def _forms_of(secret: str) -> set[str]:
    """The ways in which a text is written down, and what an abbreviation leaves of it."""
    plain = secret.encode()
    return {
        secret,
        secret[-_LEFT:],
        *(() if secret.startswith("eyJ") else (secret[:_LEFT],)),  # all JSON web tokens begin so
        json.dumps(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(plain).decode().rstrip("="),
        base64.urlsafe_b64encode(plain).decode().rstrip("="),
        plain.hex(),
    }


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file, whatever it is."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()
