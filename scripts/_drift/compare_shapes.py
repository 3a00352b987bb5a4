"""What has changed between two schemas, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts._drift.changes import Direction, Effect, Move, effect_of
from scripts._drift.shapes import LOWER, UPPER, Facet, Schema, Shape, Shapes


@dataclass(frozen=True)
class Found:
    """One difference within a value: where, what, and what it does to a client."""

    field: str
    kind: str
    old: str
    new: str
    effect: Effect


class ShapeComparison:
    """Compares schemas of two versions.

    Args:
        old: Schemas of the old version.
        new: Schemas of the new version.
        direction: Who writes the values.
    """

    def __init__(self, old: Shapes, new: Shapes, direction: Direction) -> None:
        self._old = old
        self._new = new
        self._direction = direction
        self._open: set[tuple[int, int]] = set()

    def compare(
        self, old: Schema | bool | None, new: Schema | bool | None, place: str = ""
    ) -> Iterator[Found]:
        """Yield the differences of two schemas.

        Args:
            old: The old schema.
            new: The new schema.
            place: Path that leads to the value.
        """
        one, other = self._old.shape(old), self._new.shape(new)
        pair = (id(one), id(other))
        if pair in self._open:
            return  # a value inside itself: its differences are being told already
        self._open.add(pair)
        try:
            yield from self._shapes(one, other, place)
        finally:
            self._open.discard(pair)

    def _found(self, place: str, kind: str, old: Any, new: Any, move: Move) -> Found:
        return Found(place, kind, _text(old), _text(new), effect_of(self._direction, move))

    def _shapes(self, old: Shape, new: Shape, place: str) -> Iterator[Found]:
        if old.facets is None or new.facets is None:
            if old.facets is not None or new.facets is not None:
                move = Move.NARROWED if old.facets is None else Move.WIDENED
                yield self._found(place, "type changed", old.text, new.text, move)
            return
        gone, come = _missing(old, new), _missing(new, old)
        # With number in both, or integer for number, only the fraction has come or gone.
        if gone or come:
            move = Move.REPLACED if gone and come else Move.NARROWED if gone else Move.WIDENED
            yield self._found(place, "type changed", old.text, new.text, move)
        for kind in old.facets.keys() & new.facets.keys():
            yield from self._variants(old.facets[kind], new.facets[kind], place)

    def _variants(
        self, old: tuple[Facet, ...], new: tuple[Facet, ...], place: str
    ) -> Iterator[Found]:
        if len(old) == len(new) == 1:
            yield from self._facets(old[0], new[0], place)
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
                yield from self._facets(old_left.pop(mine), new_left.pop(other), place)
        for facet in old_left.values():
            yield self._found(place, "alternative removed", _outline(facet), "", Move.NARROWED)
        for facet in new_left.values():
            yield self._found(place, "alternative added", "", _outline(facet), Move.WIDENED)

    def _facets(self, old: Facet, new: Facet, place: str) -> Iterator[Found]:
        yield from self._words(old, new, place)
        for word in sorted(old.bounds.keys() | new.bounds.keys()):
            before, after = old.bounds.get(word), new.bounds.get(word)
            if before != after:
                move = _move(word, before, after)
                yield self._found(place, f"{word} changed", before, after, move)
        if old.kind == "array":
            yield from self.compare(old.items, new.items, f"{place}[]")
        if old.kind == "object":
            yield from self._objects(old, new, place)

    def _words(self, old: Facet, new: Facet, place: str) -> Iterator[Found]:
        if old.words is None or new.words is None:
            if old.words is not None or new.words is not None:
                move = Move.NARROWED if old.words is None else Move.WIDENED
                yield self._found(place, "enum changed", old.words, new.words, move)
            return
        for word in sorted(old.words - new.words):
            yield self._found(place, "enum value removed", json.loads(word), None, Move.NARROWED)
        for word in sorted(new.words - old.words):
            yield self._found(place, "enum value added", None, json.loads(word), Move.WIDENED)

    def _objects(self, old: Facet, new: Facet, place: str) -> Iterator[Found]:
        if old.is_free is not new.is_free:
            kind = "fields no longer described" if new.is_free else "fields described"
            move = Move.WIDENED if new.is_free else Move.NARROWED
            yield self._found(place, kind, "", "", move)
            return
        for name in sorted(old.properties.keys() | new.properties.keys()):
            inner = f"{place}.{name}" if place else name
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
                yield self._requirement(f"{place}.{name}" if place else name, name in new.required)
        yield from self._extra(old, new, place)

    def _requirement(self, place: str, is_required: bool) -> Found:
        old, new = ("optional", "required") if is_required else ("required", "optional")
        move = Move.NARROWED if is_required else Move.WIDENED
        return self._found(place, f"became {new}", old, new, move)

    def _extra(self, old: Facet, new: Facet, place: str) -> Iterator[Found]:
        inner = f"{place}.*" if place else "*"
        if (old.extra is False) is not (new.extra is False):
            if new.extra is False:
                yield self._found(inner, "other fields refused", "allowed", "", Move.NARROWED)
            else:
                # A reader passes over names that it does not know.
                yield Found(inner, "other fields allowed", "", "allowed", Effect.COMPATIBLE)
        elif old.extra is not False:
            yield from self.compare(_schema(old.extra), _schema(new.extra), inner)


def _schema(extra: Schema | bool | None) -> Schema | None:
    return extra if isinstance(extra, Mapping) else None


def _missing(shape: Shape, other: Shape) -> set[str]:
    """Return the types of a shape that the other does not have; an integer is a number."""
    others = _names(other)
    return {
        name for name in _names(shape) - others if not (name == "integer" and "number" in others)
    }


def _names(shape: Shape) -> set[str]:
    return {facet.name for facets in (shape.facets or {}).values() for facet in facets}


def _move(word: str, before: Any, after: Any) -> Move:
    if before is None or after is None:
        return Move.NARROWED if before is None else Move.WIDENED
    if word in LOWER or word in UPPER:
        is_higher = after > before
        return Move.NARROWED if is_higher is (word in LOWER) else Move.WIDENED
    if word == "uniqueItems":
        return Move.NARROWED if after else Move.WIDENED
    return Move.REPLACED


def _likeness(one: Facet, other: Facet) -> int:
    """Return how much two alternatives have in common; 0 for what is not the same thing."""
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
