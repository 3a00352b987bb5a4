"""Comparison of two schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts._drift.changes import Direction, Effect, Range, effect_of
from scripts._drift.shapes import LOWER, UPPER, Facet, Schema, Shape, Shapes


@dataclass(frozen=True)
class Found:
    """One difference within a value; the attributes are those of a ``Change``."""

    field: str
    kind: str
    old: str
    new: str
    effect: Effect


class ShapeComparison:
    """Compares schemas of two versions.

    Args:
        old: schemas of the old version.
        new: schemas of the new version.
        direction: who writes the values.
    """

    def __init__(self, old: Shapes, new: Shapes, direction: Direction) -> None:
        self._old = old
        self._new = new
        self._direction = direction
        self._open: set[tuple[int, int]] = set()

    def compare(
        self, old: Schema | bool | None, new: Schema | bool | None, path: str = ""
    ) -> Iterator[Found]:
        """Yield the differences of two schemas.

        Args:
            old: the old schema.
            new: the new schema.
            path: path of the value within the whole body.
        """
        one, other = self._old.shape(old), self._new.shape(new)
        pair = (id(one), id(other))
        if pair in self._open:
            return  # a recursive schema: its differences are already being reported
        self._open.add(pair)
        try:
            yield from self._shapes(one, other, path)
        finally:
            self._open.discard(pair)

    def _found(self, path: str, kind: str, old: Any, new: Any, change: Range) -> Found:
        return Found(path, kind, _text(old), _text(new), effect_of(self._direction, change))

    def _shapes(self, old: Shape, new: Shape, path: str) -> Iterator[Found]:
        if old.facets is None or new.facets is None:
            if old.facets is not None or new.facets is not None:
                change = Range.NARROWED if old.facets is None else Range.WIDENED
                yield self._found(path, "type changed", old.text, new.text, change)
            return
        removed, added = _missing(old, new), _missing(new, old)
        if removed or added:
            change = Range.NARROWED if removed else Range.WIDENED
            change = Range.REPLACED if removed and added else change
            yield self._found(path, "type changed", old.text, new.text, change)
        for kind in old.facets.keys() & new.facets.keys():
            yield from self._variants(old.facets[kind], new.facets[kind], path)

    def _variants(
        self, old: tuple[Facet, ...], new: tuple[Facet, ...], path: str
    ) -> Iterator[Found]:
        if len(old) == len(new) == 1:
            yield from self._facets(old[0], new[0], path)
            return
        old_left = {self._old.digest(Shape({f.kind: (f,)})): f for f in old}
        new_left = {self._new.digest(Shape({f.kind: (f,)})): f for f in new}
        for digest in old_left.keys() & new_left.keys():
            del old_left[digest], new_left[digest]
        pairs = sorted(
            ((_likeness(a, b), m, n) for m, a in old_left.items() for n, b in new_left.items()),
            reverse=True,
        )
        for likeness, mine, other in pairs:
            if likeness and mine in old_left and other in new_left:
                yield from self._facets(old_left.pop(mine), new_left.pop(other), path)
        for facet in old_left.values():
            yield self._found(path, "alternative removed", _outline(facet), "", Range.NARROWED)
        for facet in new_left.values():
            yield self._found(path, "alternative added", "", _outline(facet), Range.WIDENED)

    def _facets(self, old: Facet, new: Facet, path: str) -> Iterator[Found]:
        yield from self._enums(old, new, path)
        for word in sorted(old.bounds.keys() | new.bounds.keys()):
            before, after = old.bounds.get(word), new.bounds.get(word)
            if before != after:
                change = _move(word, before, after)
                yield self._found(path, f"{word} changed", before, after, change)
        if old.kind == "array":
            yield from self.compare(old.items, new.items, f"{path}[]")
        if old.kind == "object":
            yield from self._objects(old, new, path)

    def _enums(self, old: Facet, new: Facet, path: str) -> Iterator[Found]:
        if old.enum is None or new.enum is None:
            if old.enum is not None or new.enum is not None:
                change = Range.NARROWED if old.enum is None else Range.WIDENED
                yield self._found(path, "enum changed", old.enum, new.enum, change)
            return
        for value in sorted(old.enum - new.enum):
            yield self._found(path, "enum value removed", json.loads(value), None, Range.NARROWED)
        for value in sorted(new.enum - old.enum):
            yield self._found(path, "enum value added", None, json.loads(value), Range.WIDENED)

    def _objects(self, old: Facet, new: Facet, path: str) -> Iterator[Found]:
        if old.is_free is not new.is_free:
            kind = "fields no longer described" if new.is_free else "fields described"
            change = Range.WIDENED if new.is_free else Range.NARROWED
            yield self._found(path, kind, "", "", change)
            return
        for name in sorted(old.properties.keys() | new.properties.keys()):
            inner = f"{path}.{name}" if path else name
            if name not in new.properties:
                text = self._old.shape(old.properties[name]).text
                text += " (required)" if name in old.required else ""
                yield Found(inner, "field removed", text, "", Effect.BREAKING)
            elif name not in old.properties:
                needed = name in new.required and self._direction == "request"
                text = self._new.shape(new.properties[name]).text
                text += " (required)" if name in new.required else ""
                effect = Effect.BREAKING if needed else Effect.COMPATIBLE
                yield Found(inner, "field added", "", text, effect)
            else:
                if (name in old.required) is not (name in new.required):
                    yield self._requirement(inner, name in new.required)
                yield from self.compare(old.properties[name], new.properties[name], inner)
        for name in sorted((old.required ^ new.required) - old.properties.keys()):
            if name not in new.properties:
                yield self._requirement(f"{path}.{name}" if path else name, name in new.required)
        yield from self._extra(old, new, path)

    def _requirement(self, path: str, is_required: bool) -> Found:
        old, new = ("optional", "required") if is_required else ("required", "optional")
        change = Range.NARROWED if is_required else Range.WIDENED
        return self._found(path, f"became {new}", old, new, change)

    def _extra(self, old: Facet, new: Facet, path: str) -> Iterator[Found]:
        inner = f"{path}.*" if path else "*"
        if (old.extra is False) is not (new.extra is False):
            if new.extra is False:
                yield self._found(inner, "other fields refused", "allowed", "", Range.NARROWED)
            else:
                # Clients ignore fields that they do not know.
                yield Found(inner, "other fields allowed", "", "allowed", Effect.COMPATIBLE)
        elif old.extra is not False:
            yield from self.compare(_schema(old.extra), _schema(new.extra), inner)


def _schema(extra: Schema | bool | None) -> Schema | None:
    return extra if isinstance(extra, Mapping) else None


def _missing(shape: Shape, other: Shape) -> set[str]:
    """Return the types of a shape that the other lacks; an integer counts as a number."""
    others = _names(other)
    return {
        name for name in _names(shape) - others if not (name == "integer" and "number" in others)
    }


def _names(shape: Shape) -> set[str]:
    return {facet.name for facets in (shape.facets or {}).values() for facet in facets}


def _move(word: str, before: Any, after: Any) -> Range:
    if before is None or after is None:
        return Range.NARROWED if before is None else Range.WIDENED
    if word in LOWER or word in UPPER:
        is_higher = after > before
        return Range.NARROWED if is_higher is (word in LOWER) else Range.WIDENED
    if word == "uniqueItems":
        return Range.NARROWED if after else Range.WIDENED
    return Range.REPLACED


def _likeness(one: Facet, other: Facet) -> int:
    """Return how much two alternatives have in common; 0 if they are unrelated."""
    if one.kind != "object":
        return 1
    shared = one.properties.keys() & other.properties.keys()
    return len(shared) + len(one.required & other.required)


def _outline(facet: Facet) -> str:
    names = ", ".join(sorted(facet.properties)[:6])
    return f"{facet.name} with {names}" if names else facet.name


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return value if isinstance(value, str) else json.dumps(value)
