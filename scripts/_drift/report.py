"""The report as a page in Markdown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scripts._drift.changes import Change, Effect
from scripts._drift.code_check import CodeImpact

_ORDER: Final = (Effect.BREAKING, Effect.RENAMED, Effect.COMPATIBLE)
_MAX_LINES_SHOWN: Final = 8


@dataclass(frozen=True)
class Usage:
    """Who uses an operation.

    Attributes:
        operation: operation id in our bindings; empty if they do not have the operation.
        senders: ``file:line`` of the places that send it.
        documented: names of the documented methods that may send it.
    """

    operation: str
    senders: Sequence[str]
    documented: Sequence[str]


def render(
    old: str,
    new: str,
    changes: Sequence[Change],
    usage: Mapping[str, Usage],
    code: CodeImpact | None = None,
) -> str:
    """Return the report.

    Args:
        old: name of the old version.
        new: name of the new version.
        changes: the differences.
        usage: who uses the operations, by endpoint.
        code: the handwritten lines; ``None`` if they were not checked.
    """
    title = [f"# From {old} to {new}", ""]
    if not changes:
        return "\n".join([*title, "No difference.", ""])
    counts = [f"{sum(one.effect is effect for one in changes)} {effect.value}" for effect in _ORDER]
    endpoints = list(dict.fromkeys(one.endpoint for one in changes))
    lines = [
        *title,
        f"{len(changes)} changes in {len(endpoints)} operations: {', '.join(counts)}.",
        "",
    ]
    for endpoint in endpoints:
        own = [one for one in changes if one.endpoint == endpoint]
        lines += _operation(own, usage[endpoint], code)
    if code is not None and code.others:
        lines += ["## Other lines that break", ""]
        lines += [f"- `{one}`: {one.message}" for one in code.others] + [""]
    return "\n".join(lines)


def verdict(change: Change, usage: Usage, code: CodeImpact) -> str:
    """Return what a change means for the handwritten code, in one line.

    Args:
        change: the change.
        usage: who uses its operation.
        code: the handwritten lines.
    """
    lines = code.by_change[change]
    broken = [f"`{one}` {one.message}" for one in lines if one.message]
    if broken:
        return "breaks: " + "; ".join(broken)
    if not usage.senders:  # lines read the same model from the reply of another operation
        return "nothing of ours sends this operation"
    if lines:
        return f"used at {_listed(map(str, lines))}"
    if change.field or change.part == "parameter":
        return "nothing of ours uses this"
    if change.effect is Effect.COMPATIBLE:
        return "nothing to do"
    return f"no line breaks; sent at {_listed(usage.senders)}"


def _operation(changes: Sequence[Change], usage: Usage, code: CodeImpact | None) -> list[str]:
    first = changes[0]
    lines = [f"## {first.operation}" + (f" (`{first.endpoint}`)" if first.endpoint else ""), ""]
    if usage.operation and usage.operation != first.operation:
        lines += [f"In our bindings: {usage.operation}.", ""]
    if first.endpoint:
        lines += [f"- Sent at: {_listed(usage.senders) or 'nowhere'}"]
        lines += [f"- Documented methods: {_listed(usage.documented) or 'none'}", ""]
    columns = ["effect", "where", "what", "old → new", *(["our code"] if code else [])]
    lines += [_row(columns), _row(["---"] * len(columns))]
    for effect in _ORDER:
        rows: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for one in changes:
            if one.effect is effect:
                status, rest = _without_status(one)
                cells = (rest.location, one.kind, one.values)
                rows[*cells, *([verdict(one, usage, code)] if code else [])].append(status)
        for (location, *cells), statuses in rows.items():
            listed = ", ".join(filter(None, statuses))
            where = location.replace("response", f"response {listed}", 1) if listed else location
            lines.append(_row([effect.value, where, *cells]))
    return [*lines, ""]


def _without_status(change: Change) -> tuple[str, Change]:
    """Return the status of a change in an error reply, and the change without it."""
    status, _, rest = change.where.partition(" ")
    is_in_error = change.part == "response" and status.startswith(("4", "5")) and rest
    return (status, replace(change, where=rest)) if is_in_error else ("", change)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(re.sub(r"\s+", " ", one).replace("|", "\\|") for one in cells) + " |"


def _listed(names: Iterable[str]) -> str:
    """Return names in one line; line numbers of one file are put together."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name in names:
        file, _, line = name.partition(":")
        grouped[file].append(line)
    shown = [
        f"`{file}:{','.join(lines[:_MAX_LINES_SHOWN])}`" if lines[0] else f"`{file}`"
        for file, lines in grouped.items()
    ]
    return ", ".join(shown)
