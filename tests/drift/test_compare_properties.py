"""Properties of the comparison: no false changes, and every change with the right effect."""

import copy
import os
import random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from scripts._drift.changes import Change, Effect
from scripts._drift.compare import compare_versions
from scripts._drift.operations import Version
from tests.drift.schema_changes import Schema, document, mutations, schemas

# DRIFT_EXAMPLES=5000 looks deeper.
EXAMPLES = int(os.environ.get("DRIFT_EXAMPLES", "60"))
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="DRIFT_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def compared(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return compare_versions(Version(old, "old"), Version(new, "new"))


def breaks(changes: list[Change], part: str) -> bool:
    return any(one.part == part and one.effect is Effect.BREAKING for one in changes)


def rewritten(value: Any, chance: random.Random, components: Schema) -> Any:
    """Return an equal schema in another notation: order, names, references, texts and null."""
    if isinstance(value, list):
        return [rewritten(inner, chance, components) for inner in value]
    if not isinstance(value, dict):
        return value
    items = [(key, rewritten(inner, chance, components)) for key, inner in value.items()]
    chance.shuffle(items)
    made = dict(items)
    for key in ("required", "enum"):
        if isinstance(made.get(key), list):
            chance.shuffle(made[key])
    is_schema = isinstance(value.get("type"), str)
    if not is_schema:
        return made
    if made.get("nullable") is True and chance.random() < 0.5 and "enum" not in made:
        del made["nullable"]
        made = {"oneOf": [made, {"type": "string", "nullable": True, "enum": [None]}]}
    if chance.random() < 0.3:
        made = {"allOf": [made]}
    if chance.random() < 0.3:
        made = {**made, "description": "In other words.", "title": "T", "example": 1}
    if chance.random() < 0.3:
        name = f"Part{len(components)}"
        components[name] = made
        made = {"$ref": f"#/components/schemas/{name}"}
    return made


@MANY
@given(schemas())
def test_nothing_differs_from_itself(schema: Schema) -> None:
    assert compared(document(schema), document(copy.deepcopy(schema))) == []


@MANY
@given(schemas(), st.integers(0, 10**6))
def test_another_notation_is_no_change(schema: Schema, seed: int) -> None:
    components: Schema = {}
    other = rewritten(copy.deepcopy(schema), random.Random(seed), components)
    old, new = document(schema), document(other, rename=lambda name: f"Renamed{name}")
    new["components"]["schemas"].update(components)
    assert compared(old, new) == []
    assert compared(new, old) == []


@MANY
@given(schemas(), st.data())
def test_every_small_change_is_found_with_the_effect_of_its_direction(
    schema: Schema, data: st.DataObject
) -> None:
    possible = mutations(schema)
    assume(possible)
    mutation = data.draw(st.sampled_from(possible))
    changes = compared(document(schema), document(mutation.schema))
    for part, is_breaking in (
        ("request", mutation.in_request),
        ("response", mutation.in_response),
    ):
        found = [one for one in changes if one.part == part]
        assert [(one.kind, one.field) for one in found] == [(mutation.kind, mutation.field)]
        assert (found[0].effect is Effect.BREAKING) is is_breaking


@MANY
@given(schemas(), st.data())
def test_change_that_breaks_a_value_is_never_compatible(
    schema: Schema, data: st.DataObject
) -> None:
    """Another validator decides whether a value is still valid."""
    possible = [one for one in mutations(schema) if one.has_witness]
    assume(possible)
    mutation = data.draw(st.sampled_from(possible))
    value = data.draw(values(data.draw(st.sampled_from([schema, mutation.schema]))))
    was, now = (OAS30Validator(one).is_valid(value) for one in (schema, mutation.schema))
    changes = compared(document(schema), document(mutation.schema))
    if was and not now:
        assert breaks(changes, "request")
    if now and not was:
        assert breaks(changes, "response")


@MANY
@given(schemas(), st.data())
def test_the_reverse_change_has_the_opposite_effect(schema: Schema, data: st.DataObject) -> None:
    possible = [one for one in mutations(schema) if one.in_request is not one.in_response]
    possible = [one for one in possible if one.kind not in ("field added", "other fields refused")]
    assume(possible)
    mutation = data.draw(st.sampled_from(possible))
    there = compared(document(schema), document(mutation.schema))
    back = compared(document(mutation.schema), document(schema))
    assert breaks(there, "request") is breaks(back, "response") is mutation.in_request
    assert breaks(there, "response") is breaks(back, "request") is mutation.in_response


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Return values at and around the bounds of a schema."""
    for key in schema.keys() & {"oneOf", "anyOf"}:
        return st.one_of(*map(values, schema[key]))
    kind = schema.get("type")
    anything = st.one_of(st.none(), st.booleans(), st.integers(-5, 12), st.text("abz0", max_size=5))
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "z", "q"])
    if kind == "string":
        texts = st.one_of(st.text("a", max_size=11), st.text("0", max_size=11))
        return st.one_of(texts, st.none()) if schema.get("nullable") else texts
    if kind in ("integer", "number"):
        return st.one_of(st.integers(-6, 12), st.just(2.5))
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        lists = st.lists(values(schema["items"]), max_size=7)
        return st.one_of(lists, st.none()) if schema.get("nullable") else lists
    if kind == "object":
        fields = {name: values(inner) for name, inner in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=fields)
    return anything
