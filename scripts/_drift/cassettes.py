"""Recorded exchanges, and which of them a change makes untrue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from scripts._drift.changes import Change
from scripts._drift.operations import Version
from scripts._drift.problems import DriftError

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ABSENT: Final = object()
_KINDS: Final = {
    dict: {"object"},
    list: {"array"},
    str: {"string"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    type(None): {"null"},
}


@dataclass(frozen=True)
class Interaction:
    """One recorded request with its reply.

    Attributes:
        cassette: File below the folder of the cassettes.
        headers: Of the request, names in lower case.
        reply_headers: Of the reply, names in lower case.
    """

    cassette: str
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: str
    status: str
    reply_headers: Mapping[str, str]
    reply_body: str

    @cached_property
    def sent(self) -> Any:
        """The request body as a document; nothing where it is none."""
        return _document(self.body)

    @cached_property
    def answered(self) -> Any:
        """The reply body as a document; nothing where it is none."""
        return _document(self.reply_body)


def read_cassettes(folder: Path) -> list[Interaction]:
    """Return all interactions of all cassettes.

    Raises:
        DriftError: A file is no cassette.
    """
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            # The C loader is as safe as the other one.
            content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
            found += [_interaction(name, entry) for entry in content["interactions"]]
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise DriftError(f"{path}: is no cassette: {error!r}") from error
    return found


class OperationFinder:
    """Says which operation an interaction belongs to.

    Args:
        versions: The descriptions that the cassettes of a folder were recorded from.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        self._patterns = sorted(
            (
                (key, re.compile(f"(?:/[^/]+)*?{_pattern(one.path)}"), one.path.count("{"))
                for version in versions
                for key, one in version.operations.items()
            ),
            # Fixed segments go before variable ones: /Jobs/status/v/1 is not a job.
            key=lambda entry: (entry[2], -len(entry[0][1])),
        )

    def key(self, interaction: Interaction) -> tuple[str, str] | None:
        """Return method and plain path of the operation, ``None`` for a stray request."""
        for key, pattern, _ in self._patterns:
            if key[0] == interaction.method and pattern.fullmatch(interaction.path):
                return key
        return None


def shows(change: Change, interaction: Interaction) -> bool:
    """Return whether an interaction of the changed operation is untrue in the new version."""
    if change.kind == "operation removed":
        return True
    if change.part == "parameter":
        return _shows_parameter(change, interaction)
    if change.part == "request":
        if change.kind in ("body removed", "body became required"):
            return bool(interaction.body) is (change.kind == "body removed")
        return _shows_in_body(change, interaction.headers, interaction.sent)
    if change.part == "response":
        status, _, rest = change.where.partition(" ")
        if status not in (interaction.status, f"{interaction.status[0]}XX", "DEFAULT", "default"):
            return False
        if change.kind == "status removed":
            return True
        if rest.startswith("header "):
            return _is_untrue(change, interaction.reply_headers.get(rest[7:], _ABSENT))
        return _shows_in_body(change, interaction.reply_headers, interaction.answered, rest)
    return False


def _shows_parameter(change: Change, interaction: Interaction) -> bool:
    place, _, name = change.where.partition(" ")
    if place == "path":
        return False  # an address is made anew with every request
    if place == "header":
        value: Any = interaction.headers.get(name.lower(), _ABSENT)
        return _is_untrue(change, value)
    given = interaction.query.get(name)
    if given is None:
        return _is_untrue(change, _ABSENT)
    if change.field.startswith("[]"):
        return any(_is_untrue(change, _plain(value)) for value in given)
    if "items" in change.kind.lower():
        return _is_untrue(change, list(given))
    return any(_is_untrue(change, _plain(value)) for value in given)


def _shows_in_body(
    change: Change, headers: Mapping[str, str], body: Any, media: str | None = None
) -> bool:
    wanted = (change.where if media is None else media).partition(" ")[0]
    recorded = headers.get("content-type", "").partition(";")[0].strip().lower()
    if recorded != wanted or change.kind == "media type added":
        return False
    if change.kind == "media type removed":
        return True
    return any(_is_untrue(change, value) for value in _values(body, _steps(change.field)))


def _is_untrue(change: Change, value: Any) -> bool:
    """Return whether a value that was recorded does not fit any more."""
    kind = change.kind
    if kind in ("became required", "parameter added") or (
        kind == "field added" and change.new.endswith("(required)")
    ):
        needed = kind != "parameter added" or change.new.endswith("(required)")
        return needed and value is _ABSENT
    if value is _ABSENT or kind in ("field added", "became optional", "header added"):
        return False
    if kind in ("field removed", "parameter removed", "header removed", "other fields refused"):
        return True
    if kind == "enum value removed":
        return bool(_as_text(value) == change.old)
    if kind == "enum changed":
        return bool(change.new) and json.dumps(value) not in change.new.split(", ")
    if kind == "type changed":
        words = set(change.new.split(" or "))
        return "anything" not in words and not words & _KINDS[type(value)]
    return change.new != "" and _exceeds(kind.partition(" ")[0], change.new, value)


def _exceeds(word: str, limit: str, value: Any) -> bool:
    if word == "pattern":
        return isinstance(value, str) and re.search(limit, value) is None
    if isinstance(value, bool):
        return False
    sizes = {
        "Length": len(value) if isinstance(value, str) else None,
        "Items": len(value) if isinstance(value, list) else None,
        "Properties": len(value) if isinstance(value, dict) else None,
        "imum": value if isinstance(value, int | float) else None,
    }
    for ending, size in sizes.items():
        if word.endswith(ending) and size is not None:
            return size < float(limit) if word.startswith("min") else size > float(limit)
    return False


def _steps(field: str) -> list[str]:
    return [step for step in re.split(r"\.|(\[\])", field) if step]


def _values(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what stands at a path; absent for an object that lacks the last name."""
    if not steps:
        yield value
        return
    first, *rest = steps
    if first == "[]":
        for one in value if isinstance(value, list) else ():
            yield from _values(one, rest)
    elif isinstance(value, dict):
        if first == "*":
            for one in value.values():
                yield from _values(one, rest)
        elif first in value:
            yield from _values(value[first], rest)
        elif not rest:
            yield _ABSENT


def _interaction(name: str, entry: Mapping[str, Any]) -> Interaction:
    request, reply = entry["request"], entry["response"]
    address = urlsplit(request["uri"])
    return Interaction(
        cassette=name,
        method=str(request["method"]).lower(),
        path=unquote(address.path),
        query=parse_qs(address.query, keep_blank_values=True),
        headers=_headers(request.get("headers")),
        body=_text_of(request.get("body")),
        status=str(reply["status"]["code"]),
        reply_headers=_headers(reply.get("headers")),
        reply_body=_text_of((reply.get("body") or {}).get("string")),
    )


def _headers(found: Mapping[str, Any] | None) -> dict[str, str]:
    return {
        str(name).lower(): str(value[-1] if isinstance(value, list) else value)
        for name, value in (found or {}).items()
    }


def _text_of(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _ABSENT


def _plain(text: str) -> Any:
    """Return a value of the query as what it stands for."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, dict | list | type(None)) else value


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _pattern(path: str) -> str:
    parts = re.split(r"\{[^}]*\}", path)
    return "[^/]+".join(re.escape(part) for part in parts)
