"""One difference between two versions of a description."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Direction = Literal["request", "response"]
"""Who writes the value: the client in a request, the service in a response."""


class Effect(Enum):
    """What a difference does to a client that was written for the old version."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    RENAMED = "renamed"
    """Requests and replies stay the same; generated modules and functions change their names."""


class Range(Enum):
    """How the set of allowed values has changed."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        operation: operation id in the new version; in the old one if the operation was removed.
        endpoint: method and path.
        part: ``operation``, ``parameter``, ``request`` or ``response``.
        where: which one: ``query limit``, ``application/json``, ``200 application/json``, ``404``.
        field: path within the value, for example ``jobs[].usage.seconds``; empty for the whole.
        kind: what happened, for example ``field removed`` or ``maxLength changed``.
        old: old value as text; empty if there was none.
        new: new value as text; empty if there is none.
        effect: what the change does to a client of the old version.
    """

    operation: str
    endpoint: str
    part: str
    where: str
    field: str
    kind: str
    old: str
    new: str
    effect: Effect

    @property
    def location(self) -> str:
        """The part, which one, and the field, in one line."""
        words = [self.part if self.part != "operation" else "", self.where]
        text = " ".join(word for word in words if word)
        return f"{text}{'' if self.field.startswith('[') else ' '}{self.field}".strip()

    @property
    def values(self) -> str:
        """The old and the new value in one text; empty if the kind says everything."""
        if self.kind.endswith("changed"):
            return f"{self.old or 'none'} → {self.new or 'none'}"
        return " → ".join(text for text in (self.old, self.new) if text)

    def __str__(self) -> str:
        location = f" {self.location}" if self.location else ""
        values = f" ({self.values})" if self.values else ""
        return f"{self.operation}{location}: {self.kind}{values}"


def effect_of(direction: Direction, change: Range) -> Effect:
    """Return the effect of a changed set of allowed values.

    A request breaks if it may no longer contain what it contained. A response breaks if it may
    contain what it never contained.
    """
    harmless = Range.WIDENED if direction == "request" else Range.NARROWED
    return Effect.COMPATIBLE if change is harmless else Effect.BREAKING
