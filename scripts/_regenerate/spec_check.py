"""Reading a description and saying what is wrong with it, with file and pointer."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from .problems import RegenerateError

METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_spec(path: Path) -> dict[str, Any]:
    """Read a description.

    Args:
        path: A YAML file.

    Returns:
        The document, anchors resolved.

    Raises:
        RegenerateError: The file is missing, is not YAML or holds a key twice.
    """
    try:
        # Not an unsafe load: the loader derives from SafeLoader.
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except (OSError, yaml.YAMLError) as error:
        raise RegenerateError(f"{path.name}: {error}") from error
    if not isinstance(document, dict):
        raise RegenerateError(f"{path.name}: # is not an object")
    return document


def check_spec(path: Path, document: Mapping[str, Any]) -> None:
    """Check a description against OpenAPI 3.0 and against the rules of this project.

    Args:
        path: Where the document came from, for the message.
        document: The description.

    Raises:
        RegenerateError: One line per problem: file, JSON pointer, what is wrong.
    """
    problems = [
        f"{_pointer(*error.absolute_path)} {error.message}"
        for error in OpenAPIV30SpecValidator(dict(document)).iter_errors()
    ]
    if not problems:
        problems = [*_house_rules(document)]
    if problems:
        raise RegenerateError("\n".join(f"{path.name}: {problem}" for problem in problems))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, lower-case method and operation object in document order."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def resolve(document: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Follow a local `$ref`, if the value is one.

    Raises:
        KeyError: The reference points nowhere.
    """
    while "$ref" in value:
        value = at_pointer(document, value["$ref"])
    return value


def at_pointer(document: Mapping[str, Any], pointer: str) -> Any:
    """Return what a local pointer such as `#/components/schemas/Job` names.

    Raises:
        KeyError: The pointer is not local or points nowhere.
    """
    if not pointer.startswith("#/"):
        raise KeyError(pointer)
    value: Any = document
    for part in pointer[2:].split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def _house_rules(document: Mapping[str, Any]) -> Iterator[str]:
    known_tags = {tag["name"] for tag in document.get("tags", [])}
    for path, method, operation in operations(document):
        here = _pointer("paths", path, method)
        for key in ("operationId", "summary", "description"):
            if not operation.get(key):
                yield f"{here} has no {key}"
        if len(operation.get("tags", [])) != 1 or operation["tags"][0] not in known_tags:
            yield f"{here} needs exactly one tag of the list in #/tags"
        if not isinstance(operation.get("x-retry-safe"), bool):
            yield f"{here}/x-retry-safe must be true or false"
        sources = operation.get("x-source")
        if not (isinstance(sources, list) and sources and all(isinstance(s, str) for s in sources)):
            yield f"{here}/x-source must list where the facts come from"
        if "security" not in operation:
            yield f"{here}/security must be stated, be it as an empty list"
        yield from _parameter_rules(document, path, method, operation)
        yield from _reply_rules(document, here, operation)
    yield from _reference_rules(document, document, ())


def _parameter_rules(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> Iterator[str]:
    listed = [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]
    declared = [resolve(document, parameter) for parameter in listed]
    in_path = {parameter["name"] for parameter in declared if parameter["in"] == "path"}
    here = _pointer("paths", path, method)
    if in_path != set(re.findall(r"{(\w+)}", path)):
        yield f"{here} declares the path parameters {sorted(in_path)}"
    for parameter in declared:
        schema = resolve(document, parameter.get("schema", {}))
        bounds = {"maxItems", "maxLength", "maximum", "pattern", "enum"} & schema.keys()
        if not bounds and schema.get("format") != "int64" and schema.get("type") != "boolean":
            yield f"{here} parameter {parameter['name']} has no bounds"


def _reply_rules(
    document: Mapping[str, Any], here: str, operation: Mapping[str, Any]
) -> Iterator[str]:
    statuses = [str(status) for status in operation["responses"]]
    for kind in ("2", "4", "5"):
        if not any(status.startswith(kind) for status in statuses):
            yield f"{here}/responses has no {kind}xx reply"
    for status, reference in operation["responses"].items():
        reply = resolve(document, reference)
        if not str(status).startswith("2"):
            if not isinstance(reply.get("x-codes"), list):
                yield f"{here}/responses/{status} has no x-codes"
            continue
        for media_type, body in reply.get("content", {}).items():
            if not body.keys() & {"example", "examples"}:
                yield f"{here}/responses/{status} ({media_type}) has no example"


def _reference_rules(
    document: Mapping[str, Any], value: object, place: tuple[object, ...]
) -> Iterator[str]:
    if isinstance(value, dict):
        for key in ("x-schema", "x-content-schema"):
            if key in value:
                try:
                    at_pointer(document, value[key])
                except KeyError:
                    yield f"{_pointer(*place)}/{key} points nowhere: {value[key]}"
        for key, inner in value.items():
            yield from _reference_rules(document, inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _reference_rules(document, inner, (*place, index))


def _pointer(*parts: object) -> str:
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "#" + "".join(f"/{part}" for part in escaped)
