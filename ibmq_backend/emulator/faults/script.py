"""Fault scripts: which faults to inject, into which operation, at which call.

A script is a list of faults. The first fault that matches a call is injected, at most one per
call. A file is TOML (or JSON with the same keys)::

    [[fault]]
    operation = "createJob"     # an operation id, "platform:createJob", or "*"
    calls = "1,3-5"             # counted from 1; default: every call
    kind = "status"
    status = 503

``docs/faults.md`` describes every kind; :mod:`ibmq_backend.emulator.faults.layer` injects them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import attrs

from ibmq_backend.emulator.dialects import OPERATIONS
from ibmq_backend.emulator.faults.kinds import KINDS, FaultScriptError, check_value, misplaced_keys
from ibmq_backend.emulator.wire.routes import Route
from ibmq_backend.text_files import read_text

__all__ = ["Fault", "FaultScript", "FaultScriptError"]

ALL_OPERATIONS: Final = "*"
_COMMON: Final = ("operation", "calls", "kind")
_CALLS_ALLOWED: Final = "a number from 1, '2-4', '5-', '1,3,7-', a list of these, or '*'"
_PART: Final = re.compile(r"\s*(\d{1,18})\s*(-)?\s*(\d{1,18})?\s*")


@attrs.frozen
class CallNumbers:
    """A set of call numbers, counted from 1.

    Attributes:
        ranges: first and last number of each range; the last is None for an open range.
    """

    ranges: tuple[tuple[int, int | None], ...]

    def __contains__(self, number: int) -> bool:
        return any(
            first <= number and (last is None or number <= last) for first, last in self.ranges
        )

    def __str__(self) -> str:
        return ",".join(
            str(first) if first == last else f"{first}-{'' if last is None else last}"
            for first, last in self.ranges
        )


ALL_CALLS: Final = CallNumbers(((1, None),))


def call_numbers(given: Any) -> CallNumbers:
    """Read the value of ``calls``.

    Args:
        given: a number, a string such as ``"1,3,7-"``, a list of these, or ``"*"`` for all calls.

    Raises:
        FaultScriptError: the value has another form.
    """
    if isinstance(given, CallNumbers):
        return given
    parts = list(given) if isinstance(given, list | tuple) else [given]
    ranges = [found for part in parts for found in _ranges(part, given)]
    if not ranges:
        raise FaultScriptError.about("calls", given, _CALLS_ALLOWED)
    return CallNumbers(tuple(ranges))


def _ranges(part: Any, given: Any) -> list[tuple[int, int | None]]:
    if isinstance(part, int) and not isinstance(part, bool) and part >= 1:
        return [(part, part)]
    if not isinstance(part, str):
        raise FaultScriptError.about("calls", given, _CALLS_ALLOWED)
    if part.strip() == "*":
        return [(1, None)]
    found = []
    for piece in part.split(","):
        match = _PART.fullmatch(piece)
        if match is None or (match[3] and not match[2]):
            raise FaultScriptError.about("calls", given, _CALLS_ALLOWED)
        first = int(match[1])
        last = int(match[3]) if match[3] else None if match[2] else first
        if first < 1 or (last is not None and last < first):
            raise FaultScriptError.about("calls", given, _CALLS_ALLOWED)
        found.append((first, last))
    return found


def find_operations(name: Any) -> tuple[Route, ...]:
    """Return the operations with this name; several dialects may have the same id.

    Raises:
        FaultScriptError: there is none; the message names the nearest.
    """
    if name == ALL_OPERATIONS:
        return OPERATIONS
    found = tuple(one for one in OPERATIONS if name in (one.operation_id, one.qualified))
    if found:
        return found
    raise FaultScriptError.about("operation", name, _nearest(str(name)))


def _nearest(name: str) -> str:
    qualified = ":" in name
    known = sorted({one.qualified if qualified else one.operation_id for one in OPERATIONS})
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    near = near or get_close_matches(name.lower(), by_lower, n=5, cutoff=0)
    return f"{', '.join(by_lower[one] for one in near)} and others, or '*'"


@attrs.frozen(kw_only=True)
class Fault:
    """One scripted fault.

    Attributes:
        operation: operation id in every dialect, ``dialect:id`` for one dialect, or ``"*"``.
        calls: call numbers from 1: a number, ``"2-4"``, ``"5-"``, ``"1,3,7-"``, a list of these,
            or ``"*"`` for all. Each operation has its own count; ``"*"`` counts all requests.
        kind: one of :data:`~ibmq_backend.emulator.faults.kinds.KINDS`.
        status: HTTP status of ``status``, ``html`` and ``wrong_json``.
        body: body for the same three kinds: a string, sent unchanged, or another JSON value.
        headers: additional reply headers for the same three kinds.
        handled: whether the service handles the request before its reply is replaced (default:
            no), or before a ``delay`` (default: yes).
        seconds: time that ``delay`` and ``stall`` hold the reply and ``refuse`` keeps the port
            closed; seconds that ``clock_skew`` moves the clock, forward if positive.
        after_bytes: bytes of the request body (``reset_before``) or of the reply body
            (``reset_during``, ``truncate``, ``stall``) that come first.
        after_frames: frames that a status stream sends first.
        how: ``close`` or ``reset``, for ``lost_response`` and ``refuse``.
        retry_after: ``Retry-After`` of ``rate_limit``, in seconds.
        as_date: whether ``Retry-After`` is sent as an HTTP date.

    Raises:
        FaultScriptError: a value is invalid or does not belong to the kind.
    """

    operation: str
    calls: CallNumbers = attrs.field(default=ALL_CALLS, converter=call_numbers)
    kind: str
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] | None = None
    handled: bool | None = None
    seconds: float | None = None
    after_bytes: int | None = None
    after_frames: int | None = None
    how: str | None = None
    retry_after: float | None = None
    as_date: bool | None = None

    def __attrs_post_init__(self) -> None:
        kind = KINDS.get(self.kind) if isinstance(self.kind, str) else None
        if kind is None:
            raise FaultScriptError.about("kind", self.kind, f"one of {', '.join(KINDS)}")
        operations = find_operations(self.operation)
        given = {key: value for key, value in self._values().items() if value is not None}
        for key, value in given.items():
            if key not in kind.keys:
                allowed = ", ".join((*_COMMON, *kind.keys))
                raise FaultScriptError(
                    f"the key {key!r} does not belong to the kind {self.kind!r}; allowed: {allowed}"
                )
            check_value(self.kind, key, value)
        for key in kind.required:
            if key not in given:
                raise FaultScriptError(f"the kind {self.kind!r} needs the key {key!r}")
        if self.operation != ALL_OPERATIONS:
            self._check_fit(operations)

    def applies_to(self, operation: Route) -> bool:
        """Return whether the kind of fault applies to an operation at all."""
        kind = KINDS[self.kind]
        if operation.stream and not kind.streams:
            return False
        return not kind.token or operation.authenticated

    def names(self, operation: Route) -> bool:
        """Return whether the fault names an operation."""
        return self.operation in (ALL_OPERATIONS, operation.operation_id, operation.qualified)

    def _values(self) -> dict[str, Any]:
        values = attrs.asdict(self, recurse=False)
        return {key: value for key, value in values.items() if key not in _COMMON}

    def _check_fit(self, operations: tuple[Route, ...]) -> None:
        if not any(self.applies_to(operation) for operation in operations):
            why = "is a stream" if operations[0].stream else "carries no token"
            raise FaultScriptError(
                f"the kind {self.kind!r} does not apply to {self.operation!r}, which {why}"
            )
        streams = all(operation.stream for operation in operations)
        for key in misplaced_keys(self.kind, streams):
            if getattr(self, key) is not None:
                raise FaultScriptError(
                    f"the key {key!r} does not fit {self.operation!r}: after_frames is for "
                    "streams, after_bytes and handled are for requests"
                )


@attrs.frozen
class FaultScript:
    """The faults to inject; the first one that matches a call is injected."""

    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, faults: FaultScript | Iterable[Fault | Mapping[str, Any]]) -> FaultScript:
        """Return a script of faults, or of mappings with the keys of a file.

        Raises:
            FaultScriptError: a fault is invalid; the message names the entry and the key.
        """
        if isinstance(faults, FaultScript):
            return faults
        if isinstance(faults, Mapping | str):
            raise FaultScriptError("a fault script is a list of faults")
        return cls(tuple(_fault(fault, number) for number, fault in enumerate(faults, start=1)))

    @classmethod
    def load(cls, path: Path | str) -> FaultScript:
        """Read a fault file: JSON if its name ends in ``.json``, else TOML.

        Raises:
            FaultScriptError: the file cannot be read or is invalid; the message names the file,
                the entry and the key.
        """
        path = Path(path)
        try:
            text = read_text(path)
            content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
            return cls.of(_entries(content))
        except FaultScriptError as error:
            raise FaultScriptError(f"fault file {path}: {error}") from error
        except (OSError, ValueError) as error:
            raise FaultScriptError(f"cannot read the fault file {path}: {error}") from error
        except RecursionError:  # raised by the parser, or by the repr of a value in a message
            raise FaultScriptError(
                f"cannot read the fault file {path}: it is nested too deeply"
            ) from None


def _entries(content: Any) -> list[Any]:
    if not isinstance(content, Mapping):
        raise FaultScriptError('the file must be a table with the key "fault"')
    unknown = sorted(set(content) - {"fault"})
    if unknown:
        raise FaultScriptError(f'unknown key {unknown[0]!r}; the only one is "fault"')
    entries = content.get("fault", [])
    if not isinstance(entries, list):
        raise FaultScriptError('"fault" must be a list of tables: [[fault]] in TOML')
    return entries


def _fault(given: Fault | Mapping[str, Any], number: int) -> Fault:
    if isinstance(given, Fault):
        return given
    if not isinstance(given, Mapping):
        raise FaultScriptError(f"entry {number} must be a table, not {given!r}")
    entry = f"entry {number} ({given.get('operation', 'no operation')})"
    known = [field.name for field in attrs.fields(Fault)]
    for key, value in given.items():
        if key not in known:
            raise FaultScriptError(f"{entry}: unknown key {key!r}; known: {', '.join(known)}")
        if value is None and key != "body":
            raise FaultScriptError(f"{entry}: the key {key!r} has no value; leave it out")
    for key in ("operation", "kind"):
        if key not in given:
            raise FaultScriptError(f"{entry}: the key {key!r} is missing")
    try:
        return Fault(**given)
    except FaultScriptError as error:
        raise FaultScriptError(f"{entry}: {error}") from error
