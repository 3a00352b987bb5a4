"""An OpenAPI 3.0 document as JSON Schema, with ``nullable``, ``x-schema`` and ``$ref``.

Schemas are identified by their JSON pointer in the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

_URI: Final = "urn:service-description"
_LONGEST_REASON: Final = 220


class Schemas:
    """The schemas of one description.

    Args:
        document: the OpenAPI document; it is not changed.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: dict[str, Any] = as_json_schema(document)
        resource = DRAFT202012.create_resource(self.document)
        self._registry = Registry().with_resource(_URI, resource)
        self._resolver = self._registry.resolver(_URI)
        self._validators: dict[str, Draft202012Validator] = {}

    def resolve(self, node: Any) -> Any:
        """Return the node, or the target of its ``$ref``."""
        while isinstance(node, dict) and "$ref" in node:
            node = self._resolver.lookup(node["$ref"]).contents
        return node

    def problems(self, pointer: str, value: Any) -> Iterator[tuple[str, str]]:
        """Yield the problems of a value.

        Args:
            pointer: JSON pointer of the schema in the document, with ``#``.
            value: decoded JSON.

        Yields:
            JSON pointer into the value, and the reason.
        """
        if pointer not in self._validators:
            schema = {"$ref": _URI + pointer}
            self._validators[pointer] = Draft202012Validator(schema, registry=self._registry)
        for error in self._validators[pointer].iter_errors(value):
            # If no alternative matches, report the nearest one.
            deepest = best_match([error]) or error
            yield join(deepest.absolute_path), _reason(deepest)

    def text_problems(self, pointer: str, text: str) -> Iterator[tuple[str, str]]:
        """Yield the problems of the text of a parameter or header; see :meth:`problems`."""
        kind = self.resolve(self.at(pointer)).get("type")
        yield from self.problems(pointer, _typed(text, kind))

    def at(self, pointer: str) -> Any:
        """Return the value at a JSON pointer of the document."""
        return self._resolver.lookup(_URI + pointer).contents


def join(steps: Any) -> str:
    """Return the JSON pointer with these steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def as_json_schema(node: Any) -> Any:
    """Return a copy with the keywords of OpenAPI translated to JSON Schema."""
    if isinstance(node, list):
        return [as_json_schema(inner) for inner in node]
    if not isinstance(node, Mapping):
        return node
    for reference in ("x-schema", "$ref"):
        # OpenAPI 3.0 ignores the keywords beside a reference.
        if isinstance(node.get(reference), str):
            return {"$ref": node[reference]}
    copy = {key: as_json_schema(value) for key, value in node.items()}
    if copy.get("nullable") is True and isinstance(copy.get("type"), str):
        copy["type"] = [copy["type"], "null"]
        if isinstance(copy.get("enum"), list) and None not in copy["enum"]:
            copy["enum"] = [*copy["enum"], None]
    return copy


def _typed(text: str, kind: Any) -> Any:
    if kind == "integer" and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if kind in ("number", "boolean"):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, bool) is (kind == "boolean") else text
    return text


def _reason(error: ValidationError) -> str:
    reason = str(error.message)
    if len(reason) > _LONGEST_REASON:
        half = _LONGEST_REASON // 2
        reason = f"{reason[:half]} ... {reason[-half:]}"
    return reason
