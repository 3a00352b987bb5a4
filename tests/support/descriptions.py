"""The descriptions in spec/, read once, and helpers to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from openapi_schema_validator import OAS30Validator

ROOT: Final = Path(__file__).resolve().parents[2]
NAMES: Final = ("classic", "platform", "cloud")
DOCUMENTS: Final[dict[str, dict[str, Any]]] = {
    name: yaml.load((ROOT / f"spec/{name}.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    for name in NAMES
}
"""By name; read only."""

Problems = Callable[[Any, Any], list[str]]
"""Returns the problems of a value with a schema, as ``path: message``."""


class Described(NamedTuple):
    """An operation with resolved references and the parameters of its path."""

    name: str
    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}-{self.operation['operationId']}"


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Follow a local ``$ref``, if the value is one."""
    while "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = target
    return value


def examples_of(body: dict[str, Any]) -> list[Any]:
    """Return the examples of a body, from ``example`` and ``examples``."""
    named = [example["value"] for example in body.get("examples", {}).values()]
    return named + ([body["example"]] if "example" in body else [])


def problem_finder(document: dict[str, Any]) -> Problems:
    """Return a function that checks values against schemas of a description and ``x-schema``."""
    components = _followed(document["components"])

    def check(schema: Any, value: Any) -> list[str]:
        validator = OAS30Validator({"allOf": [_followed(schema)], "components": components})
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    return check


def _described(name: str, document: dict[str, Any]) -> list[Described]:
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("parameters", "servers"):
                continue
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            replies = operation["responses"].items()
            merged = {
                **operation,
                "parameters": [resolved(document, parameter) for parameter in parameters],
                "responses": {status: resolved(document, reply) for status, reply in replies},
            }
            found.append(Described(name, method, path, merged))
    return found


def _followed(value: Any) -> Any:
    if isinstance(value, dict):
        if "x-schema" in value:
            return {"$ref": value["x-schema"]}
        return {key: _followed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_followed(inner) for inner in value]
    return value


DESCRIBED: Final = tuple(
    one for name, document in DOCUMENTS.items() for one in _described(name, document)
)
