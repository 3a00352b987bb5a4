"""Schemas in a normal form, so that two ways to write the same schema compare as equal.

References are followed. ``nullable`` and lists of types, ``const`` and an ``enum`` of one value,
``allOf``, and alternatives of different types have one form each. Order, titles, descriptions and
examples are dropped. Inner schemas are read only on demand, so a schema may contain itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scripts._drift.problems import DriftError

Schema = Mapping[str, Any]

LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_BOUNDS: Final[dict[str, tuple[str, ...]]] = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties"),
}
_KIND_BY_KEYWORD: Final = {
    **{word: kind for kind, words in _BOUNDS.items() for word in words if word != "format"},
    "items": "array",
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
}
# The width of a number in memory does not show in JSON.
_FORMATS_OF_NUMBERS: Final = frozenset({"int32", "int64", "float", "double"})
_ANY_TEXT: Final = frozenset({".*", "^.*$", ""})
_KINDS: Final = ("null", "boolean", "number", "string", "array", "object")
_DEFAULTS: Final = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}


@dataclass(frozen=True)
class Facet:
    """The values of one JSON type that a schema allows.

    Attributes:
        kind: the JSON type; ``number`` for integers too.
        whole: whether only numbers without a fraction are allowed.
        enum: the only values allowed, as JSON text; ``None`` for any.
        known: values that are named and exclude no others (``x-known-values``), as JSON text.
        bounds: keywords that bound the value, and their values.
        properties: schemas by property name.
        required: names of the required properties.
        extra: schema of further properties; ``None`` for anything, ``False`` for none.
        items: schema of the items; ``None`` for anything.
    """

    kind: str
    whole: bool = False
    enum: frozenset[str] | None = None
    known: frozenset[str] | None = None
    bounds: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Schema] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    extra: Schema | bool | None = None
    items: Schema | None = None

    @property
    def name(self) -> str:
        """The type as OpenAPI calls it."""
        return "integer" if self.whole else self.kind

    @property
    def words(self) -> frozenset[str] | None:
        """The values that are named, whether they exclude others or not."""
        return self.known if self.enum is None else self.enum

    @property
    def is_free(self) -> bool:
        """Whether this is an object that the schema does not describe further."""
        described = self.properties or self.required or self.bounds or self.enum or self.extra
        return self.kind == "object" and not described and self.extra is None


@dataclass(frozen=True, eq=False)
class Shape:
    """A schema in its normal form.

    Attributes:
        facets: the described values by JSON type, usually one facet each.
        rest: whether other values are allowed too: ``None`` if not, an empty text for all, else
            the digest of the values that are not.
    """

    facets: Mapping[str, tuple[Facet, ...]]
    rest: str | None = None

    @property
    def text(self) -> str:
        """The names of the types."""
        names = {facet.name for facets in self.facets.values() for facet in facets}
        order = [*(name for name in sorted(names) if name != "null"), *(names & {"null"})]
        if self.rest is not None:
            order.append("anything else" if order else "anything")
        return " or ".join(order) or "nothing"


ANYTHING: Final = Shape({}, "")


class Shapes:
    """The schemas of one document.

    Args:
        document: the description; it must not be changed afterwards.
        name: name of the description in messages.
    """

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self.document = document
        self._name = name
        self._made: dict[int, Shape] = {}
        self._kept: list[Schema] = []  # keeps the ids in _made unique

    def resolve(self, value: Any) -> Any:
        """Return the value that a reference points to; any other value as it is.

        Raises:
            DriftError: a reference points nowhere, out of the document, or to itself.
        """
        seen = []
        while isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in seen or not reference.startswith("#/"):
                raise DriftError(
                    f"{self._name}: the reference {reference!r} cannot be followed. Bundle the "
                    "description into one file first."
                )
            seen.append(reference)
            value = self.document
            for step in reference[2:].split("/"):
                key = step.replace("~1", "/").replace("~0", "~")
                if not isinstance(value, Mapping) or key not in value:
                    raise DriftError(f"{self._name}: the reference {reference!r} points nowhere.")
                value = value[key]
        return value

    def shape(self, schema: Schema | bool | None) -> Shape:
        """Return a schema in its normal form; the same object for the same schema."""
        if schema is None or isinstance(schema, bool):
            return ANYTHING if schema is not False else Shape({})
        resolved = self.resolve(schema)
        described = resolved.get("x-schema")
        if isinstance(described, str):
            return self.shape({"$ref": described})
        if id(resolved) not in self._made:
            self._made[id(resolved)] = ANYTHING  # a schema that only refers to itself
            self._kept.append(resolved)
            self._made[id(resolved)] = self._expand(resolved)
        return self._made[id(resolved)]

    def _expand(self, schema: Schema) -> Shape:
        shape = self._own(schema)
        for part in schema.get("allOf", ()):
            shape = _both(shape, self.shape(part))
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                shape = _both(shape, self.union(map(self.shape, schema[key])))
        if schema.get("nullable") is True and shape.rest is None:
            shape = self.union([shape, Shape({"null": (Facet("null"),)})])
        if "not" in schema:
            refused = self.digest(self.shape(schema["not"]))
            facets = {
                kind: tuple(replace(f, bounds={**f.bounds, "not": refused}) for f in facets)
                for kind, facets in shape.facets.items()
            }
            shape = Shape(facets, None if shape.rest is None else shape.rest + refused)
        return shape

    def _own(self, schema: Schema) -> Shape:
        """Return the normal form of a schema without its ``allOf``, ``oneOf`` and ``anyOf``."""
        enum = [schema["const"]] if "const" in schema else schema.get("enum")
        types = schema.get("type")
        if isinstance(types, str):
            types = [types]
        if not types:
            implied = {kind for word, kind in _KIND_BY_KEYWORD.items() if word in schema}
            if enum is not None:
                types = sorted({_kind_of(value) for value in enum})
            elif implied:
                types = sorted(implied)
            else:
                return ANYTHING
        types = set(types)
        if schema.get("nullable") is True or (enum is not None and None in enum):
            types.add("null")
        facets = {}
        for name in types:
            kind = "number" if name == "integer" else name
            if kind not in _KINDS:
                raise DriftError(f"{self._name}: {name!r} is not a type of OpenAPI.")
            if kind == "number" and "number" in types and name == "integer":
                continue
            facet = self._facet(schema, kind, name == "integer", enum)
            if facet is not None:
                facets[kind] = (facet,)
        return Shape(facets)

    def _facet(self, schema: Schema, kind: str, whole: bool, enum: Any) -> Facet | None:
        allowed = None
        if enum is not None and kind != "null":
            allowed = frozenset(json.dumps(value) for value in enum if _kind_of(value) == kind)
            if not allowed:
                return None
        bounds = {
            word: schema[word]
            for word in _BOUNDS.get(kind, ())
            if word in schema
            and schema[word] != _DEFAULTS.get(word)
            and not (word == "format" and schema[word] in _FORMATS_OF_NUMBERS)
            and not (word == "pattern" and schema[word] in _ANY_TEXT)
        }
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if bounds.get(word) is True:  # a flag in OpenAPI 3.0
                bounds[word] = bounds.pop(limit, None)
            if bounds.get(word, 0) is None or bounds.get(word) is False:
                del bounds[word]
        named = schema.get("x-known-values", ())
        known = frozenset(json.dumps(value) for value in named if _kind_of(value) == kind) or None
        if kind == "array":
            return Facet(kind, enum=allowed, bounds=bounds, items=schema.get("items"))
        if kind != "object":
            return Facet(kind, whole, allowed, known, bounds)
        extra = schema.get("additionalProperties")
        return Facet(
            kind,
            enum=allowed,
            bounds=bounds,
            properties=schema.get("properties", {}),
            required=frozenset(schema.get("required", ())),
            extra=None if extra is True or extra == {} else extra,
        )

    def union(self, shapes: Iterable[Shape]) -> Shape:
        """Return the shape that allows what any of the shapes allows.

        What one of them describes stays described, even if another allows anything.
        """
        found: dict[str, list[Facet]] = {}
        rest: str | None = None
        for shape in shapes:
            if shape.rest is not None:
                rest = shape.rest if rest in (None, shape.rest) else ""
            for kind, facets in shape.facets.items():
                for facet in facets:
                    self._add(found.setdefault(kind, []), facet)
        return Shape({kind: tuple(facets) for kind, facets in found.items()}, rest)

    def _add(self, known: list[Facet], facet: Facet) -> None:
        for index, other in enumerate(known):
            if other.enum is not None and facet.enum is not None and not other.properties:
                if other.bounds == facet.bounds:
                    known[index] = replace(other, enum=other.enum | facet.enum)
                    return
            elif self._digest_of(replace(other, known=facet.known), ()) == (
                self._digest_of(facet, ())
            ):
                known[index] = replace(other, known=_joined(other.known, facet.known))
                return
            elif not (other.bounds or facet.bounds or other.enum or facet.enum) and (
                facet.kind == "number"
            ):
                known[index] = replace(other, whole=other.whole and facet.whole)
                return
        known.append(facet)

    def digest(self, shape: Shape, above: tuple[Shape, ...] = ()) -> str:
        """Return a text that is equal for two shapes exactly if they say the same of values."""
        if shape in above:
            return f"^{len(above) - above.index(shape)}"
        inside = (*above, shape)
        texts = sorted(
            self._digest_of(facet, inside) for facets in shape.facets.values() for facet in facets
        )
        return "|".join([*texts, *([] if shape.rest is None else [f"*{shape.rest}"])])

    def _digest_of(self, facet: Facet, above: tuple[Shape, ...]) -> str:
        def inner(schema: Schema | bool | None) -> str:
            return self.digest(self.shape(schema), above)

        parts = [
            facet.name,
            json.dumps(sorted(facet.enum)) if facet.enum is not None else "",
            json.dumps(sorted(facet.known)) if facet.known is not None else "",
            json.dumps(facet.bounds, sort_keys=True),
            ",".join(
                f"{name}{'!' if name in facet.required else ''}:{inner(schema)}"
                for name, schema in sorted(facet.properties.items())
            ),
            ",".join(sorted(facet.required - facet.properties.keys())),
            "-" if facet.extra is False else inner(facet.extra),
            inner(facet.items),
        ]
        return f"({';'.join(parts)})"


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _both(one: Shape, other: Shape) -> Shape:
    """Return the shape that allows what both shapes allow."""
    found: dict[str, list[Facet]] = {}
    for kind in one.facets.keys() | other.facets.keys():
        mine, others = one.facets.get(kind, ()), other.facets.get(kind, ())
        found[kind] = [_merged(a, b) for a in mine for b in others]
        # What only the rest of the other allows stays as it is described here.
        found[kind] += [*mine] * (other.rest is not None) + [*others] * (one.rest is not None)
    rest = None if None in (one.rest, other.rest) else f"{one.rest}{other.rest}"
    return Shape({kind: tuple(facets) for kind, facets in found.items() if facets}, rest)


def _joined(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return None if one is None and other is None else (one or frozenset()) | (other or frozenset())


def _merged(one: Facet, other: Facet) -> Facet:
    enums = [facet.enum for facet in (one, other) if facet.enum is not None]
    bounds = {**one.bounds, **other.bounds}
    for keywords, tighter in ((LOWER, max), (UPPER, min)):
        for word in keywords:
            if word in one.bounds and word in other.bounds:
                bounds[word] = tighter(one.bounds[word], other.bounds[word])
    properties = {
        name: {"allOf": [one.properties[name], other.properties[name]]}
        if name in one.properties and name in other.properties
        else {**one.properties, **other.properties}[name]
        for name in {**one.properties, **other.properties}
    }
    items = [facet.items for facet in (one, other) if facet.items is not None]
    extras = [facet.extra for facet in (one, other) if facet.extra is not None]
    return Facet(
        one.kind,
        one.whole or other.whole,
        frozenset.intersection(*enums) if enums else None,
        _joined(one.known, other.known),
        bounds,
        properties,
        one.required | other.required,
        extras[0] if extras else None,
        items[0] if len(items) < 2 and items else ({"allOf": items} if items else None),
    )
