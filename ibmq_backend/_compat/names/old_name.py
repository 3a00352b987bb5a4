"""A name that old programs import and Terra or Aer no longer has."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OldName:
    """A module, class, function or constant that can be imported under its old name.

    Attributes:
        name: its dotted name then, such as ``qiskit.quantum_info.basis_state``.
        years: when the releases had it, such as ``2018-2020``.
        now: what it is now, in Markdown; a cell of the table in docs/old-programs.md. Empty if
            another row is about this name too.
        target: what is imported: ``package.module`` for a module, ``package.module:attribute`` for
            an attribute.
    """

    name: str
    years: str
    now: str
    target: str

    @property
    def is_module(self) -> bool:
        """Return whether this is the name of a module."""
        return ":" not in self.target

    def resolve(self) -> Any:
        """Return the module or the attribute that the name stands for."""
        module, _, attribute = self.target.partition(":")
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found


@dataclass(frozen=True)
class GoneName:
    """A module or attribute without a substitute of the same meaning.

    Attributes:
        name: its dotted name then.
        reason: one or two sentences: what it was, and what to write instead.
        is_module: whether it was a module; otherwise an attribute of a module that still exists.
    """

    name: str
    reason: str
    is_module: bool = True

    def __str__(self) -> str:
        return f"There is no {self.name}: {self.reason}"
