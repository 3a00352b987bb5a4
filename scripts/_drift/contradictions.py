"""A published description against ours, which is lenient on purpose."""

from __future__ import annotations

from dataclasses import replace

from scripts._drift.changes import Change, Effect

_LOOSER: frozenset[str] = frozenset(
    {"pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
)
# A free document of theirs is one of ours that is described, and words are strings to us.
_NO_CONTRADICTION: frozenset[str] = frozenset(
    {"enum value added", "fields no longer described", "alternative added"}
)


def only_contradictions(changes: list[Change]) -> list[Change]:
    """Return the changes with those as compatible that a lenient description allows for.

    Ours names fields of all versions as optional ones, error codes and trace headers that were
    measured, and ways to sign in that published descriptions spell otherwise. None of it makes a
    client fail against a service that is as published.

    Args:
        changes: From our description to the published one.
    """
    return [
        replace(change, effect=Effect.COMPATIBLE) if _is_allowed_for(change) else change
        for change in changes
    ]


def _is_allowed_for(change: Change) -> bool:
    if change.kind in ("way to sign in removed", "header removed"):
        return True
    if change.part == "response":
        # Whether a reply is within bounds is nothing that the bindings look at.
        is_bound = change.kind.removesuffix(" changed") in _LOOSER
        is_optional = change.kind == "field removed" and not change.old.endswith("(required)")
        is_free = change.kind == "type changed" and change.new == "anything"
        return is_bound or is_optional or is_free or change.kind in _NO_CONTRADICTION
    if change.kind in ("pattern changed", "format changed"):
        # Two ways to write down one form cannot be told from two forms.
        return True
    if change.kind == "minLength changed" and change.new == "1":
        return True
    return change.part == "parameter" and change.kind == "parameter removed"
