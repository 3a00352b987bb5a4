"""Random schemas, and every small change of a schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

NAMES = ("id", "count", "status", "tags", "usage")


def schemas(depth: int = 3) -> st.SearchStrategy[Schema]:
    """Return random schemas of OpenAPI 3.0, in the notation of the descriptions."""
    text = st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(1, 3),
            "maxLength": st.integers(4, 9),
            "pattern": st.sampled_from(["^a+$", "^[0-9]+$"]),
            "nullable": st.just(True),
        },
    )
    words = st.fixed_dictionaries(
        {
            "type": st.just("string"),
            "enum": st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True),
        }
    )
    number = st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={"minimum": st.integers(-3, 3), "maximum": st.integers(5, 9)},
    )
    leaf = st.one_of(text, words, number, st.just({"type": "boolean"}), st.just({}))
    if depth == 0:
        return leaf
    inner = schemas(depth - 1)
    array = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner},
        optional={"minItems": st.integers(1, 2), "maxItems": st.integers(3, 5)},
    )
    thing = st.builds(
        _object,
        st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=4),
        st.sets(st.sampled_from(NAMES)),
        st.sampled_from([None, False]),
    )
    described = st.one_of(array, thing)
    either = st.one_of(
        st.builds(lambda one: {"oneOf": [one, {"type": "boolean"}]}, described),
        st.builds(lambda one: {"anyOf": [one, {}]}, described),
    )
    return st.one_of(leaf, array, thing, either)


def _object(properties: dict[str, Schema], required: set[str], extra: bool | None) -> Schema:
    made: Schema = {"type": "object", "properties": properties}
    if required & properties.keys():
        made["required"] = sorted(required & properties.keys())
    if extra is not None:
        made["additionalProperties"] = extra
    return made


@dataclass(frozen=True)
class Mutation:
    """One small change.

    Attributes:
        kind: What the report has to call it.
        field: Where.
        schema: The schema with the change.
        in_request: Whether it breaks a client that writes such values.
        in_response: Whether it breaks a client that reads them.
        has_witness: Whether a value can show it; names in open objects cannot.
    """

    kind: str
    field: str
    schema: Schema
    in_request: bool
    in_response: bool
    has_witness: bool = True


NARROWED, WIDENED, REPLACED = (True, False), (False, True), (True, True)


def mutations(schema: Schema) -> list[Mutation]:
    """Yield every mutation of every part of a schema."""
    found = []
    for steps, field, part in _places(schema, (), ""):
        for kind, inner, changed, effects, has_witness in _changes(part):
            copied = json.loads(json.dumps(schema))  # copies parts that share one object
            place = copied
            for step in steps:
                place = place[step]
            place.clear()
            place.update(changed)
            where = ".".join(name for name in (field, inner) if name)
            found.append(Mutation(kind, where, copied, *effects, has_witness))
    return found


def _places(
    part: Schema, steps: tuple[Any, ...], field: str
) -> Iterator[tuple[tuple[Any, ...], str, Schema]]:
    yield steps, field, part
    if "items" in part:
        yield from _places(part["items"], (*steps, "items"), f"{field}[]")
    for name, inner in part.get("properties", {}).items():
        where = f"{field}.{name}" if field else name
        yield from _places(inner, (*steps, "properties", name), where)
    for key in ("oneOf", "anyOf"):
        for index, inner in enumerate(part.get(key, ())):
            yield from _places(inner, (*steps, key, index), field)


Change = tuple[str, str, Schema, tuple[bool, bool], bool]


def _changes(part: Schema) -> Iterator[Change]:
    kind = part.get("type")
    if kind is None and not part.keys() & {"oneOf", "anyOf"}:
        yield "type changed", "", {"type": "string"}, NARROWED, True
        return
    yield from _bounds(part)
    if "enum" in part:
        words = part["enum"]
        yield "enum value added", "", {**part, "enum": [*words, "z"]}, WIDENED, True
        if len(words) > 1:
            yield "enum value removed", "", {**part, "enum": words[1:]}, NARROWED, True
        without = {key: value for key, value in part.items() if key != "enum"}
        yield "enum changed", "", without, WIDENED, True
    elif kind == "string":
        yield "enum changed", "", {**part, "enum": ["aaaa"]}, NARROWED, False
    if kind == "integer":
        yield "type changed", "", {**part, "type": "number"}, WIDENED, True
    if kind == "number":
        yield "type changed", "", {**part, "type": "integer"}, NARROWED, True
    if kind in ("string", "array") and "enum" not in part:
        nullable = not part.get("nullable", False)
        effects = WIDENED if nullable else NARROWED
        yield "type changed", "", {**part, "nullable": nullable}, effects, True
    if kind == "object":
        yield from _fields(part)


def _bounds(part: Schema) -> Iterator[Change]:
    for word, step in (
        ("minLength", 1),
        ("maxLength", -1),
        ("minimum", 1),
        ("maximum", -1),
        ("minItems", 1),
        ("maxItems", -1),
    ):
        if word in part:
            tighter = {**part, word: part[word] + step}
            looser = {**part, word: part[word] - step}
            without = {key: value for key, value in part.items() if key != word}
            if word != "minLength" or part[word] > 1:
                yield f"{word} changed", "", looser, WIDENED, "pattern" not in part
            yield f"{word} changed", "", tighter, NARROWED, "pattern" not in part
            yield f"{word} changed", "", without, WIDENED, "pattern" not in part
    if "pattern" in part:
        yield "pattern changed", "", {**part, "pattern": "^b$"}, REPLACED, False


def _fields(part: Schema) -> Iterator[Change]:
    properties, required = part["properties"], part.get("required", [])
    for name in properties:
        left = {key: value for key, value in properties.items() if key != name}
        if left:
            needed = [one for one in required if one != name]
            changed = {**part, "properties": left, "required": needed}
            yield "field removed", name, changed, REPLACED, False
        if name in required:
            needed = [one for one in required if one != name]
            yield "became optional", name, {**part, "required": needed}, WIDENED, True
        else:
            needed = [*required, name]
            yield "became required", name, {**part, "required": needed}, NARROWED, True
    more = {**properties, "new": {"type": "string"}}
    yield "field added", "new", {**part, "properties": more}, (False, False), False
    needed = [*required, "new"]
    changed = {**part, "properties": more, "required": needed}
    yield "field added", "new", changed, (True, False), False
    if part.get("additionalProperties") is False:
        opened = {key: value for key, value in part.items() if key != "additionalProperties"}
        yield "other fields allowed", "*", opened, (False, False), False
    else:
        shut = {**part, "additionalProperties": False}
        yield "other fields refused", "*", shut, NARROWED, False


def document(schema: Schema, *, rename: Callable[[str], str] = str) -> dict[str, Any]:
    """Return a description with one operation that sends and returns the schema."""
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{rename('Thing')}"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "small", "version": "1"},
        "paths": {
            "/things/{id}": {
                "put": {
                    "operationId": "putThing",
                    "requestBody": {"required": True, "content": body},
                    "responses": {"200": {"description": "The thing.", "content": body}},
                }
            }
        },
        "components": {"schemas": {rename("Thing"): schema}},
    }
