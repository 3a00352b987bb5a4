"""The kinds of faults, the keys of each kind, and the values that keys accept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ibmq_backend.emulator.core.errors import EmulatorError

HOWS: Final = ("close", "reset")
_EMPTY_STATUSES: Final = (204, 205, 304)
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]*")
_FRAMING: Final = ("content-length", "transfer-encoding")
_MAX_SECONDS: Final = 10 * 365 * 86_400


class FaultScriptError(EmulatorError):
    """A fault script is invalid; the message names the entry, the key and what is allowed."""

    @classmethod
    def about(cls, key: str, value: Any, allowed: str) -> FaultScriptError:
        """Return the error for a value that a key does not accept."""
        return cls(f"the key {key!r} cannot be {value!r}; allowed: {allowed}")


class Kind(NamedTuple):
    """A kind of fault.

    Attributes:
        keys: accepted keys besides ``operation``, ``calls`` and ``kind``.
        required: required keys.
        streams: whether it applies to the status stream.
        token: whether it applies only to requests that carry a token.
    """

    keys: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    streams: bool = True
    token: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "status": Kind(("status", "body", "headers", "handled"), ("status",)),
    "delay": Kind(("seconds", "handled"), ("seconds",)),
    "refuse": Kind(("seconds", "how")),
    "reset_before": Kind(("after_bytes",)),
    "reset_during": Kind(("after_bytes", "after_frames")),
    "lost_response": Kind(("how", "after_frames")),
    "truncate": Kind(("after_bytes", "after_frames")),
    "stall": Kind(("seconds", "after_bytes", "after_frames")),
    "expired_token": Kind(token=True),
    "wrong_json": Kind(("status", "body", "headers", "handled", "after_frames")),
    "html": Kind(("status", "body", "headers", "handled")),
    "rate_limit": Kind(("retry_after", "as_date")),
    "clock_skew": Kind(("seconds",), ("seconds",), streams=False),
}


def check_value(kind: str, key: str, value: Any) -> None:
    """Check the value of a key.

    Raises:
        FaultScriptError: the key does not accept the value.
    """
    if key == "seconds" and kind == "clock_skew":
        fits, allowed = _is_number(value) and abs(value) <= _MAX_SECONDS, "seconds, + or -"
    else:
        check, allowed = _CHECKS[key]
        fits = check(value)
    if not fits:
        raise FaultScriptError.about(key, value, allowed)


def misplaced_keys(kind: str, stream: bool) -> tuple[str, ...]:
    """Return the keys of a kind that have no meaning for an operation.

    Args:
        kind: kind of the fault.
        stream: whether the operation is the status stream.
    """
    if not stream:
        return ("after_frames",)
    frame = ("status", "headers") if kind == "wrong_json" else ()
    return ("after_bytes", "handled", *frame)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_duration(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= _MAX_SECONDS


def _is_status(value: Any) -> bool:
    return _is_whole(value) and 200 <= value <= 599 and value not in _EMPTY_STATUSES


def _is_body(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str)
        and isinstance(text, str)
        and _HEADER_NAME.fullmatch(name)
        and _HEADER_VALUE.fullmatch(text)
        and name.lower() not in _FRAMING
        for name, text in value.items()
    )


_CHECKS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "status": (_is_status, "a status from 200 to 599 that can have a body"),
    "body": (_is_body, "a string or another JSON value"),
    "headers": (
        _is_headers,
        "names and values of headers other than Content-Length and Transfer-Encoding",
    ),
    "handled": (lambda value: isinstance(value, bool), "true or false"),
    "seconds": (_is_duration, "seconds, from 0"),
    "after_bytes": (_is_whole, "a number of bytes, from 0"),
    "after_frames": (_is_whole, "a number of frames, from 0"),
    "how": (lambda value: value in HOWS, "close or reset"),
    "retry_after": (_is_duration, "seconds, from 0"),
    "as_date": (lambda value: isinstance(value, bool), "true or false"),
}
