"""The log of a server: one line for each login, job and error, as text or JSON.

No line contains a token, a presigned URL, or the name or tags of a job. Everything else that users
choose is quoted, so that it cannot look like another line.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.observer import THROTTLED, LoginAttempt, Observer
from ibmq_backend.emulator.core.records import JobRecord

LogFormat = Literal["text", "json"]

_PACKAGE: Final = "ibmq_backend.emulator."
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@+-")


class Journal(Observer):
    """Writes the log.

    Args:
        stream: where to write.
        log_format: ``text`` or ``json``.
        name_of: returns the name of the user with an id.
    """

    def __init__(
        self, stream: TextIO, log_format: LogFormat, name_of: Callable[[str], str]
    ) -> None:
        self._name_of = name_of
        self._handler = logging.StreamHandler(stream)
        self._handler.setFormatter(_Lines(_json_line if log_format == "json" else _text_line))
        self._events = logging.Logger("events")  # belongs to this server only
        self._events.addHandler(self._handler)

    @contextmanager
    def capture_warnings(self) -> Iterator[None]:
        """Write what all parts of the program report with ``logging`` during the block."""
        root = logging.getLogger()
        root.addHandler(self._handler)
        try:
            yield
        finally:
            root.removeHandler(self._handler)

    def login(self, attempt: LoginAttempt) -> None:
        """Write a login; not one that was refused without a check, of which there may be many."""
        if attempt.outcome == THROTTLED:
            return
        self._write(
            "login",
            user=None if attempt.user_id is None else self._name_of(attempt.user_id),
            address=attempt.address,
            dialect=attempt.dialect,
            outcome=attempt.outcome,
        )

    def job(self, record: JobRecord) -> None:
        """Write a job that has been accepted or has ended."""
        if not record.final and record.status != lifecycle.CREATED:
            return
        wait, run = lifecycle.wait_and_run_seconds(record.steps)
        self._write(
            "job",
            id=record.id,
            user=self._name_of(record.user_id),
            device=record.backend_name,
            dialect=record.dialect,
            state=record.status,
            wait=wait,
            run=run,
            code=None if record.error is None else record.error.get("code"),
        )

    def _write(self, event: str, **fields: Any) -> None:
        self._events.info("", extra={"ibmq_event": {"event": event, **fields}})


class _Lines(logging.Formatter):
    def __init__(self, line: Callable[[Mapping[str, Any]], str]) -> None:
        super().__init__()
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, Any] = {"time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
        fields |= getattr(record, "ibmq_event", None) or self._report(record)
        return self._line({name: value for name, value in fields.items() if value is not None})

    def _report(self, record: logging.LogRecord) -> dict[str, Any]:
        return {
            "event": "error" if record.levelno >= logging.ERROR else "warning",
            "source": record.name.removeprefix(_PACKAGE),
            "operation": getattr(record, "operation", None),
            "status": getattr(record, "status", None),
            "message": record.getMessage(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }


def _json_line(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _text_line(fields: Mapping[str, Any]) -> str:
    time, event, *rest = fields
    words = [str(fields[time]), str(fields[event])]
    return " ".join([*words, *(f"{name}={_quoted(fields[name])}" for name in rest)])


def _quoted(value: object) -> str:
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    if text and _PLAIN.issuperset(text):
        return text
    # Every character that a terminal could obey or hide, for example one that reverses the line.
    return "".join(
        character if character.isprintable() else json.dumps(character)[1:-1]
        for character in json.dumps(text, ensure_ascii=False)
    )
