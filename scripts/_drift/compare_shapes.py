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
        if bool(old.facets) is not bool(new.facets) and None not in (old.rest, new.rest):
            kind = "forms described" if new.facets else "forms no longer described"
            yield Found(path, kind, old.text, new.text, Effect.COMPATIBLE)
            return
        is_opened = old.rest is None and new.rest is not None
        is_closed = old.rest is not None and new.rest is None
        removed, added = _missing(old, new), _missing(new, old)
        if is_opened or is_closed or removed or added:
            is_narrowed = is_closed or (removed and not is_opened)
            is_widened = is_opened or (added and not is_closed)
            change = Range.NARROWED if is_narrowed else Range.WIDENED
            change = Range.REPLACED if is_narrowed and is_widened else change
            yield self._found(path, "type changed", old.text, new.text, change)
        elif old.rest != new.rest:
            yield self._found(path, "other forms changed", old.rest, new.rest, Range.REPLACED)
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
            (
                (self._likeness(a, b), m, n)
                for m, a in old_left.items()
                for n, b in new_left.items()
            ),
            reverse=True,
        )
        for likeness, mine, other in pairs:
            if any(likeness) and mine in old_left and other in new_left:
                yield from self._facets(old_left.pop(mine), new_left.pop(other), path)
        for facet in old_left.values():
            kind = "other objects refused" if facet.is_free else "alternative removed"
            yield self._found(path, kind, _outline(facet), "", Range.NARROWED)
        for facet in new_left.values():
            kind = "other objects allowed" if facet.is_free else "alternative added"
            yield self._found(path, kind, "", _outline(facet), Range.WIDENED)

    def _likeness(self, one: Facet, other: Facet) -> tuple[int, int]:
        """Return how much two alternatives have in common; zeros if they are unrelated.

        What counts first are the properties whose allowed values tell the alternatives apart.
        """
        if one.kind != "object":
            return 1, len((one.words or frozenset()) & (other.words or frozenset()))
        shared = one.properties.keys() & other.properties.keys()
        marks = 0
        for name in shared:
            mine = _values(self._old.shape(one.properties[name]))
            others = _values(self._new.shape(other.properties[name]))
            if mine and others:
                marks += 1 if mine & others else -1
        return marks, len(shared) + len(one.required & other.required)

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
        if (old.enum is None) is not (new.enum is None):
            change = Range.NARROWED if old.enum is None else Range.WIDENED
            if old.words is None or new.words is None:
                yield self._found(path, "enum changed", old.enum, new.enum, change)
            elif old.known:
                # A client that is known to send these values sends no others.
                yield Found(path, "list closed", "", "", Effect.COMPATIBLE)
            else:
                yield self._found(path, "list opened", "", "", change)
        if old.words is None or new.words is None:
            if (old.known or new.known) and old.enum is None and new.enum is None:
                kind = "values listed" if old.known is None else "values no longer listed"
                yield Found(path, kind, _text(old.known), _text(new.known), Effect.COMPATIBLE)
            return
        name = "known" if None in (old.enum, new.enum) else "enum"
        for value in sorted(old.words - new.words):
            kind = f"{name} value removed"
            yield self._found(path, kind, json.loads(value), None, Range.NARROWED)
        for value in sorted(new.words - old.words):
            kind = f"{name} value added"
            yield self._found(path, kind, None, json.loads(value), Range.WIDENED)

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
    return {facet.name for facets in shape.facets.values() for facet in facets}


def _move(word: str, before: Any, after: Any) -> Range:
    if before is None or after is None:
        return Range.NARROWED if before is None else Range.WIDENED
    if word in LOWER or word in UPPER:
        is_higher = after > before
        return Range.NARROWED if is_higher is (word in LOWER) else Range.WIDENED
    if word == "uniqueItems":
        return Range.NARROWED if after else Range.WIDENED
    return Range.REPLACED


def _values(shape: Shape) -> frozenset[str]:
    found = (facet.enum or frozenset() for facets in shape.facets.values() for facet in facets)
    return frozenset().union(*found)


def _outline(facet: Facet) -> str:
    names = ", ".join(sorted(facet.properties)[:6])
    return f"{facet.name} with {names}" if names else facet.name


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return value if isinstance(value, str) else json.dumps(value)
