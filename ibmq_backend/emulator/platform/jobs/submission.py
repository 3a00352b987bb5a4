"""The body of ``createJob``: read, and checked for its form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.runs import Submission
from ibmq_backend.emulator.sampler.errors import InvalidInput
from ibmq_backend.emulator.sampler.form import (
    OTHER_PROGRAMS,
    SAMPLER,
    check_sampler_form,
    executions_of,
)

MAX_TAGS: Final = 8
MAX_TAG: Final = 86
MAX_COST: Final = 10_800
_MAX_NAME: Final = 10_000
_LOG_LEVELS: Final = frozenset({"critical", "error", "warning", "info", "debug"})
_REFUSED: Final = ("start_session", "session_time", "remote_storage")
_KNOWN: Final = frozenset(
    {
        "program_id", "backend", "params", "tags", "cost", "log_level", "session_id", "private",
        "calibration_id", "runtime",
    }
)  # fmt: skip

_FIXED_MS: Final = 1_000
_CIRCUIT_MS: Final = 50
_SHOT_MS: Final = 0.26
"""Pause between shots (250 µs) and the circuit itself."""


def run_ms(executions: list[int]) -> int:
    """Return how long circuits keep a device busy.

    Args:
        executions: the shots of each circuit.

    Returns:
        Milliseconds.
    """
    return math.ceil(_FIXED_MS + sum(_CIRCUIT_MS + _SHOT_MS * shots for shots in executions))


def read_submission(body: Mapping[str, Any]) -> Submission:
    """Read the body of ``createJob``.

    Raises:
        PlatformError: 400 with 1204 or 1205 for the tags, else with 1208.
    """
    for name in _REFUSED:
        if body.get(name) is not None:
            raise errors.invalid(f"'{name}' is not offered.")
    for name in body:
        if name not in _KNOWN and name not in _REFUSED:
            raise errors.invalid(f"'{name}' is not known.")
    program = _text(body, "program_id")
    backend = _text(body, "backend")
    if program is None or backend is None:
        raise errors.invalid("'program_id' and 'backend' are required.")
    if program != SAMPLER and program not in OTHER_PROGRAMS:
        raise errors.invalid(f"The program '{program}' is not offered.")
    params = body.get("params", {})
    if program == SAMPLER:
        try:
            check_sampler_form(params)
        except InvalidInput as error:
            raise errors.invalid(error.message) from error
    elif not isinstance(params, dict):
        raise errors.invalid("'params' must be an object.")
    return Submission(
        program=program,
        backend=backend,
        params=params,
        estimate_ms=run_ms(executions_of(params)) if program == SAMPLER else 2 * _FIXED_MS,
        tags=read_tags(body.get("tags")),
        cost=_cost(body.get("cost")),
        log_level=_log_level(body.get("log_level")),
        session_id=_text(body, "session_id", 64),
        private=_private(body.get("private")),
        calibration_id=_text(body, "calibration_id", 100),
    )


def read_tags(value: Any) -> tuple[str, ...]:
    """Read the tags of a body; None counts as no tags.

    Raises:
        PlatformError: 400 with 1204 or 1205 for their number or length, else with 1208.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise errors.invalid("'tags' must be an array of texts.")
    if len(value) > MAX_TAGS:
        raise errors.too_many_tags(MAX_TAGS)
    for tag in value:
        if len(tag) > MAX_TAG:
            raise errors.tag_too_long(MAX_TAG)
        _check_storable(tag, "tags")
    return tuple(dict.fromkeys(value))


def _text(body: Mapping[str, Any], name: str, longest: int = _MAX_NAME) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise errors.invalid(f"'{name}' must be a text of 1 to {longest} characters.")
    _check_storable(value, name)
    return value


def _check_storable(text: str, name: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise errors.invalid(f"'{name}' holds a character that is not allowed.")


def _cost(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise errors.invalid("'cost' must be a whole number of seconds.")
    return min(value, MAX_COST)


def _log_level(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in _LOG_LEVELS:
        raise errors.invalid(f"'log_level' must be one of {', '.join(sorted(_LOG_LEVELS))}.")
    return value.lower()


def _private(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise errors.invalid("'private' must be true or false.")
    return bool(value)
