"""The report, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts._drift.changes import Change, Effect
from scripts._drift.impact import Impact, is_urgent
from scripts._drift.problems import DriftError

_ORDER = (Effect.BREAKING, Effect.RENAMED, Effect.COMPATIBLE)


@dataclass(frozen=True)
class Report:
    """What has changed, and what it touches.

    Attributes:
        old: Name of the old version, with its version number.
        new: Name of the new version, with its version number.
        impacts: One for each change.
        brief: Leave out the list of compatible changes from the text for people.
    """

    old: str
    new: str
    impacts: Sequence[Impact]
    brief: bool = False

    @property
    def changes(self) -> list[Change]:
        """All changes."""
        return [impact.change for impact in self.impacts]

    @property
    def figures(self) -> dict[str, int]:
        """Counts that sum the report up."""
        counts = {
            effect.value: sum(change.effect is effect for change in self.changes)
            for effect in _ORDER
        }
        return {
            "changes": len(self.impacts),
            **counts,
            "operations": len({change.endpoint for change in self.changes}),
            "documented methods": len({n for one in self.impacts for n in one.documented}),
            "adapter functions": len(
                {name for one in self.impacts for name in one.readers or one.senders}
            ),
            "stale cassettes": len({name for one in self.impacts for name in one.stale}),
        }

    def as_json(self) -> str:
        """The whole report as JSON."""
        document = {
            "old": self.old,
            "new": self.new,
            "figures": self.figures,
            "changes": [_entry(impact) for impact in self.impacts],
        }
        return json.dumps(document, indent=1, ensure_ascii=False) + "\n"

    def as_markdown(self) -> str:
        """The report as a page."""
        lines = [f"# From {self.old} to {self.new}", ""]
        if not self.impacts:
            return "\n".join([*lines, "No difference.", ""])
        told = ", ".join(f"{count} {name}" for name, count in self.figures.items())
        lines += [f"{told}.", ""]
        lines += self._urgent()
        for endpoint in dict.fromkeys(change.endpoint for change in self.changes):
            lines += self._operation([i for i in self.impacts if i.change.endpoint == endpoint])
        return "\n".join(lines)

    def _urgent(self) -> list[str]:
        urgent = [impact for impact in self.impacts if is_urgent(impact)]
        if not urgent:
            return ["Nothing that breaks is used here.", ""]
        lines = ["## To act on", "", "Breaking, and used here.", ""]
        lines += ["| change | code to look at | documented methods | stale cassettes |"]
        lines += ["|---|---|---|---|"]
        for impact in urgent:
            code = _listed(impact.readers or impact.senders)
            documented = _listed(impact.documented, 4)
            stale = _listed(impact.stale, 4)
            lines.append(f"| {_cell(str(impact.change))} | {code} | {documented} | {stale} |")
        return [*lines, ""]

    def _operation(self, impacts: list[Impact]) -> list[str]:
        shown = [
            impact
            for effect in _ORDER
            for impact in impacts
            if impact.change.effect is effect and not (self.brief and effect is Effect.COMPATIBLE)
        ]
        if not shown:
            return []
        first = impacts[0]
        title = f"## {first.change.operation}"
        lines = [title + (f" (`{first.change.endpoint}`)" if first.change.endpoint else ""), ""]
        if first.known_as and first.known_as != first.change.operation:
            lines += [f"In the bindings: {first.known_as}.", ""]
        lines += ["| effect | where | what | old → new | named by |", "|---|---|---|---|---|"]
        for impact in shown:
            one = impact.change
            cells = (one.effect.value, one.place, one.kind, one.told, _listed(impact.readers))
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        hidden = len(impacts) - len(shown)
        if hidden:
            lines += ["", f"And {hidden} compatible ones."]
        lines += ["", *_touched(shown), ""]
        return lines


def read_known(path: Path) -> set[tuple[str, ...]]:
    """Return the identities of the changes in an earlier report.

    Args:
        path: A report written with ``--json``.

    Raises:
        DriftError: It is none.
    """
    keys = ("endpoint", "part", "where", "field", "kind", "old", "new")
    try:
        changes = json.loads(path.read_text(encoding="utf-8"))["changes"]
        return {tuple(str(change[key]) for key in keys) for change in changes}
    except OSError as error:
        raise DriftError(f"{path}: cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DriftError(
            f"{path}: is no report of changes; make one with --json FILE ({error!r})."
        ) from error


def _touched(impacts: list[Impact]) -> list[str]:
    def every(name: str) -> list[str]:
        return sorted({one for impact in impacts for one in getattr(impact, name)})

    rows = {
        "Sent by": every("senders"),
        "Documented methods that come to a change": every("documented"),
        "Answered in the emulator by": every("emulator"),
        "Stale cassettes": every("stale"),
    }
    lines = [f"- {title}: {_listed(names)}" for title, names in rows.items() if names]
    exercised = every("exercised")
    if exercised:
        lines.append(f"- Cassettes with this operation: {len(exercised)}")
    return lines or ["Nothing here uses it."]


def _entry(impact: Impact) -> dict[str, Any]:
    change = impact.change
    return {
        "operation": change.operation,
        "endpoint": change.endpoint,
        "part": change.part,
        "where": change.where,
        "field": change.field,
        "kind": change.kind,
        "old": change.old,
        "new": change.new,
        "effect": change.effect.value,
        "impact": {
            "operation_in_bindings": impact.known_as,
            "senders": list(impact.senders),
            "readers": list(impact.readers),
            "documented": [{"name": name, "way": impact.ways[name]} for name in impact.documented],
            "emulator": list(impact.emulator),
            "stale_cassettes": list(impact.stale),
            "cassettes_with_operation": list(impact.exercised),
            "urgent": is_urgent(impact),
        },
    }


def _listed(names: Sequence[str], most: int | None = None) -> str:
    shown = [f"`{name}`" for name in names[:most]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
