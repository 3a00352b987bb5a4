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
    """Nothing on the wire; names of generated modules and functions change."""


class Move(Enum):
    """How the set of allowed values has changed."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        operation: Operation id, as the new version has it, or the old one where it is gone.
        endpoint: Method and path.
        part: ``operation``, ``parameter``, ``request`` or ``response``.
        where: Which one: ``query limit``, ``application/json``, ``200 application/json``, ``404``.
        field: Path within the value, as in ``jobs[].usage.seconds``; empty for the whole.
        kind: What happened, such as ``field removed`` or ``maxLength changed``.
        old: What it was, as text; empty for what was not there.
        new: What it is, as text; empty for what is gone.
        effect: What it does to a client of the old version.
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
    def place(self) -> str:
        """Part, which one and field in one line."""
        words = [self.part if self.part != "operation" else "", self.where]
        text = " ".join(word for word in words if word)
        return f"{text}{'' if self.field.startswith('[') else ' '}{self.field}".strip()

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it this change and no other, whatever it does to a client."""
        return (self.endpoint, self.part, self.where, self.field, self.kind, self.old, self.new)

    @property
    def told(self) -> str:
        """Old and new in one text; empty where the kind says it all."""
        if self.kind.endswith("changed"):
            return f"{self.old or 'none'} → {self.new or 'none'}"
        return " → ".join(text for text in (self.old, self.new) if text)

    def __str__(self) -> str:
        place = f" {self.place}" if self.place else ""
        return f"{self.operation}{place}: {self.kind}" + (f" ({self.told})" if self.told else "")


def effect_of(direction: Direction, move: Move) -> Effect:
    """Return what a changed set of values does.

    A client breaks where it may no longer write what it wrote, and where it may have to read what
    it never read.
    """
    harmless = Move.WIDENED if direction == "request" else Move.NARROWED
    return Effect.COMPATIBLE if move is harmless else Effect.BREAKING
