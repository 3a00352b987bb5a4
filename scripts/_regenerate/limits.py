"""What openapi-python-client cannot express, and what to write instead.

The generator only warns about some of this; the rest it drops or changes silently. Each limit was
measured with the locked version. A test fails if an upgrade removes a limit.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .spec_source import at_pointer, steps_of

Location = tuple[object, ...]
Schema = Mapping[str, Any]
Report = tuple[Location, str]

LIMITS: Final[dict[str, str]] = {
    "parameter content": "a parameter with `content` is dropped without a warning; write its"
    " `schema` as a string, and `x-content-schema` for the content of the text",
    "parameter style": "`style` and `explode: false` are ignored, keys are always repeated; write"
    " a string and join the values in the adapter",
    "parameter default": "a `default` is sent with every request; say in the description what"
    " happens without the parameter",
    "cookie parameter": "cookies per request are deprecated in httpx and fail the suite; set the"
    " header `Cookie` on the client",
    "request media type": "the operation is dropped; describe the body as"
    " `application/octet-stream`, and set the header Content-Type in the adapter",
    "response media type": "the reply is dropped; describe it as `application/octet-stream` or as"
    " `text/plain`",
    "event stream": "the whole stream is read and returned as one text; describe the operation in"
    " `x-websockets`, or write an adapter",
    "key in query or cookie": "an API key in the query or in a cookie is never sent; describe it as"
    " a parameter",
    "shadowed name": "a property of this name replaces a method or attribute of the model; make the"
    " whole document free (`schema` without a type, and `x-schema`)",
    "discriminator": "the discriminator is ignored and variants are tried in their order; give its"
    " property an `enum` of one value in each variant",
    "enum names": "two values of the `enum` give the same member name, and the generator"
    " fails; write a string with a `pattern`",
    "enum types": "an `enum` of several types is rejected; write `oneOf` with one `enum` each",
    "integer enum": "an `enum` of numbers is closed, and a new number raises ValueError; write"
    " `minimum` and `maximum`",
    "recursive items": "an array whose items are the array itself is rejected; put an object"
    " between them",
    "date format": "`format` parses the text as a datetime, drops nanoseconds and writes it in"
    " another format; write a string with a `pattern`",
    "property default": "a reply without the property would have the `default` as if it had been"
    " sent; name the default in the description instead",
    "repeated title": "two schemas with the same title collide and the second is dropped; use every"
    " title once, or move the schema to components",
}

_SHADOWED: Final = frozenset(
    {"to_dict", "from_dict", "additional_properties", "additional_keys"},
)
_REQUEST_MEDIA: Final = re.compile(
    r"application/(json|[\w.-]+\+json|x-www-form-urlencoded|octet-stream)|multipart/form-data"
)
_RESPONSE_MEDIA: Final = re.compile(
    r"application/(json|[\w.-]+\+json|octet-stream)|text/(?!event-stream)[\w.+-]+"
)
_METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


def limits_met(document: Mapping[str, Any]) -> Iterator[Report]:
    """Yield every location that the generator cannot express.

    Args:
        document: a description whose references all resolve.

    Yields:
        The steps to the location, and the limit with what to write instead.
    """
    walk = _Walk(document)
    for path, item in document["paths"].items():
        walk.parameters(item.get("parameters", ()), ("paths", path, "parameters"))
        for method in _METHODS:
            if method in item:
                walk.operation(item[method], ("paths", path, method))
    titles = set(walk.components)
    for location, name in walk.met:
        yield location, f"{name}: {LIMITS[name]}"
    for location, title in walk.titles:
        if title in titles:
            yield location, f"repeated title: {LIMITS['repeated title']}"
        titles.add(title)


class _Walk:
    """A walk through everything that bindings are made from, each schema once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._seen: set[str] = set()
        self.met: list[tuple[Location, str]] = []
        self.titles: list[tuple[Location, str]] = []
        self.components: set[str] = set()

    def operation(self, operation: Mapping[str, Any], location: Location) -> None:
        self.parameters(operation.get("parameters", ()), (*location, "parameters"))
        body, where = self._resolved(operation.get("requestBody", {}), (*location, "requestBody"))
        self._content(body, where, _REQUEST_MEDIA, "request media type")
        for status, reference in operation.get("responses", {}).items():
            reply, where = self._resolved(reference, (*location, "responses", status))
            self._content(reply, where, _RESPONSE_MEDIA, "response media type")
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        for names in operation.get("security", ()):
            for name in names:
                if schemes.get(name, {}).get("in") in ("query", "cookie"):
                    self.met.append(((*location, "security"), "key in query or cookie"))

    def parameters(self, listed: Any, location: Location) -> None:
        for index, reference in enumerate(listed):
            parameter, where = self._resolved(reference, (*location, index))
            schema, _ = self._resolved(parameter.get("schema", {}), where)
            if "content" in parameter:
                self.met.append((where, "parameter content"))
            is_list = schema.get("type") in ("array", "object")
            other_style = parameter.get("style", "form") not in ("form", "simple")
            if is_list and (other_style or parameter.get("explode") is False):
                self.met.append((where, "parameter style"))
            # A default that is the only allowed value changes nothing.
            is_only_value = schema.get("minimum", 0) == schema.get("maximum", 1)
            if "default" in schema and not is_only_value and not parameter.get("x-set-once"):
                self.met.append((where, "parameter default"))
            if parameter.get("in") == "cookie":
                self.met.append((where, "cookie parameter"))
            inner = {key: value for key, value in schema.items() if key != "default"}
            self._schema(inner, (*where, "schema"))

    def _content(
        self, holder: Schema, location: Location, known: re.Pattern[str], limit: str
    ) -> None:
        for media_type, body in holder.get("content", {}).items():
            where = (*location, "content", media_type)
            if media_type == "text/event-stream":
                self.met.append((where, "event stream"))
            elif not known.fullmatch(media_type):
                self.met.append((where, limit))
            self._schema(body.get("schema", {}), (*where, "schema"))

    def _schema(self, schema: Any, location: Location) -> None:
        if not isinstance(schema, Mapping):
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference not in self._seen:
                self._seen.add(reference)
                target = tuple(steps_of(reference))
                self.components.add(str(target[-1]))
                self._schema(at_pointer(self._document, reference), target)
            return
        for name, is_met in _SCHEMA_LIMITS.items():
            if is_met(schema, self._is_array_itself(schema, location)):
                self.met.append((location, name))
        if "title" in schema and "properties" in schema:
            self.titles.append((location, str(schema["title"])))
        for key, value in schema.get("properties", {}).items():
            self._schema(value, (*location, "properties", key))
        for key in ("items", "additionalProperties"):
            self._schema(schema.get(key), (*location, key))
        for key in ("allOf", "anyOf", "oneOf"):
            for index, value in enumerate(schema.get(key, ())):
                self._schema(value, (*location, key, index))
        if "discriminator" in schema and not self._has_distinct_values(schema):
            self.met.append((location, "discriminator"))
        for key, value in schema.get("properties", {}).items():
            if isinstance(value, Mapping) and "default" in value:
                self.met.append(((*location, "properties", key), "property default"))

    def _is_array_itself(self, schema: Schema, location: Location) -> bool:
        items = schema.get("items")
        own = "#/" + "/".join(str(step) for step in location)
        return isinstance(items, Mapping) and items.get("$ref") == own

    def _has_distinct_values(self, schema: Schema) -> bool:
        name = schema["discriminator"].get("propertyName")
        for key in ("oneOf", "anyOf"):
            for reference in schema.get(key, ()):
                variant, location = self._resolved(reference, ())
                kind, _ = self._resolved(variant.get("properties", {}).get(name, {}), location)
                if len(kind.get("enum", ())) != 1:
                    return False
        return True

    def _resolved(self, value: Any, location: Location) -> tuple[Mapping[str, Any], Location]:
        while isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
            location = tuple(steps_of(value["$ref"]))
            value = at_pointer(self._document, value["$ref"])
        return (value if isinstance(value, Mapping) else {}), location


def _has_shadowed_name(schema: Schema, _: bool) -> bool:
    return bool(_SHADOWED & schema.get("properties", {}).keys())


def _has_one_name_twice(schema: Schema, _: bool) -> bool:
    words = [word for word in schema.get("enum", ()) if isinstance(word, str)]
    return len({re.sub(r"\W+", "_", word).upper() for word in words}) < len(words)


def _has_several_types(schema: Schema, _: bool) -> bool:
    return len({type(word) for word in schema.get("enum", ()) if word is not None}) > 1


def _is_date(schema: Schema, _: bool) -> bool:
    return schema.get("type") == "string" and schema.get("format") in ("date", "date-time")


_SCHEMA_LIMITS: Final[dict[str, Callable[[Schema, bool], bool]]] = {
    "shadowed name": _has_shadowed_name,
    "enum names": _has_one_name_twice,
    "enum types": _has_several_types,
    "integer enum": lambda schema, _: {type(word) for word in schema.get("enum", ())} == {int},
    "recursive items": lambda _, is_array_itself: is_array_itself,
    "date format": _is_date,
}
