"""Checks of a description; problems have file, line, JSON pointer and reason."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema.exceptions import ValidationError
from openapi_spec_validator import OpenAPIV30SpecValidator

from .limits import limits_met
from .problems import RegenerateError
from .spec_source import Description, at_pointer

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_LONGEST_REASON: Final = 200

Problem = tuple[tuple[object, ...], str]
"""The steps to the location, and what is wrong there."""


def check_spec(description: Description) -> None:
    """Check a description: OpenAPI 3.0, the rules of this project, what the generator can express.

    Later checks rely on earlier ones, so only the problems of the first failing check are reported.

    Args:
        description: the description.

    Raises:
        RegenerateError: there are problems, one line each.
    """
    document = description.document
    for check in (_version_rule, _reference_rules, _openapi_rules, _project_rules, limits_met):
        problems = list(check(document))
        if problems:
            lines = (description.problem(location, text) for location, text in problems)
            raise RegenerateError("\n".join(dict.fromkeys(lines)))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, lower-case method and operation object in document order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def resolve(document: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Return the value that a local ``$ref`` points to; any other value as it is.

    Raises:
        KeyError: the reference points nowhere.
    """
    while "$ref" in value:
        value = at_pointer(document, value["$ref"])
    return value


def _version_rule(document: Mapping[str, Any]) -> Iterator[Problem]:
    version = document.get("openapi")
    if not isinstance(version, str) or not re.fullmatch(r"3\.0\.\d", version):
        found = document.get("swagger", version)
        yield (
            ("openapi",),
            f"is {found!r}, but must be 3.0.x, the only version that the generator, the proxy and"
            " the checkers all support",
        )


def _reference_rules(document: Mapping[str, Any]) -> Iterator[Problem]:
    for location, key, reference in _references(document, ()):
        if not isinstance(reference, str) or not reference.startswith("#/"):
            yield (
                (*location, key),
                f"{reference!r} is not in this file; copy its target to components",
            )
            continue
        try:
            at_pointer(document, reference)
        except KeyError:
            yield (*location, key), f"points nowhere: {reference}"


def _references(
    value: object, location: tuple[object, ...]
) -> Iterator[tuple[tuple[object, ...], str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            is_name = location and location[-1] in ("properties", "patternProperties")
            if key in ("$ref", "x-schema", "x-content-schema") and not is_name:
                yield location, key, inner
            elif key not in ("example", "examples", "default", "enum"):
                yield from _references(inner, (*location, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _references(inner, (*location, index))


def _openapi_rules(document: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if isinstance(name, str):
                here = f"{method.upper()} {path}"
                if name in seen:
                    location = ("paths", path, method, "operationId")
                    yield location, f"{name!r} is already used by {seen[name]}"
                seen[name] = here
                yield from _path_rules(document, path, method)
    if not seen:
        yield ("paths",), "has no operation"
    found = [deepest(error) for error in OpenAPIV30SpecValidator(dict(document)).iter_errors()]
    for error, reason in found:
        # Findings without a location, or inside a schema, repeat those above.
        location = tuple(error.absolute_path)
        if _exists(document, location) and not reason.startswith(("Path parameter", "Operation")):
            yield location, reason


def _path_rules(document: Mapping[str, Any], path: str, method: str) -> Iterator[Problem]:
    item = document["paths"][path]
    listed = [*(item.get("parameters") or ()), *(item[method].get("parameters") or ())]
    declared = [resolve(document, one) for one in listed if isinstance(one, dict)]
    in_path = {one.get("name") for one in declared if one.get("in") == "path"}
    wanted = set(re.findall(r"{(\w+)}", path))
    if in_path != wanted:
        names = sorted(str(name) for name in in_path)
        yield (
            ("paths", path, method, "parameters"),
            f"declares the path parameters {names}, the path names {sorted(wanted)}",
        )


def deepest(error: ValidationError) -> tuple[ValidationError, str]:
    """Return the most specific error below "no alternative matches", and its reason."""
    allowed: list[object] = []
    while error.context:
        candidates = [
            inner
            for inner in error.context
            if not (inner.validator == "required" and "'$ref'" in inner.message)
            and not (inner.validator == "additionalProperties" and "'$ref'" in str(inner.schema))
        ] or list(error.context)
        depth = max(len(inner.absolute_path) for inner in candidates)
        error, *others = (one for one in candidates if len(one.absolute_path) == depth)
        allowed = [
            word
            for one in (error, *others)
            if one.validator == "enum" and one.absolute_path == error.absolute_path
            for word in one.validator_value
        ]
    if error.validator == "enum":
        words = ", ".join(map(repr, dict.fromkeys(allowed or error.validator_value)))
        return error, f"is {error.instance!r}, not one of {words}"
    reason = str(error.message)
    half = _LONGEST_REASON // 2
    return error, reason if len(reason) <= 2 * half else f"{reason[:half]} ... {reason[-half:]}"


def _exists(document: Mapping[str, Any], location: tuple[object, ...]) -> bool:
    value: Any = document
    for step in location:
        is_index = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if not is_index and not (isinstance(value, dict) and step in value):
            return False
        value = value[step]
    return True


def _project_rules(document: Mapping[str, Any]) -> Iterator[Problem]:
    known_tags = {tag["name"] for tag in document.get("tags", [])}
    for path, method, operation in operations(document):
        here = ("paths", path, method)
        for key in ("operationId", "summary", "description"):
            if not operation.get(key):
                yield here, f"has no {key}"
        if len(operation.get("tags", [])) != 1 or operation["tags"][0] not in known_tags:
            yield (*here, "tags"), "must have exactly one tag of the list in #/tags"
        if not isinstance(operation.get("x-retry-safe"), bool):
            yield (*here, "x-retry-safe"), "must be true or false"
        sources = operation.get("x-source")
        if not (isinstance(sources, list) and sources and all(isinstance(s, str) for s in sources)):
            yield (*here, "x-source"), "must list the sources of the facts"
        if "security" not in operation:
            yield (*here, "security"), "is missing; use an empty list for no authentication"
        yield from _parameter_rules(document, path, method, operation)
        yield from _reply_rules(document, here, operation)


def _parameter_rules(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> Iterator[Problem]:
    on_path = document["paths"][path].get("parameters", [])
    for owner, listed in (
        (("paths", path), on_path),
        (("paths", path, method), operation.get("parameters", [])),
    ):
        for index, reference in enumerate(listed):
            parameter = resolve(document, reference)
            schema = resolve(document, parameter.get("schema", {}))
            bounds = {"maxItems", "maxLength", "maximum", "pattern", "enum"} & schema.keys()
            if "content" in parameter:
                continue
            if not bounds and schema.get("format") != "int64" and schema.get("type") != "boolean":
                location = (*owner, "parameters", index)
                yield location, f"parameter {parameter['name']} has no bounds"


def _reply_rules(
    document: Mapping[str, Any], here: tuple[object, ...], operation: Mapping[str, Any]
) -> Iterator[Problem]:
    statuses = [str(status) for status in operation["responses"]]
    for kind in ("2", "4", "5"):
        if not any(status.startswith(kind) for status in statuses):
            yield (*here, "responses"), f"has no {kind}xx reply"
    for status, reference in operation["responses"].items():
        location = (*here, "responses", status)
        reply = resolve(document, reference)
        if not str(status).startswith("2"):
            if not isinstance(reply.get("x-codes"), list):
                yield location, "has no x-codes"
            continue
        for media_type, body in reply.get("content", {}).items():
            if not body.keys() & {"example", "examples"}:
                yield (*location, "content", media_type), "has no example"
