"""The body of ``createJob``: checks of its fields and of the form of the program's input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ibmq_backend.emulator.core.raw_json import RawJson, raw_bytes
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.runs import Submission
from ibmq_backend.emulator.sampler.form import ESTIMATOR, OTHER_PROGRAMS, SAMPLER

MAX_TAGS: Final = 8
MAX_TAG_LENGTH: Final = 86
MAX_COST_SECONDS: Final = 10_800
_MAX_NAME_LENGTH: Final = 10_000
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
_SHOT_US: Final = 260
"""Pause between shots (250 µs) and the circuit itself."""


def run_ms(circuits: int, shots: int) -> int:
    """Return how long circuits keep a device busy, in milliseconds.

    Args:
        circuits: number of circuits.
        shots: the sum of their shots.
    """
    return _FIXED_MS + _CIRCUIT_MS * circuits - (-_SHOT_US * shots // 1000)


def read_submission(facts: Mapping[str, Any]) -> Submission:
    """Check an inspected body of ``createJob``.

    Args:
        facts: the body as :func:`~ibmq_backend.emulator.engine.inspectors.inspect_program`
            returned it.

    Raises:
        PlatformError: 400 with 1204 or 1205 for the tags, else with 1208.
    """
    body = json.loads(facts["envelope"])
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
    if program not in {SAMPLER, ESTIMATOR, *OTHER_PROGRAMS}:
        raise errors.invalid(f"The program '{program}' is not offered.")
    if facts["form_error"] is not None:
        raise errors.invalid(facts["form_error"])
    return Submission(
        program=program,
        backend=backend,
        params=_as_written(facts["params"]),
        circuits=max(1, facts["circuits"]),
        shots=max(1, facts["max_shots"]),
        estimate_ms=_estimated_ms(program, facts),
        tags=read_tags(body.get("tags")),
        cost=_cost(body.get("cost")),
        log_level=_log_level(body.get("log_level")),
        session_id=_text(body, "session_id", 64),
        private=_private(body.get("private")),
        calibration_id=_text(body, "calibration_id", 100),
    )


def _as_written(params: Any) -> RawJson:
    if isinstance(params, RawJson):
        return params
    return raw_bytes(json.dumps(params, separators=(",", ":")).encode())


def _estimated_ms(program: str, facts: Mapping[str, Any]) -> int:
    if program in OTHER_PROGRAMS:
        return 2 * _FIXED_MS
    return run_ms(facts["circuits"], facts["shots"])


def read_tags(value: Any) -> tuple[str, ...]:
    """Read the tags of a body; None counts as no tags.

    Raises:
        PlatformError: 400 with 1204 or 1205 for their number or length, else with 1208.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise errors.invalid("'tags' must be an array of strings.")
    if len(value) > MAX_TAGS:
        raise errors.too_many_tags(MAX_TAGS)
    for tag in value:
        if len(tag) > MAX_TAG_LENGTH:
            raise errors.tag_too_long(MAX_TAG_LENGTH)
        _check_storable(tag, "tags")
    return tuple(dict.fromkeys(value))


def _text(body: Mapping[str, Any], name: str, longest: int = _MAX_NAME_LENGTH) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise errors.invalid(f"'{name}' must be a string of 1 to {longest} characters.")
    _check_storable(value, name)
    return value


def _check_storable(text: str, name: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise errors.invalid(f"'{name}' contains a character that is not allowed.")


def _cost(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise errors.invalid("'cost' must be a whole number of seconds.")
    return min(value, MAX_COST_SECONDS)


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
