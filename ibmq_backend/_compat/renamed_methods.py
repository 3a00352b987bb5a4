"""Gives documents ``as_dict``, the name of ``to_dict`` until Terra 0.10."""

from __future__ import annotations

from types import ModuleType


def add_as_dict(module: ModuleType) -> None:
    """Add the method to the classes of a module that have ``to_dict``."""
    for found in vars(module).values():
        if isinstance(found, type) and hasattr(found, "to_dict") and not hasattr(found, "as_dict"):
            found.as_dict = _as_dict  # type: ignore[attr-defined]


def _as_dict(self: object) -> object:
    """Return the document as a dictionary, as ``to_dict`` does."""
    return self.to_dict()  # type: ignore[attr-defined]
